package io.weft.netlink;

import io.weft.kernel.Linux;

/** Address families of rtnetlink headers. */
final class Family {
    static final int UNSPEC = 0;
    static final int BRIDGE = 7;
    static final int V4 = Linux.AF_INET;
    static final int V6 = Linux.AF_INET6;

    private Family() {}
}
