package io.weft.lab;

import io.weft.bpf.BpfLink.XdpMode;
import io.weft.kernel.NetNs;
import io.weft.netlink.Address;
import io.weft.netlink.Netlink;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;

/**
 * Packets forwarded from one interface to another: by XDP, by the stack's routing, and by that with
 * rules. What arrives is dropped by XDP at the far end in all of them, and counted there.
 */
final class ForwardRate {
    /** How a router forwards; told the router and where to keep what must be closed. */
    private record Way(String subject, String name, BiConsumer<NetNs, Opened> arm) {}

    private static final List<Way> WAYS =
            List.of(
                    new Way("xdp", "XDP redirect", ForwardRate::redirect),
                    new Way("routing", "routing, no rule", (_, _) -> {}),
                    new Way(
                            "nftables",
                            "routing + nftables, conntrack",
                            (router, _) -> {
                                Commands.run(router, "nft add table ip lab");
                                Commands.run(
                                        router,
                                        "nft add chain ip lab fw { type filter hook forward priority 0"
                                                + " ; policy drop ; }");
                                Commands.run(
                                        router,
                                        "nft add rule ip lab fw ct state established,related accept");
                                Commands.run(
                                        router, "nft add rule ip lab fw udp dport 9999 accept");
                            }),
                    new Way(
                            "iptables",
                            "routing + iptables, conntrack",
                            (router, _) -> {
                                Commands.run(router, "iptables -w -P FORWARD DROP");
                                Commands.run(
                                        router,
                                        "iptables -w -A FORWARD -m conntrack --ctstate"
                                                + " RELATED,ESTABLISHED -j ACCEPT");
                                Commands.run(
                                        router,
                                        "iptables -w -A FORWARD -p udp --dport 9999 -j ACCEPT");
                            }));

    private static final class Measured {
        final Way way;
        final NetNs sink;
        final PeerProcess flood;
        final List<Double> nanos = new ArrayList<>();
        double share = 1;

        Measured(Way way, NetNs sink, PeerProcess flood) {
            this.way = way;
            this.sink = sink;
            this.flood = flood;
        }

        void send(int packets, boolean counts) {
            long before = Counters.received(sink, "eth0");
            double each = Flood.send(flood, packets);
            long arrived = Counters.received(sink, "eth0") - before;
            share = Math.min(share, arrived / (packets + 1.0));
            if (counts) {
                nanos.add(each);
            }
        }
    }

    private ForwardRate() {}

    static Report.Table measure(Run run, Findings findings, List<String> notes) {
        int repetitions = run.pick(3, 11);
        int packets = run.pick(20_000, 150_000);
        try (Opened opened = new Opened()) {
            List<Measured> ways = new ArrayList<>();
            for (Way way : WAYS) {
                run.say("forward: " + way.name());
                try {
                    ways.add(arm(opened, way));
                } catch (Commands.ToolException e) {
                    notes.add("not measured: " + way.name() + ": " + e.getMessage());
                    findings.notMeasured(
                            way.subject() + ".forward-rate", String.valueOf(e.getMessage()));
                }
            }
            for (int i = -1; i < repetitions; i++) {
                run.step(
                        repetitions + Math.max(i, 0),
                        repetitions * 2,
                        "forward: repetition " + (i + 1));
                for (int j = 0; j < ways.size(); j++) {
                    ways.get(Math.floorMod(i + j, ways.size())).send(packets, i >= 0);
                }
            }
            return table(ways, findings);
        }
    }

    private static Measured arm(Opened opened, Way way) {
        NetNs client = opened.add(NetNs.createAnonymous());
        NetNs sink = opened.add(NetNs.createAnonymous());
        NetNs router = opened.add(NetNs.createAnonymous());
        Topology.forward(router);
        Topology.wire(router, client, 1);
        Topology.wire(router, sink, 2);
        Commands.run(sink, "ip neigh replace 10.78.2.1 lladdr 02:00:00:00:00:01 dev eth0");
        try (Netlink there = Netlink.open(sink)) {
            String mac = there.links().require("eth0").mac().orElseThrow().toString();
            Commands.run(router, "ip neigh replace 10.78.2.2 lladdr " + mac + " dev p2");
        }
        opened.add(LabPrograms.load(DropRate.PORT, 0))
                .xdp(sink, "eth0", "lab_xdp_drop", XdpMode.NATIVE);
        way.arm().accept(router, opened);
        UdpFrames.Route route =
                UdpFrames.route(
                        client,
                        "eth0",
                        Address.parse("10.78.1.2"),
                        router,
                        "p1",
                        Address.parse("10.78.2.2"));
        return new Measured(way, sink, opened.add(Flood.start(client, route, DropRate.PORT)));
    }

    private static void redirect(NetNs router, Opened opened) {
        opened.add(LabPrograms.load(DropRate.PORT, LabPrograms.index(router, "p2")))
                .xdp(router, "p1", "lab_xdp_redirect", XdpMode.NATIVE);
    }

    private static Report.Table table(List<Measured> ways, Findings findings) {
        List<List<String>> rows = new ArrayList<>();
        for (Measured one : ways) {
            boolean whole = one.share > 0.999;
            if (whole) {
                findings.add(
                        one.way.subject() + ".forward-rate",
                        "Mpps",
                        one.nanos.stream().map(n -> 1e3 / n).toList());
            } else {
                findings.notMeasured(
                        one.way.subject() + ".forward-rate",
                        String.format(Locale.ROOT, "only %.1f %% arrived", one.share * 100));
            }
            rows.add(
                    List.of(
                            one.way.name(),
                            Statistics.spread(one.nanos),
                            String.format(
                                    Locale.ROOT, "%.2f", 1e3 / Statistics.of(one.nanos).median()),
                            String.format(Locale.ROOT, "%.2f %%", one.share * 100)));
            if (one != ways.getFirst() && whole) {
                findings.compare(
                        "xdp.forward",
                        one.way.subject() + ".forward",
                        ways.getFirst().nanos,
                        one.nanos);
            }
        }
        return new Report.Table(
                "forward: from one interface to another, sending included",
                List.of("way", "ns/packet", "Mpps", "arrived, least"),
                rows);
    }
}
