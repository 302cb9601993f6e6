package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.weft.compiler.Compilation;
import io.weft.compiler.Compiler;
import io.weft.compiler.Cyclonus;
import io.weft.compiler.Decision;
import io.weft.compiler.Engine;
import io.weft.compiler.Query;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Delta;
import io.weft.model.Ip;
import io.weft.model.Ref;
import io.weft.model.Snapshot;
import io.weft.tables.Rule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/**
 * The recorded verdicts of cyclonus by the loaded programs: each as its source's node would judge
 * it, as its destination's node would, and with both on one node.
 *
 * <p>{@code -Dweft.full=true} takes all cases, else every fifteenth.
 */
@KernelTest
class KernelCyclonusTest {
    private static final int EVERY = Boolean.getBoolean("weft.full") ? 1 : 15;
    private static final int PODS = 12;

    @Test
    void theKernelGivesEveryRecordedVerdict() throws Exception {
        Path file = Cyclonus.folder().resolve("cyclonus.jsonl.xz");
        assumeThat(file)
                .as("recorded verdicts; name their folder in WEFT_CONFORMANCE")
                .isRegularFile();
        ConcurrentLinkedQueue<Cyclonus.Case> cases = new ConcurrentLinkedQueue<>();
        List<Integer> seen = new ArrayList<>();
        Cyclonus.forEach(
                file,
                test -> {
                    if (seen.size() % EVERY == 0) {
                        cases.add(test);
                    }
                    seen.add(test.number());
                });
        int taken = cases.size();
        Prover.Tally all =
                Prover.atOnce(
                        PODS,
                        Set.of(),
                        prover -> {
                            Compilation compiled = Compiler.compile(Snapshot.EMPTY, Set.of());
                            for (Cyclonus.Case test = cases.poll();
                                    test != null;
                                    test = cases.poll()) {
                                compiled = replay(prover, test, compiled);
                            }
                        });
        System.out.printf(
                "cyclonus: %d of %d cases: %s: all as recorded%n", taken, seen.size(), all);
        assertThat(all.allowed()).isPositive();
        assertThat(all.denied()).isPositive();
    }

    private static Compilation replay(Prover prover, Cyclonus.Case test, Compilation before) {
        Compilation compiled = before;
        for (int step = 0; step < test.steps().size(); step++) {
            Cyclonus.Step wanted = test.steps().get(step);
            compiled = compiled.next(Delta.between(compiled.snapshot(), wanted.snapshot()));
            replay(
                    prover,
                    "case %d step %d, %s".formatted(test.number(), step, test.description()),
                    wanted,
                    compiled);
        }
        return compiled;
    }

    private static void replay(
            Prover prover, String where, Cyclonus.Step step, Compilation compiled) {
        Map<Query, Decision> recorded = new HashMap<>();
        for (Cyclonus.Expected expected : step.expected()) {
            if (!expected.from().equals(expected.to())) { // recorded as if policy applied to it
                Query query =
                        new Query(
                                ip(step, expected.from()),
                                ip(step, expected.to()),
                                expected.protocol().number(),
                                expected.port());
                recorded.put(query, decision(expected.egress(), expected.ingress()));
            }
        }
        Engine engine = query -> recorded.getOrDefault(query, decision(true, true));
        Map<Ref, Integer> slots = new TreeMap<>();
        for (Ref pod : step.snapshot().pods().keySet()) {
            slots.put(pod, slots.size());
        }
        Map<Integer, List<Ip>> all = Prover.owned(compiled, slots);
        Set<Ip> ips = new HashSet<>();
        all.values().forEach(ips::addAll);
        prover.forget(ips);
        prover.load(compiled, slots, all);
        List<Query> queries = List.copyOf(recorded.keySet());
        prover.agree(where, compiled, engine, queries);
        all.forEach((slot, own) -> {
            prover.wire(Map.of(slot, own));
            prover.agree(where, compiled, engine, queries.stream().filter(prover::judges).toList());
        });
    }

    private static Decision decision(boolean egress, boolean ingress) {
        Rule recorded = new Rule.BuiltIn("as recorded");
        return new Decision(outcome(egress), outcome(ingress), recorded, recorded);
    }

    private static Decision.Outcome outcome(boolean allowed) {
        return allowed ? Decision.Outcome.ALLOWED : Decision.Outcome.DENIED;
    }

    private static Ip ip(Cyclonus.Step step, Ref ref) {
        return Objects.requireNonNull(step.snapshot().pods().get(ref)).ips().getFirst();
    }
}
