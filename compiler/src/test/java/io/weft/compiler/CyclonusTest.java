package io.weft.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.weft.model.Delta;
import io.weft.model.Ip;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Snapshot;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every recorded verdict, by both engines; the tables both from nothing and step by step. */
class CyclonusTest {
    private int cases;
    private int steps;
    private int verdicts;
    private int judged;

    @Test
    void every_recorded_verdict() {
        Path file = Cyclonus.folder().resolve("cyclonus.jsonl.xz");
        assumeThat(file)
                .as("recorded verdicts; name their folder in WEFT_CONFORMANCE")
                .isRegularFile();
        Compilation[] lineage = {Compiler.compile(Snapshot.EMPTY, Set.of())};
        Cyclonus.forEach(
                file,
                test -> {
                    cases++;
                    for (Cyclonus.Step step : test.steps()) {
                        steps++;
                        lineage[0] =
                                lineage[0].next(
                                        Delta.between(lineage[0].snapshot(), step.snapshot()));
                        replay(test, step, lineage[0]);
                    }
                });
        System.out.printf(
                "cyclonus: %d cases, %d steps, %d verdicts, of which %d between two pods: all as recorded%n",
                cases, steps, verdicts, judged);
        assertThat(judged).isPositive();
    }

    private void replay(Cyclonus.Case test, Cyclonus.Step step, Compilation stepped) {
        Engine[] engines = {
            stepped,
            Compiler.compile(step.snapshot(), Set.of()),
            new Oracle(step.snapshot(), Set.of())
        };
        for (Cyclonus.Expected expected : step.expected()) {
            verdicts++;
            if (expected.from().equals(expected.to())) {
                continue; // recorded as if policy applied to it
            }
            judged++;
            Query query =
                    new Query(
                            ip(step, expected.from()),
                            ip(step, expected.to()),
                            expected.protocol().number(),
                            expected.port());
            for (Engine engine : engines) {
                Decision decision = engine.decide(query);
                if (decision.egress() != expected.egress()
                        || decision.ingress() != expected.ingress()) {
                    throw new AssertionError(
                            "case %d, %s: %s says %s, expected %s"
                                    .formatted(
                                            test.number(),
                                            test.description(),
                                            engine.getClass().getSimpleName(),
                                            decision,
                                            expected));
                }
            }
        }
    }

    private static Ip ip(Cyclonus.Step step, Ref ref) {
        Pod pod = step.snapshot().pods().get(ref);
        if (pod == null) {
            throw new AssertionError("the case has no " + ref);
        }
        return pod.ips().getFirst();
    }
}
