package io.weft.netlink;

/**
 * The attributes in use, under their kernel names (include/uapi/linux/if_link.h, if_addr.h,
 * rtnetlink.h, net_namespace.h, neighbour.h, fib_rules.h, pkt_cls.h, pkt_sched.h, inet_diag.h).
 * Types are unique only within one message or nest.
 */
enum Attr {
    // nlmsgerr_attrs
    NLMSGERR_ATTR_MSG(1),
    NLMSGERR_ATTR_OFFS(2),
    NLMSGERR_ATTR_MISS_TYPE(5),

    // RTM_*NSID
    NETNSA_NSID(1),
    NETNSA_FD(3),

    // RTM_*LINK
    IFLA_ADDRESS(1),
    IFLA_IFNAME(3),
    IFLA_MTU(4),
    IFLA_LINK(5),
    IFLA_MASTER(10),
    IFLA_OPERSTATE(16),
    IFLA_LINKINFO(18),
    IFLA_IFALIAS(20),
    IFLA_AF_SPEC(26),
    IFLA_GROUP(27),
    IFLA_NET_NS_FD(28),
    IFLA_EXT_MASK(29),
    IFLA_NUM_TX_QUEUES(31),
    IFLA_NUM_RX_QUEUES(32),
    IFLA_LINK_NETNSID(37),
    IFLA_INFO_KIND(1),
    IFLA_INFO_DATA(2),
    VETH_INFO_PEER(1),
    IFLA_AF_SPEC_INET6(10),
    IFLA_INET6_ADDR_GEN_MODE(8),
    IFLA_BR_AGEING_TIME(4),
    IFLA_MACVLAN_MODE(1),
    IFLA_IPVLAN_MODE(1),
    IFLA_VXLAN_ID(1),
    IFLA_VXLAN_GROUP(2),
    IFLA_VXLAN_LINK(3),
    IFLA_VXLAN_LOCAL(4),
    IFLA_VXLAN_LEARNING(7),
    IFLA_VXLAN_PORT(15),
    IFLA_VXLAN_GROUP6(16),
    IFLA_VXLAN_LOCAL6(17),
    IFLA_VXLAN_COLLECT_METADATA(25),

    // RTM_*ADDR
    IFA_ADDRESS(1),
    IFA_LOCAL(2),
    IFA_BROADCAST(4),
    IFA_FLAGS(8),

    // RTM_*ROUTE
    RTA_DST(1),
    RTA_OIF(4),
    RTA_GATEWAY(5),
    RTA_PRIORITY(6),
    RTA_PREFSRC(7),
    RTA_METRICS(8),
    RTA_MULTIPATH(9),
    RTA_TABLE(15),
    RTA_VIA(18),
    RTAX_MTU(2),
    RTAX_ADVMSS(8),

    // RTM_*NEIGH
    NDA_DST(1),
    NDA_LLADDR(2),

    // RTM_*RULE
    FRA_DST(1),
    FRA_SRC(2),
    FRA_IIFNAME(3),
    FRA_PRIORITY(6),
    FRA_FWMARK(10),
    FRA_SUPPRESS_PREFIXLEN(14),
    FRA_TABLE(15),
    FRA_FWMASK(16),
    FRA_OIFNAME(17),

    // RTM_*QDISC, RTM_*TCLASS, RTM_*TFILTER
    TCA_KIND(1),
    TCA_OPTIONS(2),
    TCA_STATS2(7),
    TCA_STATS_BASIC(1),
    TCA_STATS_QUEUE(3),
    TCA_TBF_PARMS(1),
    TCA_TBF_RATE64(4),
    TCA_TBF_BURST(6),
    TCA_HTB_PARMS(1),
    TCA_HTB_INIT(2),
    TCA_HTB_RATE64(6),
    TCA_HTB_CEIL64(7),
    TCA_BPF_FD(6),
    TCA_BPF_NAME(7),
    TCA_BPF_FLAGS(8),
    TCA_BPF_TAG(10),
    TCA_BPF_ID(11),

    // SOCK_DIAG_BY_FAMILY
    INET_DIAG_REQ_BYTECODE(1),
    INET_DIAG_REQ_PROTOCOL(3);

    private final int type;

    Attr(int type) {
        this.type = type;
    }

    /** {@return nla_type without the flag bits} */
    int type() {
        return type;
    }
}
