package io.weft.netlink;

/** How far an address or route reaches; rt_scope_t in rtnetlink.h. Other numbers are allowed. */
public final class Scope {
    public static final int UNIVERSE = 0;
    public static final int SITE = 200;

    /** On this link only. */
    public static final int LINK = 253;

    /** On this host only. */
    public static final int HOST = 254;

    public static final int NOWHERE = 255;

    private Scope() {}
}
