package io.weft.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What TCP proxies beside both ends cost, as a service mesh puts them there. */
public final class ProxyCost implements Experiment {
    /** One way from the client to the server. */
    private static final class Measured {
        final String subject;
        final String name;
        final PeerProcess client;
        final String target;
        final Optional<Sidecars> sidecars;
        final List<Double> roundTrip = new ArrayList<>();
        final List<Double> goodput = new ArrayList<>();
        final List<Double> cpu = new ArrayList<>();

        Measured(
                String subject,
                String name,
                PeerProcess client,
                String target,
                Optional<Sidecars> sidecars) {
            this.subject = subject;
            this.name = name;
            this.client = client;
            this.target = target;
            this.sidecars = sidecars;
        }
    }

    @Override
    public String name() {
        return "proxy";
    }

    @Override
    public String question() {
        return "What do sidecar proxies cost a TCP connection: nginx, haproxy, a Java proxy, none?";
    }

    @Override
    public String method() {
        return "Client, its proxy, the server's proxy, server: two namespaces joined by a veth pair, all four"
                + " processes on one processor, so that a round trip is the whole processor time; proxies"
                + " forward bytes and look at none; each in turn. CPU: processor time of the whole machine for"
                + " the same round trips, above that without proxies, in percent. Memory: Pss of one side's"
                + " proxy after the traffic.";
    }

    @Override
    public List<String> tables() {
        return List.of("5.3");
    }

    @Override
    public List<Capability> needs() {
        return List.of(Capability.NAMESPACES, Capability.program("taskset", "util-linux"));
    }

    @Override
    public int usualSeconds(boolean quick) {
        return quick ? 15 : 60;
    }

    @Override
    public Report run(Run run) {
        int repetitions = run.pick(3, 11);
        Findings findings = new Findings();
        List<String> notes = new ArrayList<>();
        try (Opened opened = new Opened()) {
            Topology veth = opened.add(Topology.bareVeth());
            PeerProcess client = PeerProcess.client(opened, veth);
            List<Measured> all = new ArrayList<>();
            all.add(
                    new Measured(
                            "proxy-none",
                            "none",
                            client,
                            veth.address() + ":" + Peer.PORT,
                            Optional.empty()));
            weft(opened, all);
            for (Sidecars.Kind kind : Sidecars.Kind.values()) {
                run.say("start " + kind.title());
                Optional<String> missing = kind.program().missing();
                if (missing.isPresent()) {
                    findings.notMeasured(kind.subject(), missing.get());
                    notes.add("not measured: " + missing.get());
                    continue;
                }
                Sidecars sidecars = opened.add(Sidecars.start(kind, veth));
                all.add(
                        new Measured(
                                kind.subject(),
                                kind.title(),
                                client,
                                "127.0.0.1:" + sidecars.clientPort(),
                                Optional.of(sidecars)));
            }
            for (Measured one : all) {
                measure(one, run, false);
            }
            for (int i = 0; i < repetitions; i++) {
                run.repetition(i, repetitions);
                for (int j = 0; j < all.size(); j++) {
                    measure(all.get((i + j) % all.size()), run, true);
                }
            }
            String absent =
                    "Envoy and linkerd2-proxy are not in Debian; other proxies, which only forward bytes,"
                            + " were measured in their place: see proxy-nginx, proxy-haproxy, proxy-java";
            findings.notMeasured("proxy", absent);
            notes.add("not measured: " + absent);
            notes.add(
                    repetitions
                            + " repetitions in turn, median [min-max]; two proxies on the way, one beside each"
                            + " end, on loopback from and to the workload; no TLS, no HTTP: a mesh's proxies do"
                            + " more and cost more");
            return report(run, all, findings, notes);
        }
    }

    private static void weft(Opened opened, List<Measured> all) {
        WeftPath path = opened.add(WeftPath.create());
        PeerProcess client = PeerProcess.client(opened, path);
        all.add(
                new Measured(
                        "weft",
                        "none, Weft with policy",
                        client,
                        path.address() + ":" + Peer.PORT,
                        Optional.empty()));
    }

    private static void measure(Measured one, Run run, boolean counts) {
        int trips = run.pick(2_000, 8_000);
        Processors.Times before = Processors.now();
        double trip = one.client.askFirst("rr " + trips + " " + one.target) / 1e3;
        double cpu = Processors.now().since(before).busy() * 1e6 / trips;
        double goodput =
                one.client.askFirst(
                                "goodput " + run.pick(40_000_000, 200_000_000) + " " + one.target)
                        / 1e9;
        if (counts) {
            one.roundTrip.add(trip);
            one.cpu.add(cpu);
            one.goodput.add(goodput);
        }
    }

    private Report report(Run run, List<Measured> all, Findings findings, List<String> notes) {
        Measured none = all.getFirst();
        List<List<String>> rows = new ArrayList<>();
        double floor = Statistics.of(none.cpu).median();
        for (Measured one : all) {
            // the floor is the bare veth pair of this run, as the claims have it
            String subject = one == none ? "veth" : one.subject;
            findings.add(
                    subject + ".latency",
                    "ms",
                    one.roundTrip.stream().map(us -> us / 1e3).toList());
            findings.add(subject + ".goodput", "Gbps", one.goodput);
            if (one != none) {
                findings.add(
                        subject + ".cpu",
                        "%",
                        one.cpu.stream().map(us -> (us / floor - 1) * 100).toList());
                findings.compare(
                        subject + ".latency", "veth.latency", one.roundTrip, none.roundTrip);
                findings.compare(subject + ".goodput", "veth.goodput", one.goodput, none.goodput);
            }
            Optional<Double> memory = one.sidecars.map(Sidecars::megabytes);
            memory.ifPresent(mb -> findings.add(subject + ".memory", "MB", mb));
            rows.add(
                    List.of(
                            one.name,
                            Statistics.spread(one.roundTrip),
                            String.format(
                                    Locale.ROOT,
                                    "%.2f",
                                    Ratio.median(one.roundTrip, none.roundTrip)),
                            Statistics.spread(one.goodput),
                            Statistics.spread(one.cpu),
                            memory.map(mb -> String.format(Locale.ROOT, "%.1f", mb)).orElse("-")));
        }
        return new Report(
                name(),
                run.machine().describe(),
                List.of(
                        "proxies",
                        "1-byte round trip us",
                        "x none",
                        "goodput Gbit/s",
                        "CPU us/round trip",
                        "memory MB, one side"),
                rows,
                List.of(),
                notes,
                findings);
    }
}
