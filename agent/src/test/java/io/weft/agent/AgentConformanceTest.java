package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.cni.CniInstaller;
import io.weft.cni.Conformance;
import io.weft.cni.ConformanceOptions;
import io.weft.cni.ConformanceReport;
import io.weft.cni.ConformanceReport.Outcome;
import io.weft.kernel.testing.KernelTest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The suite of module cni, pointed at Weft's own plugin with a real agent behind it. */
@KernelTest
@Timeout(300)
class AgentConformanceTest {
    @TempDir private Path temporary;

    @Test
    void thePluginDoesWhatTheSpecificationAsks() {
        try (TestAgent agent =
                TestAgent.start(
                        temporary,
                        """
                        addressPools:
                        - {name: small, ranges: [{subnet: 10.90.0.0/28, gateway: 10.90.0.1}]}
                        coolDown: 0s
                        """)) {
            CniInstaller installer =
                    new CniInstaller(
                            temporary.resolve("bin"), temporary.resolve("net.d"), "net", "default");
            installer.install(List.of("/bin/false"));
            ConformanceReport report =
                    Conformance.run(
                            ConformanceOptions.of(installer.program())
                                    .inPlace(
                                            Optional.of(
                                                    Path.of(
                                                            "/proc/self/fd/"
                                                                    + agent.host.fd().number())),
                                            Map.of(
                                                    "WEFT_CNI_SOCKET",
                                                    agent.settings.cniSocket().toString(),
                                                    "WEFT_CNI_TOMBSTONES",
                                                    agent.settings.tombstones().toString())),
                            row -> {});
            assertThat(report.rows()).filteredOn(row -> row.outcome() == Outcome.FAIL).isEmpty();
            TestNode.until(
                    "nobody is left", () -> agent.agent.node().state().snapshot().pods().isEmpty());
            TestNode.until("the links go", () -> agent.links().isEmpty());
            assertThat(agent.leases()).isEmpty();
        }
    }
}
