package io.weft.datapath;

/**
 * Where packets to services are looked at when they come in at an uplink. Whatever XDP does not
 * finish, the tc program looks at, so the verdict is the same with each of them.
 */
public enum Xdp {
    /**
     * In the driver when it can; else by tc alone. Of a veth it is always tc: its packets have an
     * sk_buff already, and checksums that are not finished.
     */
    AUTO,
    /** In the driver, before there is an sk_buff; or refuse. */
    NATIVE,
    /** Where the stack begins, which any interface can: for trying out. */
    GENERIC,
    /** By tc alone. */
    OFF
}
