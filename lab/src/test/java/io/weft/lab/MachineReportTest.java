package io.weft.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.testing.KernelTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@KernelTest
@Timeout(60)
class MachineReportTest {
    private static final List<String> NO_MODULES = List.of();
    private static final List<String> MODULES =
            List.of(
                    "kernel/drivers/net/ipvlan/ipvlan.ko.xz: kernel/net/l3mdev.ko",
                    "kernel/fs/x.ko:");

    /** Weft cannot run without these, and this test runs where Weft does. */
    @Test
    void findsWhatWeftItselfUses() {
        MachineReport report = MachineReport.probe();

        assertThat(report.items())
                .filteredOn(i ->
                        List.of("veth", "tc clsact", "ring buffer", "programs SCHED_CLS")
                                .contains(i.name()))
                .hasSize(4)
                .allSatisfy(i -> {
                    assertThat(i.state()).as(i.toString()).isEqualTo(MachineReport.State.YES);
                    assertThat(i.enable()).isEmpty();
                });
    }

    @Test
    void whatIsMissingIsExplainedByTheKernel() {
        MachineReport.Item item =
                MachineReport.attempt(
                        "g",
                        "n",
                        Optional.of("modprobe n"),
                        () -> {
                            throw new IllegalStateException("Unknown device type");
                        });

        assertThat(item.state()).isEqualTo(MachineReport.State.NO);
        assertThat(item.detail()).isEqualTo("Unknown device type");
        assertThat(item.enable()).hasValue("modprobe n");
    }

    @Test
    void aKindThatNoKernelHasIsMissing() {
        try (Topology veth = Topology.bareVeth()) {
            assertThat(LinkKinds.missing(veth.client(), "teleport"))
                    .hasValueSatisfying(why -> assertThat(why).contains("Unknown device type"));
            assertThat(LinkKinds.missing(veth.client(), "veth")).isEmpty();
            assertThat(LinkKinds.missing(veth.client(), "vxlan")).isEmpty(); // wants settings
        }
    }

    @Test
    void namesTheModuleWhereTheKernelHasIt() {
        assertThat(KernelModules.enable(MODULES, "ipvlan", "CONFIG_IPVLAN"))
                .isEqualTo("modprobe ipvlan");
        assertThat(KernelModules.enable(NO_MODULES, "ipvlan", "CONFIG_IPVLAN"))
                .isEqualTo("boot a kernel with CONFIG_IPVLAN=m");
    }

    @Test
    void countsHugePages() {
        List<MachineReport.Item> items = new ArrayList<>();
        HostProbes.hugePages(items, "HugePages_Total:       0\nHugepagesize:       2048 kB\n");
        HostProbes.hugePages(items, "HugePages_Total:      64\nHugepagesize:       2048 kB\n");

        assertThat(items.get(0).enable()).hasValue("sysctl -w vm.nr_hugepages=512");
        assertThat(items.get(1).state()).isEqualTo(MachineReport.State.YES);
        assertThat(items.get(1).detail()).isEqualTo("64 of 2048 kB");
    }

    @Test
    void capabilitiesAreTriedAndSayWhatToInstall() {
        assertThat(Capability.NAMESPACES.missing()).isEmpty();
        assertThat(Capability.program("teleport", "teleport-tools").missing())
                .hasValue("teleport is not installed (Debian: apt-get install teleport-tools)");
        assertThat(
                        Capability.missing(
                                List.of(
                                        Capability.program("a-b-c", "abc"),
                                        Capability.program("d-e-f", "def"))))
                .hasValueSatisfying(all -> assertThat(all).contains("abc").contains("; "));
    }
}
