package io.weft.lab;

import io.weft.kernel.NetNs;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * What the datapath costs a packet with ever more policies on the node. Measured is the program
 * alone, by test runs of it in the kernel, between two pods that policies select in both
 * directions.
 */
final class ScaleVerdict {
    private static final double BAR = 1.05;

    /** A datapath with so many policies. */
    private static final class Measured {
        final VerdictNode node;
        final List<Double> first = new ArrayList<>();
        final List<Double> established = new ArrayList<>();

        Measured(VerdictNode node) {
            this.node = node;
        }
    }

    private ScaleVerdict() {}

    static Report.Table measure(
            boolean quick,
            Consumer<String> progress,
            List<Report.Bar> bars,
            List<String> notes,
            Findings findings) {
        int repetitions = quick ? 5 : 15;
        int connections = quick ? 1_000 : 4_000;
        try (Opened opened = new Opened()) {
            NetNs host = opened.add(NetNs.createAnonymous());
            List<Measured> nodes = new ArrayList<>();
            for (int policies : quick ? new int[] {10, 1_000} : new int[] {10, 1_000, 10_000}) {
                progress.accept("load %,d policies".formatted(policies));
                nodes.add(new Measured(opened.add(VerdictNode.create(host, policies))));
            }
            host.run(() -> {
                for (int i = -1; i < repetitions; i++) {
                    progress.accept("judge, repetition " + (i + 1) + " of " + repetitions);
                    for (int j = 0; j < nodes.size(); j++) {
                        Measured measured = nodes.get(Math.floorMod(i + j, nodes.size()));
                        double first = measured.node.firstPackets(connections);
                        double established = measured.node.establishedPackets(connections / 10);
                        if (i >= 0) {
                            measured.first.add(first);
                            measured.established.add(established);
                        }
                    }
                }
            });
            notes.add(
                    "verdict: the program at the sender's interface, which judges for both ends,"
                            + " by BPF_PROG_TEST_RUN. First: "
                            + connections
                            + " TCP SYNs in a repetition, each from a source port of its own and"
                            + " run once, so each looks for its connection in vain, looks up both"
                            + " identities and both policies, and makes a connection and an event;"
                            + " about 25 ns of each are the clock's. Established: each"
                            + " packet run 200 times. Medians of the medians; always the same two pods, so"
                            + " the caches are warm");
            notes.add(
                    "verdict: the policies select the node's 200 pods in turn, each pod its part of"
                            + " them; peers are 1,000 other pods of 500 kinds");
            for (Measured one : nodes) {
                findings.add("policy.verdict-first." + one.node.policies(), "ns", one.first);
                findings.add("policy.verdict." + one.node.policies(), "ns", one.established);
            }
            return table(nodes, bars);
        }
    }

    private static Report.Table table(List<Measured> nodes, List<Report.Bar> bars) {
        Measured fewest = nodes.getFirst();
        List<List<String>> rows = new ArrayList<>();
        for (Measured measured : nodes) {
            rows.add(
                    List.of(
                            String.format(Locale.ROOT, "%,d", measured.node.policies()),
                            String.format(Locale.ROOT, "%,d", measured.node.entries()),
                            Statistics.spread(measured.first),
                            ratio(measured.first, fewest.first),
                            Statistics.spread(measured.established),
                            ratio(measured.established, fewest.established)));
        }
        Measured most = nodes.getLast();
        String than = "%,d policies / 10".formatted(most.node.policies());
        bars.add(
                Report.Bar.atMost(
                        "first packet, " + than, BAR, Ratio.median(most.first, fewest.first)));
        bars.add(
                Report.Bar.atMost(
                        "established packet, " + than,
                        BAR,
                        Ratio.median(most.established, fewest.established)));
        return new Report.Table(
                "verdict: the datapath's cost of one packet, nanoseconds",
                List.of("policies", "entries", "first", "x 10", "established", "x 10"),
                rows);
    }

    private static String ratio(List<Double> a, List<Double> b) {
        return String.format(Locale.ROOT, "%.3f", Ratio.median(a, b));
    }
}
