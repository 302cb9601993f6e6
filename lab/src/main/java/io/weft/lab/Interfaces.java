package io.weft.lab;

import io.weft.kernel.Errno;
import io.weft.netlink.NetlinkException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** The kinds of interface that a workload may have, side by side. */
public final class Interfaces implements Experiment {
    private static final int PACKETS_PER_TRIP = 2; // acknowledgements ride on them
    private static final List<Kind> KINDS =
            List.of(
                    new Kind("veth", Topology::bareVeth),
                    new Kind("weft", WeftPath::create),
                    new Kind("host", InterfaceKinds::host),
                    new Kind("bridge", Topology::bridge),
                    new Kind("bridge-iptables", Topology::bridgeWithDockerRules),
                    new Kind("macvlan", InterfaceKinds::macvlan),
                    new Kind("ipvlan", InterfaceKinds::ipvlan),
                    new Kind("vxlan", InterfaceKinds::vxlan),
                    new Kind("tap", InterfaceKinds::tap));

    private record Kind(String subject, Supplier<MeasuredPath> make) {}

    /** One path; microseconds, Gbit/s, nanoseconds of processor time. */
    private static final class Measured {
        final String subject;
        final String name;
        final PeerProcess client;
        final List<Double> roundTrip = new ArrayList<>();
        final List<Double> goodput = new ArrayList<>();
        final List<Double> cpuPerPacket = new ArrayList<>();

        Measured(String subject, String name, PeerProcess client) {
            this.subject = subject;
            this.name = name;
            this.client = client;
        }
    }

    @Override
    public String name() {
        return "interfaces";
    }

    @Override
    public String question() {
        return "What does each kind of interface cost: latency, throughput, processor time?";
    }

    @Override
    public String method() {
        return "All paths made at once; one-byte TCP round trips and bulk over each in turn, client and"
                + " server pinned to one processor in real time; processor time of the whole machine"
                + " from /proc/stat while round trips run; medians, and ratios within a repetition.";
    }

    @Override
    public List<String> tables() {
        return List.of("4.3", "5.3", "6.5", "7.3", "8", "9.2", "9.4");
    }

    @Override
    public int usualSeconds(boolean quick) {
        return quick ? 20 : 130;
    }

    @Override
    public Report run(Run run) {
        int repetitions = run.pick(3, 11);
        int trips = run.pick(4_000, 50_000);
        long bytes = run.pick(100_000_000, 500_000_000);
        Findings findings = new Findings();
        List<String> notes = new ArrayList<>();
        unavailable(findings, notes);
        try (Opened opened = new Opened()) {
            List<Measured> paths = make(opened, run, findings, notes);
            run.say("warming up");
            for (Measured path : paths) {
                path.client.ask("rr " + trips);
                path.client.ask("goodput " + bytes / 8);
            }
            for (int i = 0; i < repetitions; i++) {
                run.repetition(i, repetitions);
                for (int j = 0; j < paths.size(); j++) {
                    measure(paths.get((i + j) % paths.size()), trips, bytes);
                }
            }
            notes.add(
                    repetitions
                            + " repetitions in turn, median [min-max] of their medians; client and"
                            + " server pinned to processor "
                            + PodToPod.CPU
                            + ": a round trip is the whole processor time of both ends and the path;"
                            + " goodput likewise, of one processor that sends and receives");
            notes.add(
                    "host network: loopback of a namespace of its own; macvlan: bridge mode over a veth"
                            + " pair that stands for a card; tap: two taps whose frames a small process"
                            + " copies, as a hypervisor without vhost does, without segment offload;"
                            + " VXLAN: two hosts, a bridge on each");
            return report(run, paths, findings, notes);
        }
    }

    private static List<Measured> make(
            Opened opened, Run run, Findings findings, List<String> notes) {
        List<Measured> paths = new ArrayList<>();
        for (Kind kind : KINDS) {
            try {
                MeasuredPath path = opened.add(kind.make.get());
                run.say("set up " + path.name());
                PeerProcess client = PeerProcess.client(opened, path);
                paths.add(new Measured(kind.subject, path.name(), client));
            } catch (Commands.ToolException | NetlinkException e) {
                if (e instanceof NetlinkException n && !n.is(Errno.EOPNOTSUPP)) {
                    throw e;
                }
                findings.notMeasured(kind.subject, String.valueOf(e.getMessage()));
                notes.add("not measured: " + e.getMessage());
            }
        }
        return paths;
    }

    /** What this machine does not have. */
    private static void unavailable(Findings findings, List<String> notes) {
        String functions = Cards.virtualFunctions();
        findings.notMeasured("sriov", functions);
        notes.add("not measured: SR-IOV: " + functions);
        findings.notMeasured(
                "pod.nat-cost",
                "pods are reached without NAT: there is nothing to take the cost of");
        findings.notMeasured("dpu", "no DPU is known to this machine");
    }

    private static void measure(Measured path, int trips, long bytes) {
        Processors.Times before = Processors.now();
        path.roundTrip.add(path.client.askFirst("rr " + trips) / 1e3);
        double busy = Processors.now().since(before).busy();
        path.cpuPerPacket.add(busy * 1e9 / trips / PACKETS_PER_TRIP);
        path.goodput.add(path.client.askFirst("goodput " + bytes) / 1e9);
    }

    private Report report(Run run, List<Measured> paths, Findings findings, List<String> notes) {
        Map<String, Measured> bySubject = new LinkedHashMap<>();
        Measured floor = paths.getFirst();
        List<List<String>> rows = new ArrayList<>();
        double megahertz = run.machine().megahertz();
        for (Measured path : paths) {
            String subject = path.subject;
            bySubject.put(subject, path);
            findings.add(subject + ".rtt", "us", path.roundTrip);
            findings.add(subject + ".latency", "ms", scaled(path.roundTrip, 1e-3));
            findings.add(subject + ".goodput", "Gbps", path.goodput);
            findings.add(subject + ".cpu-per-packet", "ns", path.cpuPerPacket);
            findings.add(
                    subject + ".cycles",
                    "cycles/packet",
                    scaled(path.cpuPerPacket, megahertz / 1e3));
            rows.add(
                    List.of(
                            path.name,
                            Statistics.spread(path.roundTrip),
                            ratio(path.roundTrip, floor.roundTrip),
                            Statistics.spread(path.goodput),
                            ratio(path.goodput, floor.goodput),
                            Statistics.spread(path.cpuPerPacket)));
        }
        compare(findings, bySubject, "weft", "veth");
        compare(findings, bySubject, "weft", "bridge");
        compare(findings, bySubject, "weft", "bridge-iptables");
        compare(findings, bySubject, "macvlan", "bridge");
        compare(findings, bySubject, "vxlan", "bridge");
        compare(findings, bySubject, "tap", "veth");
        return new Report(
                name(),
                run.machine().describe(),
                List.of(
                        "path",
                        "1-byte round trip us",
                        "x veth",
                        "goodput Gbit/s",
                        "x veth",
                        "CPU ns/packet"),
                rows,
                List.of(),
                notes,
                findings);
    }

    private static void compare(
            Findings findings, Map<String, Measured> paths, String a, String b) {
        Measured one = paths.get(a);
        Measured other = paths.get(b);
        if (one != null && other != null) {
            findings.compare(a + ".rtt", b + ".rtt", one.roundTrip, other.roundTrip);
            findings.compare(a + ".goodput", b + ".goodput", one.goodput, other.goodput);
        }
    }

    private static List<Double> scaled(List<Double> values, double factor) {
        return values.stream().map(v -> v * factor).toList();
    }

    private static String ratio(List<Double> a, List<Double> b) {
        return String.format(Locale.ROOT, "%.3f", Ratio.median(a, b));
    }
}
