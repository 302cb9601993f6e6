package io.weft.advisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.claims.Claims;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Needs, and what comes out first for them. */
class GoldenTest {
    private static final Advisor ADVISOR = new Advisor(Claims.load());
    private static final String FULL =
            "hardware: {kvm: true, iommu: true, sriov: true, hugePages: true, xdp: true, rdma: true,"
                    + " dpu: true, kernel: '6.12', nicGbps: 800}";
    private static final String SRIOV =
            "hardware: {kvm: true, iommu: true, sriov: true, hugePages: true, nicGbps: 100}";
    private static final String PLAIN =
            "hardware: {kvm: true, iommu: true, hugePages: true, xdp: true, kernel: '6.12'}";
    private static final String CLOUD =
            "hardware: {kvm: false, iommu: false, hugePages: true, xdp: false, kernel: '6.12'}";

    private static Advice advise(String need) {
        Need parsed =
                Needs.of(
                        need.replace("; ", "\n")
                                .replace("FULL", FULL)
                                .replace("PLAIN", PLAIN)
                                .replace("CLOUD", CLOUD)
                                .replace("SRIOV", SRIOV));
        return ADVISOR.advise(parsed, parsed.hardware().orElseThrow(), List.of(), m -> true);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "PLAIN | ebpf-cni",
                "CLOUD | ebpf-cni",
                "PLAIN; team: application-developers | calico-bgp",
                "PLAIN; team: traditional-operations | flannel-vxlan",
                "PLAIN; team: traditional-operations; security: {microSegmentation: true} | calico-bgp",
                "PLAIN; team: application-developers; services: 20000 | ebpf-cni",
                "PLAIN; team: traditional-operations; workloads: virtual-machines | vm-vlan",
                "PLAIN; regulation: regulated | vm-vlan",
                "SRIOV; regulation: regulated; isolation: hardware; workloads: virtual-machines | vm-sriov",
                "SRIOV; regulation: regulated; latency: 10us; workloads: virtual-machines | vm-sriov",
                "FULL; regulation: regulated; latency: 3us; workloads: virtual-machines | dpu-ovs",
                "PLAIN; regulation: regulated; workloads: containers | kata",
                "PLAIN; isolation: kernel; workloads: containers; team: kernel-experts | kata",
                "PLAIN; workloads: both | hybrid",
                "FULL; latency: 1us; throughput: 400Gbps | dpu-rdma",
                "FULL; throughput: 800Gbps | rdma-multus",
                "FULL; nfv: true; workloads: virtual-machines; latency: 8us | vm-sriov-dpdk",
                "PLAIN; nfv: true; throughput: 150Gbps | vm-dpdk",
                "FULL; nfv: true; workloads: containers | dpu-dpdk",
                "PLAIN; latency: 15us; throughput: 40Gbps; workloads: containers; team: kernel-experts | macvlan-afxdp",
                "PLAIN; mesh: {needed: true} | sidecar-mesh",
                "PLAIN; mesh: {needed: true}; memory: 8MB | sidecarless-mesh",
                "PLAIN; mesh: {needed: true, resourceLimited: true}; team: kernel-experts | sidecarless-mesh",
                "PLAIN; hostThroughput: 90Gbps; services: 8000 | ebpf-xdp",
                "PLAIN; cost: {budget: 40000} | ebpf-cni",
                "PLAIN; start: 2s; team: traditional-operations | flannel-vxlan",
                "PLAIN; latency: 30us; team: application-developers | calico-bgp",
                "FULL; latency: 2us; workloads: both | dpu-ovs",
                "PLAIN; networks: {storage: true}; team: application-developers | calico-bgp",
                "PLAIN; hosts: 1; instances: 1000; team: traditional-operations; workloads: containers | calico-bgp",
                "PLAIN; weights: {simplicity: 50} | flannel-vxlan",
            })
    void comesOutFirst(String need, String architecture) {
        Advice advice = advise(need);
        assertThat(advice.first().orElseThrow().architecture().id())
                .as(ExamplesTest.ranking(advice))
                .isEqualTo(architecture);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "PLAIN; latency: 0.5us | latency | ebpf-cni",
                "CLOUD; latency: 1us; nfv: true | hardware.dpu | dpu-dpdk",
                "CLOUD; regulation: regulated | hardware.kvm | vm-vlan",
                "PLAIN; cost: {budget: 10} | cost.budget | ebpf-cni",
                "FULL; throughput: 900Gbps | throughput | rdma-multus",
            })
    void aContradictionNamesItselfAndTheNearestThing(
            String need, String constraint, String nearest) {
        Advice advice = advise(need);
        assertThat(advice.candidates()).isEmpty();
        assertThat(advice.nearest())
                .isNotEmpty()
                .anySatisfy(e ->
                        assertThat(e.by()).extracting(Exclusion::constraint).contains(constraint));
        assertThat(advice.nearest())
                .isSortedAccordingTo(Comparator.comparingDouble(Advisor::distance));
        assertThat(advice.excluded())
                .allSatisfy(e ->
                        assertThat(Advisor.distance(e))
                                .isGreaterThanOrEqualTo(
                                        Advisor.distance(advice.nearest().getFirst())));
        assertThat(advice.nearest().getFirst().architecture().id()).isEqualTo(nearest);
    }

    @Test
    void anAnswerThatDependsOnSomethingImmatureSaysSo() {
        Advice dpu = advise("FULL; latency: 1us; throughput: 400Gbps");
        assertThat(dpu.first().orElseThrow().immature())
                .extracting(f -> f.id())
                .containsExactly("dpu");
        Advice dynamic = advise("PLAIN; networks: {dynamic: true}; security: {quantumSafe: true}");
        assertThat(dynamic.first().orElseThrow().immature())
                .extracting(f -> f.id())
                .containsExactly("cni-2", "quantum-safe");
        assertThat(advise("PLAIN").first().orElseThrow().immature()).isEmpty();
    }

    @Test
    void aTieGoesToTheCheaperOneAndThenByTheCatalogue() {
        String weights =
                "; weights: {latency: 0, throughput: 0, isolation: 0, segmentation: 1, scale: 0, cost: 0,"
                        + " simplicity: 0, readiness: 0, maturity: 0}";
        List<String> ids =
                advise("PLAIN" + weights).candidates().stream()
                        .map(c -> c.architecture().id())
                        .toList();
        assertThat(ids.subList(0, 6))
                .containsExactly(
                        "ebpf-cni",
                        "ebpf-xdp",
                        "calico-bgp",
                        "sidecarless-mesh",
                        "sidecar-mesh",
                        "kata");
    }
}
