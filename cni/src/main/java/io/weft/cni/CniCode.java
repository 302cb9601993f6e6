package io.weft.cni;

/** Error codes of the CNI specification 1.1.0, "Error". */
public final class CniCode {
    /** The version of the config is none that this plugin speaks, or too old for the verb. */
    public static final int INCOMPATIBLE_VERSION = 1;

    /** A field is well-formed but not supported; the text names key and value. */
    public static final int UNSUPPORTED_FIELD = 2;

    /** The container is unknown: the runtime need not clean up after it. */
    public static final int UNKNOWN_CONTAINER = 3;

    /** An environment variable is missing or wrong; the text names it. */
    public static final int BAD_ENVIRONMENT = 4;

    /** A file, a socket or the kernel failed. */
    public static final int IO = 5;

    /** What came on stdin is not JSON. */
    public static final int BAD_JSON = 6;

    /** The config is JSON, but wrong; the text names each key. */
    public static final int BAD_CONFIG = 7;

    /** CNI_NETNS is the plugin's own namespace; in libcni, not in the specification's table. */
    public static final int BAD_NETNS = 8;

    /** A passing state: the runtime should try again later. */
    public static final int TRY_AGAIN = 11;

    /** STATUS: no ADD can be served. */
    public static final int UNAVAILABLE = 50;

    /** STATUS: no ADD can be served, and existing attachments have limited connectivity. */
    public static final int LIMITED = 51;

    /** The first of the plugin's own. */
    public static final int OWN = 100;

    /** ADD: the interface, or this attachment, is already there. */
    public static final int EXISTS = 101;

    /** CHECK: something is not as ADD left it. */
    public static final int NOT_AS_ADDED = 102;

    /** ADD: no address is left, or the requested one is taken. */
    public static final int NO_ADDRESS = 103;

    /** A bug, as in libcni's skeleton. */
    public static final int INTERNAL = 999;

    private CniCode() {}
}
