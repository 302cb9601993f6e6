package io.weft.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.weft.compiler.Translation.Dropped;
import io.weft.compiler.Translation.NotAService;
import io.weft.compiler.Translation.Rejected;
import io.weft.compiler.Translation.Target;
import io.weft.compiler.Translation.ToBackends;
import io.weft.model.Delta;
import io.weft.model.Snapshot;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Every recorded flow of kube-proxy's tests, by the oracle and by the tables, both from nothing and
 * step by step.
 */
class KubeProxyTest {
    private int scenarios;
    private int flows;

    @Test
    void every_recorded_flow() {
        Path file = Cyclonus.folder().resolve("kubeproxy-nftables.jsonl.xz");
        assumeThat(file)
                .as("recorded flows; name their folder in WEFT_CONFORMANCE")
                .isRegularFile();
        KubeProxy.forEach(file, this::replay);
        System.out.printf(
                "kube-proxy: %d scenarios, %d flows: all as recorded%n", scenarios, flows);
        assertThat(flows).isPositive();
    }

    private void replay(KubeProxy.Scenario scenario) {
        CompilerOptions options = new CompilerOptions(false, scenario.setup().options());
        Compilation stepped = Compiler.compile(Snapshot.EMPTY, Set.of(), options);
        for (Delta event : scenario.events()) {
            stepped = stepped.next(event);
        }
        stepped = stepped.next(Delta.put(scenario.world()));
        Compilation anew = Compiler.compile(stepped.snapshot(), Set.of(), options);
        assertThat(stepped.tables().services()).isEqualTo(anew.tables().services());
        ServiceOracle oracle =
                new ServiceOracle(stepped.snapshot(), Set.of(), scenario.setup().options());
        for (KubeProxy.Flow flow : scenario.flows()) {
            assertThat(oracle.translate(flow.query())).isEqualTo(stepped.translate(flow.query()));
            assertThat(words(stepped.translate(flow.query())))
                    .as("%s: %s: %s", scenario.test(), flow.name(), flow.query())
                    .isEqualTo(words(flow));
            flows++;
        }
        scenarios++;
    }

    private static String words(KubeProxy.Flow flow) {
        return flow.output() + (flow.masquerade() ? " masqueraded" : "");
    }

    private static String words(Translation translation) {
        return switch (translation) {
            case NotAService() -> "";
            case Rejected _ -> "REJECT";
            case Dropped _ -> "DROP";
            case ToBackends to -> words(to.targets());
        };
    }

    private static String words(List<Target> targets) {
        return targets.stream().map(t -> t.backend().toString()).collect(Collectors.joining(", "))
                + (targets.stream().anyMatch(Target::masquerade) ? " masqueraded" : "");
    }
}
