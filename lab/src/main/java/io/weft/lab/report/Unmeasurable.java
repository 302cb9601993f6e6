package io.weft.lab.report;

import io.weft.claims.Claim;
import io.weft.claims.ClaimTable;
import io.weft.claims.Words;
import io.weft.lab.Experiment;
import io.weft.lab.Lab;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Why there is no figure for a claim. */
final class Unmeasurable {
    /** By the beginning of a claim's id, most special first. */
    private static final Map<String, Words> WITHOUT_METRIC = new LinkedHashMap<>();

    static {
        put("8-hubble/troubleshooting", "it is people's time", "这是人的时间");
        put("9.4/troubleshooting", "it is people's time", "这是人的时间");
        put(
                "8-hubble/recognition",
                "Weft names flows of L3 and L4; it recognises no L7 protocols yet",
                "Weft 目前识别 L3/L4 流，尚不识别 L7 协议");
        put(
                "9.4/capture",
                "tcpdump writes packets, Weft's flow log writes connections: no like for like;"
                        + " their costs are in the experiment capture",
                "tcpdump 记录数据包，Weft 流日志记录连接，不可直接相比；二者开销见实验 capture");
        put("13.2/", "it needs NVMe-oF storage and, together, a DPU", "需要 NVMe-oF 存储，协同后还需要 DPU");
        put("7.3/", "it needs a card of that speed", "需要相应速率的网卡");
        put("9.2/vm-sriov", "it needs a card with virtual functions", "需要带虚拟功能的网卡");
        put(
                "8-services/scale",
                "the document does not say what ends there; see the experiment service-scale",
                "文档未说明界限的含义；见实验 service-scale");
        put("9.4/", "it is the size at which the effect is claimed", "这是所声称效果对应的规模");
        put(
                "5.3/cilium/memory",
                "there is no sidecar whose memory could be measured",
                "没有可测量其内存的边车");
    }

    private static void put(String prefix, String en, String zh) {
        WITHOUT_METRIC.put(prefix, new Words(en, zh));
    }

    private final Results results;

    Unmeasurable(Results results) {
        this.results = results;
    }

    /** {@return why no experiment measures it} */
    Words withoutMetric(Claim claim) {
        return WITHOUT_METRIC.entrySet().stream()
                .filter(e -> claim.id().startsWith(e.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseGet(Phrase.NO_EXPERIMENT::words);
    }

    /** {@return why a figure is not there} */
    Words figure(ClaimTable table, String id) {
        return results.whyNot(id)
                .map(Words::same)
                .orElseGet(() -> {
                    List<Experiment> experiments =
                            Lab.EXPERIMENTS.stream()
                                    .filter(e -> e.tables().contains(table.chapter()))
                                    .toList();
                    return experiments.isEmpty()
                            ? Phrase.NO_EXPERIMENT.words()
                            : Phrase.NOT_RUN.with(
                                    experiments.stream()
                                            .map(Experiment::name)
                                            .collect(Collectors.joining(" ")));
                });
    }
}
