package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MachineCheckTest {
    private static final String ROOT = "Name:\tjava\nCapEff:\t000001ffffffffff\nSeccomp:\t0\n";

    @ParameterizedTest
    @CsvSource({"6.1.0-13-amd64", "6.1", "6.18.44", "7.0.0-rc1", "10.0.0"})
    void isContentWithRootAndANewKernel(String release) {
        assertThat(MachineCheck.missing(ROOT, release + "\n")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"5.15.0-89-generic", "6.0.12", "4.19.0", "2.6.32"})
    void namesAKernelThatIsTooOld(String release) {
        assertThat(MachineCheck.missing(ROOT, release + "\n"))
                .hasValue(
                        "kernel "
                                + release
                                + " is too old: Weft needs 6.1 or newer; boot a newer kernel");
    }

    @ParameterizedTest
    @CsvSource({
        "0000000000000000, CAP_NET_ADMIN, wire interfaces",
        "000001fffffeffff, '', ''", // CAP_SYS_MODULE alone is missing
        "000001ffffffefff, CAP_NET_ADMIN, wire interfaces",
        "000001ffffdfffff, CAP_SYS_ADMIN, make namespaces",
        "0000017fffffffff, CAP_BPF, load eBPF programs",
        // what a container gets from its runtime
        "00000000a80425fb, CAP_NET_ADMIN, wire interfaces",
    })
    void namesTheFirstCapabilityThatIsMissing(String effective, String name, String purpose) {
        String status = "CapInh:\t000001ffffffffff\nCapEff:\t" + effective + "\n";
        if (name.isEmpty()) {
            assertThat(MachineCheck.missing(status, "6.18.0")).isEmpty();
        } else {
            assertThat(MachineCheck.missing(status, "6.18.0"))
                    .hasValue(
                            "missing "
                                    + name
                                    + " (needed to "
                                    + purpose
                                    + "): run as root, e.g. with sudo");
        }
    }

    @Test
    void saysThatAMachineWithoutProcIsNotLinux() {
        assertThat(MachineCheck.missing("", ""))
                .hasValue("this is not Linux: Weft needs a Linux kernel 6.1 or newer");
        assertThat(MachineCheck.missing(ROOT, "Darwin"))
                .hasValue("this is not Linux: Weft needs a Linux kernel 6.1 or newer");
    }

    @Test
    void answersInOneLine() {
        for (String release : new String[] {"", "5.10.0\n", "6.18.0\n"}) {
            assertThat(MachineCheck.missing("", release).orElseThrow()).doesNotContain("\n");
        }
    }
}
