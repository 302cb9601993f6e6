package io.weft.lab;

import io.weft.bpf.BpfLink.XdpMode;
import io.weft.kernel.NetNs;
import io.weft.netlink.Address;
import io.weft.netlink.BpfFilter.Direction;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Packets dropped at each place where Linux can drop them: one rule, the same packets, one
 * processor. A place that is found not to drop them is an error.
 */
final class DropRate {
    static final int PORT = 9_999;
    private static final int CHECKED = 1_000;

    /** Where packets are dropped: how it is put in force at the receiving end. */
    private record Place(String subject, String name, BiFunction<NetNs, NetNs, Opened> arm) {}

    private static final List<Place> PLACES =
            List.of(
                    new Place(
                            "send", "at the sender's own interface", (client, _) -> steal(client)),
                    new Place(
                            "xdp",
                            "XDP, native in veth",
                            (_, server) -> xdp(server, XdpMode.NATIVE)),
                    new Place(
                            "xdp-generic",
                            "XDP, generic",
                            (_, server) -> xdp(server, XdpMode.GENERIC)),
                    new Place("tc", "tc clsact, eBPF", (_, server) -> tc(server)),
                    new Place(
                            "nftables",
                            "nftables, ingress of the device",
                            (_, server) ->
                                    rules(
                                            server,
                                            "nft add table netdev lab",
                                            "nft add chain netdev lab in { type filter hook ingress device"
                                                    + " eth0 priority 0 ; }",
                                            "nft add rule netdev lab in udp dport 9999 drop")),
                    new Place(
                            "nftables-raw",
                            "nftables, prerouting raw",
                            (_, server) ->
                                    rules(
                                            server,
                                            "nft add table ip lab",
                                            "nft add chain ip lab in { type filter hook prerouting"
                                                    + " priority -300 ; }",
                                            "nft add rule ip lab in udp dport 9999 drop")),
                    new Place(
                            "iptables-raw",
                            "iptables, raw PREROUTING",
                            (_, server) ->
                                    rules(
                                            server,
                                            "iptables -w -t raw -A PREROUTING -p udp --dport 9999 -j"
                                                    + " DROP")),
                    new Place(
                            "iptables",
                            "iptables, INPUT with conntrack",
                            (_, server) ->
                                    rules(
                                            server,
                                            "iptables -w -A INPUT -m conntrack --ctstate"
                                                    + " RELATED,ESTABLISHED -j ACCEPT",
                                            "iptables -w -A INPUT -p udp --dport 9999 -j DROP")));

    private static final class Measured {
        final Place place;
        final PeerProcess flood;
        final List<Double> nanos = new ArrayList<>();

        Measured(Place place, PeerProcess flood) {
            this.place = place;
            this.flood = flood;
        }
    }

    private DropRate() {}

    static Report.Table measure(Run run, Findings findings, List<String> notes) {
        int repetitions = run.pick(3, 11);
        int packets = run.pick(20_000, 150_000);
        try (Opened opened = new Opened()) {
            List<Measured> places = new ArrayList<>();
            for (Place place : PLACES) {
                run.say("drop: " + place.name());
                arm(opened, place, notes, findings).ifPresent(places::add);
            }
            for (int i = -1; i < repetitions; i++) {
                run.step(Math.max(i, 0), repetitions * 2, "drop: repetition " + (i + 1));
                for (int j = 0; j < places.size(); j++) {
                    Measured one = places.get(Math.floorMod(i + j, places.size()));
                    double nanos = Flood.send(one.flood, packets);
                    if (i >= 0) {
                        one.nanos.add(nanos);
                    }
                }
            }
            return table(run, places, findings);
        }
    }

    private static Optional<Measured> arm(
            Opened opened, Place place, List<String> notes, Findings findings) {
        Topology wire = opened.add(Topology.bareVeth());
        UdpFrames.Route route =
                UdpFrames.route(
                        wire.client(),
                        "eth0",
                        Address.parse(Topology.ON_ONE_NET_CLIENT),
                        wire.server(),
                        "eth0",
                        Address.parse(Topology.ON_ONE_NET_SERVER));
        PeerProcess flood = opened.add(Flood.start(wire.client(), route, PORT));
        check(wire.server(), flood, place.name() + ", before it is in force", CHECKED);
        try {
            opened.add(place.arm().apply(wire.client(), wire.server()));
        } catch (RuntimeException e) {
            notes.add("not measured: " + place.name() + ": " + e.getMessage());
            findings.notMeasured(place.subject() + ".drop-rate", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
        check(wire.server(), flood, place.name(), 0);
        return Optional.of(new Measured(place, flood));
    }

    /** Sends some and counts those that arrive. */
    private static void check(NetNs server, PeerProcess flood, String what, long arriving) {
        long before = Counters.udpArrived(server);
        Flood.send(flood, CHECKED - 1); // and one before it counts
        long arrived = Counters.udpArrived(server) - before;
        if (arrived != arriving) {
            throw new IllegalStateException(
                    "%s: %d of %d packets arrived, not %d"
                            .formatted(what, arrived, CHECKED, arriving));
        }
    }

    private static Opened steal(NetNs client) {
        Opened opened = new Opened();
        opened.add(LabPrograms.load(PORT, 0))
                .clsact(client, "eth0", "lab_tc_steal", Direction.EGRESS);
        return opened;
    }

    private static Opened xdp(NetNs server, XdpMode mode) {
        Opened opened = new Opened();
        opened.add(LabPrograms.load(PORT, 0)).xdp(server, "eth0", "lab_xdp_drop", mode);
        return opened;
    }

    private static Opened tc(NetNs server) {
        Opened opened = new Opened();
        opened.add(LabPrograms.load(PORT, 0))
                .clsact(server, "eth0", "lab_tc_drop", Direction.INGRESS);
        return opened;
    }

    private static Opened rules(NetNs server, String... commands) {
        for (String command : commands) {
            Commands.run(server, command);
        }
        return new Opened();
    }

    private static Report.Table table(Run run, List<Measured> places, Findings findings) {
        Measured floor = places.getFirst();
        List<List<String>> rows = new ArrayList<>();
        for (Measured one : places) {
            List<Double> own = new ArrayList<>();
            for (int i = 0; i < one.nanos.size(); i++) {
                own.add(one.nanos.get(i) - floor.nanos.get(i));
            }
            boolean first = one == floor;
            String subject = one.place.subject();
            if (!first) {
                double megahertz = run.machine().megahertz();
                findings.add(subject + ".verdict", "us", scaled(own, 1e-3));
                findings.add(subject + ".cycles", "cycles/packet", scaled(own, megahertz / 1e3));
                findings.add(
                        subject + ".drop-rate", "Mpps", own.stream().map(n -> 1e3 / n).toList());
                if (!subject.equals("xdp")) {
                    List<Double> xdp = new ArrayList<>();
                    Measured best = places.get(1);
                    for (int i = 0; i < best.nanos.size(); i++) {
                        xdp.add(best.nanos.get(i) - floor.nanos.get(i));
                    }
                    findings.compare("xdp.cycles", subject + ".cycles", xdp, own);
                }
            }
            rows.add(
                    List.of(
                            one.place.name(),
                            Statistics.spread(one.nanos),
                            first ? "-" : Statistics.spread(own),
                            first
                                    ? "-"
                                    : String.format(
                                            Locale.ROOT,
                                            "%.2f",
                                            1e3 / Statistics.of(own).median())));
        }
        return new Report.Table(
                "drop: packets of 60 bytes on one processor, and where they end",
                List.of("where", "ns/packet with sending", "ns of the receiver's side", "Mpps"),
                rows);
    }

    private static List<Double> scaled(List<Double> values, double factor) {
        return values.stream().map(v -> v * factor).toList();
    }
}
