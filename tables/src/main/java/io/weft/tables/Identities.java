package io.weft.tables;

/** Identities with a fixed meaning; see {@code weft_abi.h}. */
public final class Identities {
    /** In policy keys: whoever. */
    public static final int ANY = 0;

    /** This node. */
    public static final int HOST = 1;

    /** Outside, and in no CIDR block that a policy names. */
    public static final int WORLD = 2;

    /** The first identity that the compiler may give to a set of labels and blocks. */
    public static final int FIRST = 256;

    private Identities() {}
}
