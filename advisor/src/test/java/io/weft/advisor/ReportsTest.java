package io.weft.advisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.advisor.TextReport.Detail;
import io.weft.claims.Claims;
import io.weft.claims.Language;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReportsTest {
    private static final Advisor ADVISOR = new Advisor(Claims.load());

    private static Advice advise(String yaml) {
        Need need = Needs.of(yaml);
        return ADVISOR.advise(
                need, need.hardware().orElseGet(Hardware::unknown), List.of(), m -> true);
    }

    private static String text(Advice advice, Language language, Set<Detail> details) {
        return TextReport.text(advice, ADVISOR, language, 100, details);
    }

    @Test
    void theTreeIsDrawnWithTheWayThroughIt() {
        Advice advice = ExamplesTest.advise("leaf-kernel-experts");
        assertThat(String.join("\n", TreeDrawing.draw(advice, ADVISOR.claims(), Language.EN, 80)))
                .isEqualTo(
                        """
                        Regulated? (regulation)
                        |- yes
                        `- no <--
                           Performance? (within 9.2/bridge: a container on a bridge)
                           |- extreme
                           `- general <--
                              Team skill? (team)
                              |- application developers
                              |- traditional operations
                              `- kernel experts <--
                                 Service mesh? (mesh.needed)
                                 |- yes
                                 `- no <--
                                    => eBPF (Cilium) (12/kernel-experts)
                                       the ranking agrees\
                        """);
    }

    @Test
    void aNarrowTerminalGetsANarrowTree() {
        Advice advice = ExamplesTest.advise("leaf-mesh");
        for (Language language : Language.values()) {
            assertThat(TreeDrawing.draw(advice, ADVISOR.claims(), language, 40))
                    .allSatisfy(line -> assertThat(Layout.width(line)).isLessThanOrEqualTo(40));
        }
    }

    @Test
    void theTreeAndTheRankingMayDiffer() {
        assertThat(text(advise("hardware: {kernel: '6.1'}"), Language.EN, EnumSet.of(Detail.TREE)))
                .contains("=> the tree needs the team's skill to go on; the ranking does not");
        assertThat(
                        text(
                                advise(
                                        "team: traditional-operations\nservices: 9000\nhardware: {}"),
                                Language.EN,
                                EnumSet.of(Detail.TREE)))
                .contains(
                        "the ranking excludes it: services 5K (claim: 8-services/scale/iptables)");
    }

    @Test
    void aReportSaysWhyWithSources() {
        String report = text(ExamplesTest.advise("scene-core-banking"), Language.EN, Set.of());
        assertThat(report)
                .contains("1. VM + SR-IOV")
                .contains("latency 5–10 µs (claim: 9.2/vm-sriov/latency)")
                .contains("no price is known of sriov-nic")
                .contains(
                        "Cost (model of 10.2): 35200 CNY a month, 1267200 in 3 years = 880 x 40 x 12 x 3")
                .contains("Remedy (10.3/sriov): sub-functions")
                .contains("Way from vm:")
                .contains("VT-d -> VT-d or AMD-Vi on")
                .contains(
                        "- VM (KVM + VLAN): isolation is kernel, asked for is hardware; latency 50–100 µs")
                .contains("Figures are the document's claims");
    }

    @Test
    void aReportIsChineseWhenAsked() {
        String report =
                text(ExamplesTest.advise("scene-hpc"), Language.ZH, EnumSet.allOf(Detail.class));
        assertThat(report)
                .contains("决策树路径（12）", "排名", "理由：", "预期指标：", "成本（10.2 模型）", "技术债", "安全矩阵")
                .contains("依赖未成熟技术：DPU 卸载：可用（2026-11）")
                .doesNotContain("Ranking", "Why:", "Expected", "Excluded");
    }

    @Test
    void whenNothingFitsTheNearestIsTold() {
        Advice advice = advise("latency: 0.5us\nhardware: {kvm: true}");
        assertThat(text(advice, Language.EN, Set.of()))
                .contains("Nothing satisfies every constraint")
                .contains(
                        "- latency 8–12 us (model: 9.2/bridge/latency, 9.4/pod-to-pod/change), asked for is")
                .containsPattern("->\\s+latency: 8us");
    }

    @Test
    void pricesThatMatterAreNamed() {
        Advice advice =
                advise(
                        "workloads: any\nisolation: kernel\nhardware: {kvm: true}\ncost: {budget: 100000}");
        assertThat(text(advice, Language.EN, Set.of()))
                .contains("Prices that would change the answer (each alone):")
                .contains("the budget is exceeded");
    }

    @Test
    void everyCandidateIsToldOfWhenAsked() {
        Advice advice = ExamplesTest.advise("leaf-app-developers");
        String all = text(advice, Language.EN, EnumSet.of(Detail.EVERY_CANDIDATE));
        assertThat(all.split("Security \\(9\\.3\\)", -1)).hasSize(advice.candidates().size() + 1);
        assertThat(text(advice, Language.EN, Set.of()).split("Security \\(9\\.3\\)", -1))
                .hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"中文, 4", "abc, 3", "a中b，, 6", "'', 0"})
    void chineseIsTwoColumnsWide(String text, int width) {
        assertThat(Layout.width(text)).isEqualTo(width);
    }

    @Test
    void linesAreWrappedBetweenWordsAndBetweenChineseCharacters() {
        assertThat(Layout.wrap("- ", "one two three four", 10))
                .containsExactly("- one two", "  three", "  four");
        assertThat(Layout.wrap("", "一二三四五六。七", 10)).containsExactly("一二三四五", "六。七");
        assertThat(Layout.wrap("", "", 10)).containsExactly("");
    }
}
