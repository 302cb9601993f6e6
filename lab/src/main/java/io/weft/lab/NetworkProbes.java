package io.weft.lab;

import io.weft.kernel.Errno;
import io.weft.kernel.NetNs;
import io.weft.netlink.Netlink;
import io.weft.netlink.NetlinkException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Kinds of interface, queueing disciplines, filters, connection tracking. */
final class NetworkProbes {
    private static final String LINKS = "interfaces";
    private static final String QDISCS = "traffic control";
    private static final String FILTERS = "filters";

    /** Kind, and the option of the kernel's configuration that brings it. */
    private static final Map<String, String> KINDS =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry("veth", "CONFIG_VETH"),
                            Map.entry("bridge", "CONFIG_BRIDGE"),
                            Map.entry("macvlan", "CONFIG_MACVLAN"),
                            Map.entry("macvtap", "CONFIG_MACVTAP"),
                            Map.entry("ipvlan", "CONFIG_IPVLAN"),
                            Map.entry("vxlan", "CONFIG_VXLAN"),
                            Map.entry("geneve", "CONFIG_GENEVE"),
                            Map.entry("vrf", "CONFIG_NET_VRF"),
                            Map.entry("vlan", "CONFIG_VLAN_8021Q"),
                            Map.entry("wireguard", "CONFIG_WIREGUARD"),
                            Map.entry("netkit", "CONFIG_NETKIT"),
                            Map.entry("dummy", "CONFIG_DUMMY"),
                            Map.entry("ifb", "CONFIG_IFB")));

    private static final Map<String, String> MODULES = Map.of("vlan", "8021q");

    private static final Map<String, String> QDISC_KINDS =
            new TreeMap<>(
                    Map.of(
                            "fq", "CONFIG_NET_SCH_FQ",
                            "fq_codel", "CONFIG_NET_SCH_FQ_CODEL",
                            "cake", "CONFIG_NET_SCH_CAKE",
                            "htb", "CONFIG_NET_SCH_HTB",
                            "tbf", "CONFIG_NET_SCH_TBF",
                            "netem", "CONFIG_NET_SCH_NETEM",
                            "sfq", "CONFIG_NET_SCH_SFQ"));

    private NetworkProbes() {}

    static void addTo(List<MachineReport.Item> items) {
        try (Topology veth = Topology.bareVeth()) {
            NetNs scratch = veth.client();
            KINDS.forEach((kind, option) -> {
                Optional<String> missing = LinkKinds.missing(scratch, kind);
                items.add(
                        new MachineReport.Item(
                                LINKS,
                                kind,
                                missing.isEmpty()
                                        ? MachineReport.State.YES
                                        : MachineReport.State.NO,
                                missing.orElse(""),
                                missing.isEmpty()
                                        ? Optional.empty()
                                        : KernelModules.enable(
                                                MODULES.getOrDefault(kind, kind), option)));
            });
            items.add(
                    MachineReport.item(
                            LINKS,
                            "tap",
                            Files.exists(Path.of("/dev/net/tun")),
                            "/dev/net/tun",
                            "modprobe tun"));
            QDISC_KINDS.forEach((kind, option) -> items.add(qdisc(scratch, kind, option)));
            filters(items, scratch);
        }
    }

    private static MachineReport.Item qdisc(NetNs scratch, String kind, String option) {
        return MachineReport.attempt(
                QDISCS,
                kind,
                KernelModules.enable("sch_" + kind, option),
                () -> {
                    int link = LabPrograms.index(scratch, "eth0");
                    try (Netlink netlink = Netlink.open(scratch)) {
                        netlink.traffic().addQdisc(link, kind);
                        netlink.traffic().deleteRoot(link);
                    } catch (NetlinkException e) {
                        if (!e.is(Errno.EINVAL)) { // EINVAL: it wants options, so it is there
                            throw e;
                        }
                    }
                    return "";
                });
    }

    private static void filters(List<MachineReport.Item> items, NetNs scratch) {
        items.add(
                MachineReport.attempt(
                        FILTERS,
                        "conntrack",
                        KernelModules.enable("nf_conntrack", "CONFIG_NF_CONNTRACK"),
                        () -> "room for " + Counters.trackedAtMost(scratch) + " connections"));
        tool(items, scratch, "nftables", "nft", "nft list tables", "nftables");
        tool(items, scratch, "iptables", "iptables", "iptables -w -S", "iptables");
        items.add(
                MachineReport.item(
                        FILTERS,
                        "IPVS",
                        Files.exists(Path.of("/proc/net/ip_vs")),
                        "/proc/net/ip_vs",
                        KernelModules.enable("ip_vs", "CONFIG_IP_VS").orElse("")));
    }

    private static void tool(
            List<MachineReport.Item> items,
            NetNs scratch,
            String name,
            String program,
            String command,
            String debian) {
        if (!Commands.isInstalled(program)) {
            items.add(
                    MachineReport.unknown(
                            FILTERS,
                            name,
                            program + " is not installed",
                            "apt-get install " + debian));
            return;
        }
        items.add(
                MachineReport.attempt(
                        FILTERS,
                        name,
                        KernelModules.enable("nf_tables", "CONFIG_NF_TABLES"),
                        () -> {
                            Commands.run(scratch, command);
                            return Commands.run(scratch, program + " --version")
                                    .lines()
                                    .findFirst()
                                    .orElse("");
                        }));
    }
}
