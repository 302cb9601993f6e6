package io.weft.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class SmallParsersTest {
    @Test
    void cgroup2IsFoundBesideVersion1() {
        assertThat(
                        Cgroups.root(
                                List.of(
                                        "30 24 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu",
                                        "31 24 0:27 / /sys/fs/cgroup/my\\040own rw shared:9 -"
                                                + " cgroup2 cgroup2 rw")))
                .contains(Path.of("/sys/fs/cgroup/my own"));
        assertThat(Cgroups.root(List.of("30 24 0:26 / / rw - ext4 /dev/vda rw"))).isEmpty();
    }

    @Test
    void possibleCpusCountGaps() {
        assertThat(Cpus.count("0")).isEqualTo(1);
        assertThat(Cpus.count("0-3")).isEqualTo(4);
        assertThat(Cpus.count("0-1,8-11")).isEqualTo(12);
    }

    @Test
    void kernelVersionsCompareAsNumbers() {
        assertThat(KernelVersion.parse("6.1.0-18-amd64")).isEqualTo(new KernelVersion(6, 1));
        assertThat(KernelVersion.parse("5.10")).isGreaterThan(KernelVersion.parse("5.9.99"));
    }

    @Test
    void helpersNameTheirKernel() {
        assertThat(FeatureProbe.helperSince(130)).contains("5.8"); // bpf_ringbuf_output
        assertThat(FeatureProbe.helperSince(155)).contains("5.10"); // bpf_redirect_peer
        assertThat(FeatureProbe.helperSince(9999)).isEmpty();
    }
}
