package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.weft.compiler.Compilation;
import io.weft.compiler.Compiler;
import io.weft.compiler.CompilerOptions;
import io.weft.compiler.Cyclonus;
import io.weft.compiler.KubeProxy;
import io.weft.datapath.ServiceProver;
import io.weft.datapath.ServiceProver.Outcome;
import io.weft.datapath.ServiceProver.Where;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Delta;
import io.weft.model.Snapshot;
import io.weft.tables.Vantage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Every recorded flow of kube-proxy's tests, as packets through the loaded programs: a pod's where
 * pods send and where those of other nodes come in, the node's own where it sends. These have the
 * node's address in any case, so whether they are masqueraded is not asked.
 */
@KernelTest
class KernelKubeProxyTest {
    private static final int TRIES = 400;

    private int scenarios;
    private int flows;
    private int ways;
    private int sourcePort = 20_000;

    @Test
    void every_recorded_flow() {
        Path file = Cyclonus.folder().resolve("kubeproxy-nftables.jsonl.xz");
        assumeThat(file)
                .as("recorded flows; name their folder in WEFT_CONFORMANCE")
                .isRegularFile();
        try (ServiceProver prover = ServiceProver.create()) {
            KubeProxy.forEach(file, scenario -> replay(prover, scenario));
        }
        System.out.printf(
                "kube-proxy, loaded programs: %d scenarios, %d flows, %d ways: all as recorded%n",
                scenarios, flows, ways);
        assertThat(flows).isPositive();
    }

    private void replay(ServiceProver prover, KubeProxy.Scenario scenario) {
        Compilation compiled =
                Compiler.compile(
                        Snapshot.EMPTY,
                        Set.of(),
                        new CompilerOptions(false, scenario.setup().options()));
        for (Delta event : scenario.events()) {
            compiled = compiled.next(event);
        }
        compiled = compiled.next(Delta.put(scenario.world()));
        prover.apply(compiled.tables().services());
        Vantage vantage = compiled.tables().services().vantage();
        for (KubeProxy.Flow flow : scenario.flows()) {
            for (Where where : ways(vantage, flow)) {
                assertThat(ask(prover, where, flow))
                        .as("%s: %s: %s at %s", scenario.test(), flow.name(), flow.query(), where)
                        .isEqualTo(
                                flow.output()
                                        + (flow.masquerade() && where != Where.TO_UPLINK
                                                ? " masqueraded"
                                                : ""));
                ways++;
            }
            flows++;
        }
        scenarios++;
    }

    private static List<Where> ways(Vantage vantage, KubeProxy.Flow flow) {
        if (vantage.addresses().contains(flow.query().from())) {
            return List.of(Where.TO_UPLINK);
        }
        return vantage.holdsPod(flow.query().from())
                ? List.of(Where.FROM_WORKLOAD, Where.FROM_UPLINK, Where.XDP_UPLINK)
                : List.of(Where.FROM_UPLINK, Where.XDP_UPLINK);
    }

    /** {@return what the recording would say of it} */
    private String ask(ServiceProver prover, Where where, KubeProxy.Flow flow) {
        Set<String> expected = new TreeSet<>(List.of(flow.output().split(", ", -1)));
        Set<String> seen = new TreeSet<>();
        Set<Boolean> masqueraded = new TreeSet<>();
        for (int i = 0; i < TRIES && (i < 3 || !seen.equals(expected)); i++) {
            Outcome outcome =
                    prover.send(
                            where,
                            flow.query().from(),
                            sourcePort++,
                            flow.query().to(),
                            flow.query().port(),
                            flow.query().protocol());
            sourcePort = sourcePort > 60_000 ? 20_000 : sourcePort;
            switch (outcome) {
                case Outcome.Untouched() -> seen.add("");
                case Outcome.Rejected() -> seen.add("REJECT");
                case Outcome.Dropped(var reason) -> {
                    assertThat(reason.toString())
                            .isIn("no-service", "source-range", "no-local-endpoint");
                    seen.add("DROP");
                }
                case Outcome.Sent sent -> {
                    seen.add(
                            sent.ip().isV4()
                                    ? sent.ip() + ":" + sent.port()
                                    : "[" + sent.ip() + "]:" + sent.port());
                    masqueraded.add(sent.masqueraded());
                }
            }
        }
        List<String> words = new ArrayList<>(List.of(flow.output().split(", ", -1)));
        if (!seen.equals(expected)) {
            words = new ArrayList<>(seen);
        }
        return String.join(", ", words)
                + (masqueraded.contains(true) && where != Where.TO_UPLINK ? " masqueraded" : "");
    }
}
