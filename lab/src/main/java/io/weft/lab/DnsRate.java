package io.weft.lab;

import io.weft.dns.ClusterZone;
import io.weft.dns.ZoneSettings;
import io.weft.model.Delta;
import io.weft.model.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How fast Weft's DNS server answers, beside dnsmasq: the same names, the same client ({@code
 * dnsperf}), over one veth pair. Each server has one processor, the client another. Takes less than
 * a minute.
 */
public final class DnsRate implements Experiment {
    private static final int NAMES = 10_000;

    /** Services of the zone that one more is added to. */
    private static final int MANY = 50_000;

    /**
     * Offered while latency is measured, per second: a third of what either can. With much less
     * each question finds the processor asleep, and its waking up is measured.
     */
    private static final int STEADY = 60_000;

    private static final double P99 = 0.99;

    /** One server, and what was measured of it. */
    private static final class Measured {
        final String name;
        final int port;
        final List<Double> rate = new ArrayList<>();
        final List<Double> p50 = new ArrayList<>();
        final List<Double> p99 = new ArrayList<>();

        Measured(String name, int port) {
            this.name = name;
            this.port = port;
        }
    }

    @Override
    public String name() {
        return "dns";
    }

    @Override
    public String question() {
        return "How many names a second does the DNS server answer, and how late, beside dnsmasq?";
    }

    @Override
    public String method() {
        return "Both servers with the same names on one processor, the same client on another, one second each in"
                + " turn; medians and ratios within a repetition.";
    }

    @Override
    public List<String> tables() {
        return List.of("9.4");
    }

    @Override
    public int usualSeconds(boolean quick) {
        return quick ? 25 : 50;
    }

    @Override
    public List<Capability> needs() {
        return Stream.concat(
                        DnsServers.TOOLS.entrySet().stream()
                                .map(t -> Capability.program(t.getKey(), t.getValue())),
                        Stream.of(Capability.NAMESPACES))
                .toList();
    }

    @Override
    public Report run(Run run) {
        boolean quick = run.quick();
        Consumer<String> progress = run::say;
        int rates = quick ? 3 : 7;
        int latencies = quick ? 5 : 15; // a neighbour on the processor spoils some
        Machine machine = run.machine();
        try (Opened opened = new Opened()) {
            Topology topology = opened.add(Topology.bareVeth());
            DnsServers servers = opened.add(new DnsServers(topology));
            progress.accept("start both servers with " + NAMES + " names");
            Measured dnsmasq = new Measured("dnsmasq", servers.dnsmasq(NAMES));
            Measured weft = new Measured("weft", servers.weft(NAMES));
            progress.accept("warming up");
            rate(servers, dnsmasq, 1);
            rate(servers, weft, quick ? 3 : 5);
            for (int i = 0; i < latencies; i++) {
                progress.accept("repetition " + (i + 1) + " of " + latencies);
                for (Measured one : List.of(dnsmasq, weft)) {
                    if (i < rates) {
                        one.rate.add(rate(servers, one, 1));
                    }
                    latency(servers, one);
                }
            }
            progress.accept("one service more among " + MANY);
            return report(machine, dnsmasq, weft, List.of(servers.how(), publishing()));
        }
    }

    /** {@return what it takes to answer for one service more} */
    private static String publishing() {
        Snapshot before = Snapshot.of(IntStream.range(0, MANY).mapToObj(DnsPeer::service).toList());
        ClusterZone zone = ClusterZone.of(ZoneSettings.DEFAULT, before);
        List<Double> micros = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            Delta delta = Delta.put(List.of(DnsPeer.service(MANY + i)));
            Snapshot after = before.apply(delta);
            long start = System.nanoTime();
            ClusterZone next = zone.next(after, delta);
            micros.add((System.nanoTime() - start) / 1e3);
            if (next.size() <= zone.size()) {
                throw new IllegalStateException("one service more has no name more");
            }
        }
        return "a zone with one service more than "
                + MANY
                + " is made in "
                + Statistics.spread(micros.subList(1_000, micros.size()))
                + " us";
    }

    private static double rate(DnsServers servers, Measured one, int seconds) {
        String output = servers.dnsperf(one.port, NAMES, " -q 100 -l " + seconds);
        double lost = figure(output, "Queries lost:");
        if (lost > 0) {
            throw new IllegalStateException(one.name + " lost " + lost + " queries: " + output);
        }
        return figure(output, "Queries per second:");
    }

    private static double figure(String output, String label) {
        String rest = output.substring(output.indexOf(label) + label.length()).strip();
        return Double.parseDouble(rest.split("[^0-9.]", 2)[0]);
    }

    /** Reads {@code > NOERROR svc-1.ns-1.svc.cluster.local A 0.000123}, in seconds, of each. */
    private static void latency(DnsServers servers, Measured one) {
        List<Double> micros =
                servers.dnsperf(one.port, NAMES, " -v -Q " + STEADY + " -l 1")
                        .lines()
                        .filter(l -> l.startsWith("> "))
                        .peek(l -> {
                            if (!l.startsWith("> NOERROR ")) {
                                throw new IllegalStateException(one.name + " answers " + l);
                            }
                        })
                        .map(l -> Double.parseDouble(l.substring(l.lastIndexOf(' ') + 1)) * 1e6)
                        .sorted()
                        .toList();
        if (micros.size() < STEADY / 2) {
            throw new IllegalStateException(one.name + " answered only " + micros.size());
        }
        one.p50.add(micros.get(micros.size() / 2));
        one.p99.add(micros.get((int) (micros.size() * P99)));
    }

    private Report report(Machine machine, Measured dnsmasq, Measured weft, List<String> notes) {
        double rate = Ratio.median(weft.rate, dnsmasq.rate);
        List<String> all = new ArrayList<>(notes);
        Findings findings = new Findings();
        find(findings, "dns", weft);
        find(findings, "dns-dnsmasq", dnsmasq);
        findings.compare("dns.qps", "dns-dnsmasq.qps", weft.rate, dnsmasq.rate);
        findings.compare("dns.latency", "dns-dnsmasq.latency", weft.p50, dnsmasq.p50);
        all.add(
                weft.rate.size()
                        + " repetitions of queries/s with 100 outstanding and "
                        + weft.p99.size()
                        + " of latency at "
                        + STEADY
                        + " queries/s, of a second each, in turn; median [min-max] of their"
                        + " figures; ratios are medians of the ratios within each repetition");
        return new Report(
                name(),
                machine.describe(),
                List.of(
                        "server",
                        "names",
                        "thousand queries/s",
                        "x dnsmasq",
                        "p50 us",
                        "p99 us",
                        "x dnsmasq"),
                List.of(row(dnsmasq, dnsmasq), row(weft, dnsmasq)),
                List.of(
                        new Report.Bar(
                                "queries/s, weft / dnsmasq",
                                ">= 1.0",
                                String.format(Locale.ROOT, "%.3f", rate),
                                rate >= 1),
                        Report.Bar.atMost(
                                "p99, weft / dnsmasq", 1.0, Ratio.median(weft.p99, dnsmasq.p99))),
                all,
                findings);
    }

    private static void find(Findings findings, String subject, Measured one) {
        findings.add(subject + ".qps", "QPS", one.rate);
        findings.add(subject + ".latency", "ms", one.p50.stream().map(us -> us / 1e3).toList());
    }

    private static List<String> row(Measured one, Measured floor) {
        return List.of(
                one.name,
                Integer.toString(NAMES),
                Statistics.spread(one.rate.stream().map(r -> r / 1e3).toList()),
                String.format(Locale.ROOT, "%.3f", Ratio.median(one.rate, floor.rate)),
                Statistics.spread(one.p50),
                Statistics.spread(one.p99),
                String.format(Locale.ROOT, "%.3f", Ratio.median(one.p99, floor.p99)));
    }

    /** Writes a file. */
    static void write(Path file, List<String> lines) {
        try {
            Files.write(file, lines);
        } catch (IOException e) {
            throw new UncheckedIOException("write " + file, e);
        }
    }

    /** {@return every name once, in an order that is the same each time} */
    static List<String> questions(int size) {
        List<String> lines =
                new ArrayList<>(
                        IntStream.range(0, size).mapToObj(i -> DnsPeer.name(i) + " A").toList());
        Collections.shuffle(lines, new Random(1));
        return lines;
    }

    /** {@return /etc/hosts of the same names} */
    static List<String> hosts(int size) {
        return IntStream.range(0, size)
                .mapToObj(i -> DnsPeer.ip(i) + " " + DnsPeer.name(i))
                .toList();
    }
}
