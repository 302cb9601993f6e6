package io.weft.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The first packet of a connection that only the last of many policies allows, through Weft and
 * through iptables chains. Measured is connect(), for all packets after the first are established
 * and accepted at once by both; what the policies cost is what it takes longer than to a server
 * without any.
 */
final class ScaleChains {
    private static final List<Integer> COUNTS = List.of(0, 10, 100, 500, 1_000);
    private static final int BAR_COUNT = 500;
    private static final double BAR = 0.2;
    private static final int CPU = Math.max(0, Runtime.getRuntime().availableProcessors() - 1);

    private final Map<Integer, PeerProcess> clients = new TreeMap<>();
    private final Map<Integer, List<Double>> micros = new TreeMap<>();

    private ScaleChains(LastRule node, Opened opened) {
        for (LastRule.Server server : node.servers()) {
            opened.add(
                    PeerProcess.start(
                            server.namespace(), List.of("server", Integer.toString(CPU))));
            PeerProcess client =
                    PeerProcess.start(
                            node.client(),
                            List.of("client", Integer.toString(CPU), server.address()));
            clients.put(server.policies(), opened.add(client));
            micros.put(server.policies(), new ArrayList<>());
        }
    }

    static Report.Table measure(
            boolean quick,
            Consumer<String> progress,
            List<Report.Bar> bars,
            List<String> notes,
            Findings findings) {
        int repetitions = quick ? 3 : 15;
        int connects = quick ? 300 : 1_000;
        try (Opened opened = new Opened()) {
            progress.accept("set up iptables chains");
            IptablesLastRule iptables = opened.add(IptablesLastRule.create(COUNTS));
            progress.accept("set up weft");
            WeftLastRule weft = opened.add(WeftLastRule.create(COUNTS));
            ScaleChains theirs = new ScaleChains(iptables, opened);
            ScaleChains ours = new ScaleChains(weft, opened);
            for (int i = -1; i < repetitions; i++) {
                progress.accept("connect, repetition " + (i + 1) + " of " + repetitions);
                for (int count : COUNTS) {
                    for (ScaleChains side :
                            i % 2 == 0 ? List.of(ours, theirs) : List.of(theirs, ours)) {
                        side.connect(count, connects, i >= 0);
                    }
                }
            }
            notes.add(
                    "chains: connect() of "
                            + connects
                            + " new TCP connections in a repetition, client and server pinned to"
                            + " processor "
                            + CPU
                            + ": one packet that is judged, two that are established; median"
                            + " [min-max] of the medians; + is what it takes longer than to a"
                            + " server that no policy selects, by the same path in the same"
                            + " repetition");
            notes.add("chains: " + iptables.how() + ", laid out as kube-router does");
            for (int count : COUNTS) {
                findings.add("policy.connect." + count, "us", ours.total(count));
                findings.add("policy-iptables.connect." + count, "us", theirs.total(count));
            }
            for (int count : COUNTS.subList(1, COUNTS.size())) {
                findings.add("policy.match." + count, "us", ours.added(count));
                findings.add("policy-iptables.match." + count, "us", theirs.added(count));
                findings.compare(
                        "policy.match." + count,
                        "policy-iptables.match." + count,
                        ours.added(count),
                        theirs.added(count));
            }
            return table(ours, theirs, bars);
        } catch (Commands.ToolException e) {
            notes.add("chains: not measured: " + e.getMessage());
            return new Report.Table("chains", List.of("policies"), List.of());
        }
    }

    private void connect(int count, int connects, boolean counts) {
        PeerProcess client = clients.get(count);
        List<Double> values = micros.get(count);
        if (client == null || values == null) {
            throw new IllegalStateException("no server with " + count + " policies");
        }
        String median = client.ask("connect " + connects).split(" ", 2)[0];
        if (counts) {
            values.add(Double.parseDouble(median) / 1e3);
        }
    }

    private List<Double> total(int count) {
        return micros.getOrDefault(count, List.of());
    }

    /** {@return what the policies add, in each repetition} */
    private List<Double> added(int count) {
        List<Double> base = total(0);
        List<Double> with = total(count);
        List<Double> added = new ArrayList<>();
        for (int i = 0; i < with.size(); i++) {
            added.add(with.get(i) - base.get(i));
        }
        return added;
    }

    private static Report.Table table(ScaleChains ours, ScaleChains theirs, List<Report.Bar> bars) {
        List<List<String>> rows = new ArrayList<>();
        for (int count : COUNTS) {
            boolean none = count == 0;
            rows.add(
                    List.of(
                            String.format(Locale.ROOT, "%,d", count),
                            Statistics.spread(theirs.total(count)),
                            none ? "-" : Statistics.spread(theirs.added(count)),
                            Statistics.spread(ours.total(count)),
                            none ? "-" : Statistics.spread(ours.added(count)),
                            ratio(ours.total(count), theirs.total(count)),
                            none ? "-" : ratio(ours.added(count), theirs.added(count))));
        }
        bars.add(
                Report.Bar.atMost(
                        "match latency of the last of "
                                + BAR_COUNT
                                + " policies, weft / iptables (of +)",
                        BAR,
                        Ratio.median(ours.added(BAR_COUNT), theirs.added(BAR_COUNT))));
        return new Report.Table(
                "chains: a connection that only the last policy allows, microseconds",
                List.of(
                        "policies",
                        "iptables connect",
                        "+",
                        "weft connect",
                        "+",
                        "weft / iptables",
                        "of +"),
                rows);
    }

    private static String ratio(List<Double> a, List<Double> b) {
        return String.format(Locale.ROOT, "%.3f", Ratio.median(a, b));
    }
}
