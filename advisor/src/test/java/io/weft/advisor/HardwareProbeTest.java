package io.weft.advisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.advisor.Hardware.Presence;
import io.weft.claims.Measurement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HardwareProbeTest {
    @TempDir private Path root;

    private void write(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text + "\n");
    }

    /** A server with a card of 100 Gbps on node 1, and a DPU. */
    private void server() throws IOException {
        write("dev/kvm", "");
        write("sys/kernel/iommu_groups/0/type", "DMA");
        write("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "0");
        write("sys/class/net/lo/speed", "1");
        write("sys/class/net/ens1/speed", "100000");
        write("sys/class/net/ens1/device/sriov_totalvfs", "64");
        write("sys/class/net/ens1/device/numa_node", "1");
        write("sys/bus/pci/drivers/mlx5_core/new_id", "");
        Files.createSymbolicLink(
                root.resolve("sys/class/net/ens1/device/driver"),
                root.resolve("sys/bus/pci/drivers/mlx5_core"));
        write("sys/bus/pci/devices/0000:e2:00.0/vendor", "0x15b3");
        write("sys/bus/pci/devices/0000:e2:00.0/device", "0xa2dc");
        write("sys/devices/system/node/node0/x", "");
        write("sys/devices/system/node/node1/x", "");
        write("proc/sys/kernel/osrelease", "6.12.0-amd64");
        write("proc/cpuinfo", "processor\t: 0\nmodel name\t: Foo 9000\n");
    }

    @Test
    void seesWhatIsThere() throws IOException {
        server();
        Hardware h = new HardwareProbe(root).probe();

        for (Capability c :
                List.of(
                        Capability.KVM,
                        Capability.IOMMU,
                        Capability.SRIOV,
                        Capability.HUGE_PAGES,
                        Capability.XDP,
                        Capability.DPU)) {
            assertThat(h.of(c)).as(c.key()).isEqualTo(Presence.YES);
        }
        assertThat(h.of(Capability.RDMA)).isEqualTo(Presence.NO);
        assertThat(h.nicGbps()).hasValue(100);
        assertThat(h.numaNodes()).hasValue(2);
        assertThat(h.kernel()).contains("6.12.0-amd64");
        assertThat(h.facts())
                .contains(
                        "DPU: NVIDIA BlueField-3 at 0000:e2:00.0",
                        "ens1: driver mlx5_core, 100.0 Gbps, NUMA node 1, virtual functions 64",
                        "processor: Foo 9000");
    }

    @Test
    void whatCannotBeReadIsUnknown() {
        Hardware h = new HardwareProbe(root).probe();
        assertThat(Capability.values())
                .allSatisfy(c -> assertThat(h.of(c)).as(c.key()).isEqualTo(Presence.UNKNOWN));
        assertThat(h.nicGbps()).isEmpty();
        assertThat(h.kernel()).isEmpty();
        assertThat(h.facts()).contains("kernel: unknown", "processor: unknown");
    }

    @Test
    void aDriverThatIsNotKnownMayHaveXdp() throws IOException {
        write("sys/class/net/eth0/device/vendor", "0x1");
        Hardware h = new HardwareProbe(root).probe();
        assertThat(h.of(Capability.XDP)).isEqualTo(Presence.UNKNOWN);
        assertThat(h.of(Capability.SRIOV)).isEqualTo(Presence.NO);
    }

    @Test
    void thisMachineCanBeLookedAt() {
        Hardware h = new HardwareProbe().probe();
        assertThat(h.detected()).isTrue();
        assertThat(h.kernel()).isPresent();
    }

    @Test
    void tellsResultsOfThisMachineFromOthers() throws IOException {
        server();
        HardwareProbe probe = new HardwareProbe(root);
        assertThat(probe.isHere(of(Map.of("kernel", "6.12.0-amd64", "processor", "Foo 9000"))))
                .isTrue();
        assertThat(probe.isHere(of(Map.of("kernel", "6.1", "processor", "Foo 9000")))).isFalse();
        assertThat(probe.isHere(of(Map.of("kernel", "6.12.0-amd64", "processor", "Bar"))))
                .isFalse();
    }

    private static Measurement of(Map<String, String> machine) {
        return new Measurement("e", Instant.EPOCH, machine, true, "", List.of(), List.of());
    }
}
