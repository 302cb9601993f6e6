package io.weft.lab;

import io.weft.agent.NodeException;
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

/**
 * How fast Weft's DNS server answers, beside dnsmasq: the same names, the same client ({@code
 * dnsperf}), over one veth pair. Each server has one processor, the client another.
 */
public final class DnsRate implements Experiment {
    private static final List<Integer> SIZES = List.of(1_000, 10_000);

    /** Offered while latency is measured, per second: well below what either can. */
    private static final int STEADY = 20_000;

    private static final double P99 = 0.99;

    /** One server with so many names, and what was measured of it. */
    private static final class Measured {
        final String name;
        final int size;
        final int port;
        final List<Double> rate = new ArrayList<>();
        final List<Double> p50 = new ArrayList<>();
        final List<Double> p99 = new ArrayList<>();

        Measured(String name, int size, int port) {
            this.name = name;
            this.size = size;
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
    public Report run(boolean quick, Consumer<String> progress) {
        int repetitions = quick ? 3 : 7;
        int seconds = quick ? 1 : 2;
        Machine machine = new Machine();
        List<String> missing =
                DnsServers.TOOLS.entrySet().stream()
                        .filter(t -> !Commands.isInstalled(t.getKey()))
                        .map(t -> t.getKey() + " (Debian: " + t.getValue() + ")")
                        .toList();
        if (!missing.isEmpty()) {
            throw new NodeException(
                    NodeException.Cause.MACHINE,
                    "not installed here: " + String.join(", ", missing));
        }
        try (Opened opened = new Opened()) {
            Topology topology = opened.add(Topology.bareVeth());
            DnsServers servers = opened.add(new DnsServers(topology));
            List<Measured> all = new ArrayList<>();
            for (int size : SIZES) {
                progress.accept("start both servers with " + size + " names");
                all.add(new Measured("dnsmasq", size, servers.dnsmasq(size)));
                all.add(new Measured("weft", size, servers.weft(size)));
            }
            progress.accept("warming up");
            for (Measured one : all) {
                rate(servers, one, quick ? 3 : 5);
            }
            for (int i = 0; i < repetitions; i++) {
                progress.accept("repetition " + (i + 1) + " of " + repetitions);
                for (Measured one : all) {
                    one.rate.add(rate(servers, one, seconds));
                }
                for (Measured one : all) {
                    latency(servers, one, seconds);
                }
            }
            return report(machine, all, repetitions, servers.how());
        }
    }

    private static double rate(DnsServers servers, Measured one, int seconds) {
        String output = servers.dnsperf(one.port, one.size, " -q 100 -l " + seconds);
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
    private static void latency(DnsServers servers, Measured one, int seconds) {
        List<Double> micros =
                servers.dnsperf(one.port, one.size, " -v -Q " + STEADY + " -l " + seconds)
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
        if (micros.size() < STEADY * seconds / 2) {
            throw new IllegalStateException(one.name + " answered only " + micros.size());
        }
        one.p50.add(micros.get(micros.size() / 2));
        one.p99.add(micros.get((int) (micros.size() * P99)));
    }

    private Report report(Machine machine, List<Measured> all, int repetitions, String how) {
        List<List<String>> rows = new ArrayList<>();
        List<Report.Bar> bars = new ArrayList<>();
        for (int i = 0; i < all.size(); i += 2) {
            Measured dnsmasq = all.get(i);
            Measured weft = all.get(i + 1);
            rows.add(row(dnsmasq, dnsmasq));
            rows.add(row(weft, dnsmasq));
            double rate = Ratio.median(weft.rate, dnsmasq.rate);
            bars.add(
                    new Report.Bar(
                            "queries/s, weft / dnsmasq, " + weft.size + " names",
                            ">= 1.0",
                            String.format(Locale.ROOT, "%.3f", rate),
                            rate >= 1));
            bars.add(
                    Report.Bar.atMost(
                            "p99, weft / dnsmasq, " + weft.size + " names",
                            1.0,
                            Ratio.median(weft.p99, dnsmasq.p99)));
        }
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
                rows,
                bars,
                List.of(
                        how,
                        repetitions
                                + " repetitions in turn; median [min-max] of their figures; ratios"
                                + " are medians of the ratios within each repetition; queries/s"
                                + " with 100 outstanding, latency at "
                                + STEADY
                                + " queries/s"));
    }

    private static List<String> row(Measured one, Measured floor) {
        return List.of(
                one.name,
                Integer.toString(one.size),
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
