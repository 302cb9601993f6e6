package io.weft.lab;

import java.util.ArrayList;
import java.util.List;

/**
 * What this machine can tell apart: the same path twice, and once with every round trip made 5 %
 * later on purpose. When the first is not equal or the second not seen, other results here are not
 * worth much.
 */
public final class Sensitivity implements Experiment {
    private static final int PER_MILLE = 50;

    @Override
    public String name() {
        return "sensitivity";
    }

    @Override
    public String question() {
        return "Does this machine show a slow-down of 5 %, and none where there is none?";
    }

    @Override
    public String method() {
        return "Round trips over one veth pair, three times in turn: as they are, as they are again, and each"
                + " made 5 % later by spinning; compared by the rule that all experiments use.";
    }

    @Override
    public List<String> tables() {
        return List.of();
    }

    @Override
    public int usualSeconds(boolean quick) {
        return quick ? 4 : 12;
    }

    @Override
    public Report run(Run run) {
        int repetitions = run.pick(9, 21);
        int trips = run.pick(3_000, 10_000);
        List<Double> same = new ArrayList<>();
        List<Double> again = new ArrayList<>();
        List<Double> later = new ArrayList<>();
        try (Opened opened = new Opened()) {
            Topology veth = opened.add(Topology.bareVeth());
            PeerProcess client = PeerProcess.client(opened, veth);
            run.say("warming up");
            client.ask("late " + 3 * trips + " 0");
            client.ask("late " + trips + " " + PER_MILLE);
            for (int i = 0; i < repetitions; i++) {
                run.repetition(i, repetitions);
                for (int j = 0; j < 3; j++) {
                    switch ((i + j) % 3) {
                        case 0 -> same.add(trip(client, trips, 0));
                        case 1 -> again.add(trip(client, trips, 0));
                        default -> later.add(trip(client, trips, PER_MILLE));
                    }
                }
            }
        }
        Findings findings = new Findings();
        findings.add("same.rtt", "us", same);
        findings.add("again.rtt", "us", again);
        findings.add("later.rtt", "us", later);
        Comparison none = findings.compare("again.rtt", "same.rtt", again, same);
        Comparison some = findings.compare("later.rtt", "same.rtt", later, same);
        return new Report(
                name(),
                run.machine().describe(),
                List.of("round trips", "us: median [min-max]"),
                List.of(
                        List.of("as they are", Statistics.spread(same)),
                        List.of("as they are, again", Statistics.spread(again)),
                        List.of("5 % later", Statistics.spread(later))),
                List.of(
                        new Report.Bar(
                                "nothing is seen where there is nothing",
                                "equal",
                                none.conclusion(),
                                none.outcome() == Comparison.Outcome.EQUAL),
                        new Report.Bar(
                                "5 % are seen",
                                "more",
                                some.conclusion(),
                                some.outcome() == Comparison.Outcome.MORE)),
                List.of(),
                findings);
    }

    private static double trip(PeerProcess client, int trips, int perMille) {
        String answer = client.ask("late " + trips + " " + perMille);
        return Double.parseDouble(answer.split(" ", 2)[0]) / 1e3;
    }
}
