package io.weft.bpf;

import java.util.List;
import java.util.Optional;

/** What the name of an ELF section says about its programs: the convention of libbpf. */
final class SectionNames {
    record Meaning(String prefix, ProgramType type, Optional<AttachType> attachType) {}

    static final Meaning UNKNOWN = new Meaning("", ProgramType.UNSPECIFIED, Optional.empty());

    private static final List<Meaning> ALL =
            List.of(
                    of("socket", ProgramType.SOCKET_FILTER),
                    of("sk_reuseport", ProgramType.SK_REUSEPORT, AttachType.SK_REUSEPORT_SELECT),
                    of("tcx/ingress", ProgramType.SCHED_CLS, AttachType.TCX_INGRESS),
                    of("tcx/egress", ProgramType.SCHED_CLS, AttachType.TCX_EGRESS),
                    of("tc", ProgramType.SCHED_CLS),
                    of("classifier", ProgramType.SCHED_CLS),
                    of("action", ProgramType.SCHED_ACT),
                    of("xdp.devmap", ProgramType.XDP, AttachType.XDP_DEVMAP),
                    of("xdp/devmap", ProgramType.XDP, AttachType.XDP_DEVMAP),
                    of("xdp.cpumap", ProgramType.XDP, AttachType.XDP_CPUMAP),
                    of("xdp/cpumap", ProgramType.XDP, AttachType.XDP_CPUMAP),
                    of("xdp", ProgramType.XDP, AttachType.XDP),
                    of("lwt_in", ProgramType.LWT_IN),
                    of("lwt_out", ProgramType.LWT_OUT),
                    of("lwt_xmit", ProgramType.LWT_XMIT),
                    of("lwt_seg6local", ProgramType.LWT_SEG6LOCAL),
                    of("sockops", ProgramType.SOCK_OPS, AttachType.CGROUP_SOCK_OPS),
                    of("sk_skb/stream_parser", ProgramType.SK_SKB, AttachType.SK_SKB_STREAM_PARSER),
                    of(
                            "sk_skb/stream_verdict",
                            ProgramType.SK_SKB,
                            AttachType.SK_SKB_STREAM_VERDICT),
                    of("sk_skb/verdict", ProgramType.SK_SKB, AttachType.SK_SKB_VERDICT),
                    of("sk_skb", ProgramType.SK_SKB),
                    of("sk_msg", ProgramType.SK_MSG, AttachType.SK_MSG_VERDICT),
                    of("sk_lookup", ProgramType.SK_LOOKUP, AttachType.SK_LOOKUP),
                    of("flow_dissector", ProgramType.FLOW_DISSECTOR, AttachType.FLOW_DISSECTOR),
                    of("syscall", ProgramType.SYSCALL),
                    of("netfilter", ProgramType.NETFILTER, AttachType.NETFILTER),
                    of(
                            "cgroup_skb/ingress",
                            ProgramType.CGROUP_SKB,
                            AttachType.CGROUP_INET_INGRESS),
                    of("cgroup_skb/egress", ProgramType.CGROUP_SKB, AttachType.CGROUP_INET_EGRESS),
                    of("cgroup/skb", ProgramType.CGROUP_SKB),
                    of("cgroup/dev", ProgramType.CGROUP_DEVICE, AttachType.CGROUP_DEVICE),
                    of("cgroup/sysctl", ProgramType.CGROUP_SYSCTL, AttachType.CGROUP_SYSCTL),
                    of(
                            "cgroup/getsockopt",
                            ProgramType.CGROUP_SOCKOPT,
                            AttachType.CGROUP_GETSOCKOPT),
                    of(
                            "cgroup/setsockopt",
                            ProgramType.CGROUP_SOCKOPT,
                            AttachType.CGROUP_SETSOCKOPT),
                    socket("cgroup/sock_create", AttachType.CGROUP_INET_SOCK_CREATE),
                    socket("cgroup/sock_release", AttachType.CGROUP_INET_SOCK_RELEASE),
                    socket("cgroup/post_bind4", AttachType.CGROUP_INET4_POST_BIND),
                    socket("cgroup/post_bind6", AttachType.CGROUP_INET6_POST_BIND),
                    address("cgroup/bind4", AttachType.CGROUP_INET4_BIND),
                    address("cgroup/bind6", AttachType.CGROUP_INET6_BIND),
                    address("cgroup/connect4", AttachType.CGROUP_INET4_CONNECT),
                    address("cgroup/connect6", AttachType.CGROUP_INET6_CONNECT),
                    address("cgroup/sendmsg4", AttachType.CGROUP_UDP4_SENDMSG),
                    address("cgroup/sendmsg6", AttachType.CGROUP_UDP6_SENDMSG),
                    address("cgroup/recvmsg4", AttachType.CGROUP_UDP4_RECVMSG),
                    address("cgroup/recvmsg6", AttachType.CGROUP_UDP6_RECVMSG),
                    address("cgroup/getpeername4", AttachType.CGROUP_INET4_GETPEERNAME),
                    address("cgroup/getpeername6", AttachType.CGROUP_INET6_GETPEERNAME),
                    address("cgroup/getsockname4", AttachType.CGROUP_INET4_GETSOCKNAME),
                    address("cgroup/getsockname6", AttachType.CGROUP_INET6_GETSOCKNAME),
                    socket("cgroup/sock", AttachType.CGROUP_INET_SOCK_CREATE));

    private SectionNames() {}

    /** {@return what the section means: its name is a known one, or one followed by / or .} */
    static Meaning of(String section) {
        for (Meaning meaning : ALL) {
            String prefix = meaning.prefix();
            if (section.startsWith(prefix)
                    && (section.length() == prefix.length()
                            || section.charAt(prefix.length()) == '/'
                            || section.charAt(prefix.length()) == '.')) {
                return meaning;
            }
        }
        return UNKNOWN;
    }

    private static Meaning of(String prefix, ProgramType type) {
        return new Meaning(prefix, type, Optional.empty());
    }

    private static Meaning of(String prefix, ProgramType type, AttachType attachType) {
        return new Meaning(prefix, type, Optional.of(attachType));
    }

    private static Meaning socket(String prefix, AttachType attachType) {
        return of(prefix, ProgramType.CGROUP_SOCK, attachType);
    }

    private static Meaning address(String prefix, AttachType attachType) {
        return of(prefix, ProgramType.CGROUP_SOCK_ADDR, attachType);
    }
}
