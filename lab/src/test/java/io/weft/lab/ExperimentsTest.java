package io.weft.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bpf.BpfFs;
import io.weft.kernel.testing.KernelTest;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Each once, quickly: that it finds what it says. The pieces are tested on their own. */
@KernelTest
@Timeout(240)
class ExperimentsTest {
    private static final List<String> ALL =
            List.of(
                    "interfaces",
                    "workloads",
                    "packet-rate",
                    "conntrack-pressure",
                    "capture",
                    "proxy",
                    "vm");

    /** {@code -Dweft.full=true} runs all, which takes two minutes. */
    static final List<String> EXPERIMENTS =
            Boolean.getBoolean("weft.full") ? ALL : List.of("packet-rate");

    @ParameterizedTest
    @FieldSource("EXPERIMENTS")
    void findsFiguresAndLeavesNothing(String name) {
        Set<String> before = pinned();
        LabRun.Result result = LabRun.run(Lab.find(name), true, (_, _) -> {});

        assertThat(result.report()).as(result.measurement().why()).isPresent();
        assertThat(result.measurement().figures())
                .isNotEmpty()
                .allSatisfy(f -> {
                    assertThat(f.low()).isLessThanOrEqualTo(f.median());
                    assertThat(f.high()).isGreaterThanOrEqualTo(f.median());
                });
        assertThat(result.measurement().conclusive()).as("quick is not to be quoted").isFalse();
        assertThat(result.measurement().machine()).containsKeys("host", "kernel", "busy before");
        assertThat(pinned()).isEqualTo(before);
    }

    /** {@return the nodes whose programs are pinned} */
    private static Set<String> pinned() {
        String[] names = BpfFs.DEFAULT.resolve("weft").toFile().list();
        return names == null ? Set.of() : Set.of(names);
    }
}
