package io.weft.cni;

import static io.weft.cni.ConformanceBench.fails;
import static io.weft.cni.ConformanceBench.succeeds;
import static io.weft.cni.ConformanceBench.with;

import io.weft.cni.ConformanceBench.Pod;
import io.weft.cni.ConformanceCase.Failed;
import io.weft.cni.ConformanceCase.NotApplicable;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** GC and STATUS, which came with 1.1.0. A plugin without 1.1.0 is asked all the same. */
final class CollectCases {
    private static final int MOST = 40;

    static final List<ConformanceCase> ALL =
            List.of(
                    new ConformanceCase(
                            16, "GC frees all when none is valid", "2 GC", CollectCases::all),
                    new ConformanceCase(
                            16,
                            "GC frees all others, and those of gone namespaces",
                            "2 GC",
                            CollectCases::others),
                    new ConformanceCase(
                            16,
                            "GC frees after an ADD that was not answered",
                            "2 GC",
                            CollectCases::unanswered),
                    new ConformanceCase(17, "STATUS succeeds", "2 STATUS", CollectCases::ready),
                    new ConformanceCase(
                            17,
                            "STATUS fails (50, 51) when the pool is exhausted",
                            "2 STATUS",
                            CollectCases::exhausted));

    private CollectCases() {}

    private static Map<String, Object> latest(ConformanceBench bench) throws Exception {
        return with(bench.config(), "cniVersion", CniVersion.V1_1_0.text());
    }

    private static CniProcess.Output call(
            ConformanceBench bench, CniCommand verb, Map<String, Object> config) {
        return bench.run(
                Map.of("CNI_COMMAND", verb.name(), "CNI_PATH", bench.path()), Json.text(config));
    }

    private static void collect(ConformanceBench bench, List<Pod> valid) throws Exception {
        List<Map<String, Object>> ids =
                valid.stream()
                        .map(p ->
                                Map.<String, Object>of(
                                        "containerID", p.containerId(), "ifname", "eth0"))
                        .toList();
        Map<String, Object> config = with(latest(bench), "cni.dev/valid-attachments", ids);
        succeeds(call(bench, CniCommand.GC, with(config, "cni.dev/attachments", ids)), "GC");
    }

    private static String all(ConformanceBench bench) throws Exception {
        NodeState before = bench.warmState();
        bench.add(bench.pod(), bench.config());
        bench.add(bench.pod(), bench.config());
        collect(bench, List.of());
        bench.expectClean(before, "GC succeeds");
        return "two attachments";
    }

    private static String others(ConformanceBench bench) throws Exception {
        bench.warmState();
        Pod kept = bench.pod();
        Map<String, Object> config = bench.config();
        CniResult result = bench.add(kept, config);
        NodeState before = bench.state();
        bench.add(bench.pod(), config);
        Pod gone = bench.pod();
        bench.add(gone, config);
        gone.vanish();
        collect(bench, List.of(kept));
        bench.expectClean(before, "GC succeeds");
        NodeState after = bench.state();
        Optional<String> lost = after.left(before);
        if (lost.isPresent() || ConformanceBench.addresses(kept).isEmpty()) {
            throw new Failed("GC took from the valid one; " + lost.orElse("its address"));
        }
        succeeds(
                bench.run(
                        CniCommand.CHECK,
                        kept,
                        with(config, "prevResult", result.toMap(bench.version()))),
                "CHECK of the valid one after GC");
        return "two freed, one kept";
    }

    /** As a runtime that was killed leaves it: it will never say DEL. */
    private static String unanswered(ConformanceBench bench) throws Exception {
        bench.requireLeases();
        NodeState before = bench.warmState();
        for (int i = 0; i < 3; i++) {
            Pod pod = bench.pod();
            bench.add(pod, bench.config());
            pod.vanish();
        }
        collect(bench, List.of());
        bench.expectClean(before, "GC succeeds");
        return "three freed";
    }

    private static String ready(ConformanceBench bench) throws Exception {
        succeeds(call(bench, CniCommand.STATUS, latest(bench)), "STATUS");
        return "succeeds";
    }

    private static String exhausted(ConformanceBench bench) throws Exception {
        int given = 0;
        while (bench.run(CniCommand.ADD, bench.pod(), bench.config()).exitCode() == 0) {
            if (++given == MOST) {
                throw new NotApplicable(
                        "the pool has more than "
                                + MOST
                                + " addresses: give a --config with fewer");
            }
        }
        if (given == 0) {
            throw new Failed("not one ADD succeeds");
        }
        CniException error =
                fails(
                        call(bench, CniCommand.STATUS, latest(bench)),
                        "STATUS after " + given + " ADDs took all addresses",
                        CniCode.UNAVAILABLE,
                        CniCode.LIMITED);
        return "code "
                + error.code()
                + " after "
                + given
                + " ADDs: "
                + ConformanceBench.cut(error.text());
    }
}
