package io.weft.cni;

import static io.weft.cni.ConformanceBench.succeeds;
import static io.weft.cni.ConformanceBench.with;

import io.weft.cni.ConformanceBench.Pod;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** DEL succeeds whatever is gone already, and frees all the same. */
final class DeleteCases {
    private static final int KILLS = 8;

    static final List<ConformanceCase> ALL =
            List.of(
                    new ConformanceCase(10, "DEL twice", "2 DEL", DeleteCases::twice),
                    new ConformanceCase(
                            11, "DEL with the namespace gone", "2 DEL", DeleteCases::gone),
                    new ConformanceCase(
                            11,
                            "DEL with a CNI_NETNS that is no namespace any more",
                            "2 DEL",
                            DeleteCases::dangling),
                    new ConformanceCase(
                            12, "DEL with an empty CNI_NETNS", "2 DEL", DeleteCases::empty),
                    new ConformanceCase(
                            13, "DEL without prevResult", "2 DEL", DeleteCases::withoutResult),
                    new ConformanceCase(
                            14, "DEL of what was never added", "2 DEL", DeleteCases::never),
                    new ConformanceCase(
                            14, "DEL after a killed ADD", "2 DEL", DeleteCases::afterKill));

    private DeleteCases() {}

    private static String twice(ConformanceBench bench) throws Exception {
        NodeState before = bench.warmState();
        Pod pod = bench.pod();
        Map<String, Object> config = bench.config();
        Map<String, Object> deleted = withResult(bench, config, bench.add(pod, config));
        bench.delete(pod, deleted);
        bench.expectDetached(pod, "after DEL");
        bench.expectClean(before, "after DEL");
        succeeds(bench.run(CniCommand.DEL, pod, deleted), "the second DEL");
        return "both succeed";
    }

    private static Map<String, Object> withResult(
            ConformanceBench bench, Map<String, Object> config, CniResult result) throws Exception {
        return with(config, "prevResult", result.toMap(bench.version()));
    }

    private static String gone(ConformanceBench bench) throws Exception {
        NodeState before = bench.warmState();
        Pod pod = bench.pod();
        Map<String, Object> config = bench.config();
        Map<String, Object> deleted = withResult(bench, config, bench.add(pod, config));
        pod.vanish();
        succeeds(bench.run(CniCommand.DEL, pod, deleted), "DEL");
        bench.expectClean(before, "after DEL");
        return "succeeds and frees";
    }

    private static String dangling(ConformanceBench bench) throws Exception {
        NodeState before = bench.warmState();
        Pod pod = bench.pod();
        Map<String, Object> config = bench.config();
        Map<String, Object> deleted = withResult(bench, config, bench.add(pod, config));
        pod.vanish();
        Path file = bench.directory().resolve("dangling");
        Files.createFile(file);
        Map<String, String> environment = bench.environment(CniCommand.DEL, pod);
        environment.put("CNI_NETNS", file.toString());
        succeeds(bench.run(environment, Json.text(deleted)), "DEL");
        bench.expectClean(before, "after DEL");
        return "succeeds and frees";
    }

    private static String empty(ConformanceBench bench) throws Exception {
        NodeState before = bench.warmState();
        Pod pod = bench.pod();
        Map<String, Object> config = bench.config();
        Map<String, Object> deleted = withResult(bench, config, bench.add(pod, config));
        pod.vanish();
        Map<String, String> environment = bench.environment(CniCommand.DEL, pod);
        environment.put("CNI_NETNS", "");
        succeeds(bench.run(environment, Json.text(deleted)), "DEL");
        bench.expectClean(before, "after DEL");
        return "succeeds and frees";
    }

    private static String withoutResult(ConformanceBench bench) throws Exception {
        NodeState before = bench.warmState();
        Pod pod = bench.pod();
        Map<String, Object> config = bench.config();
        bench.add(pod, config);
        succeeds(bench.run(CniCommand.DEL, pod, config), "DEL");
        bench.expectDetached(pod, "after DEL");
        bench.expectClean(before, "after DEL");
        return "succeeds and frees";
    }

    private static String never(ConformanceBench bench) throws Exception {
        NodeState before = bench.warmState();
        succeeds(bench.run(CniCommand.DEL, bench.pod(), bench.config()), "DEL");
        bench.expectClean(before, "after DEL");
        return "succeeds";
    }

    /** Killed after 1/8, 2/8 … of the time that an ADD takes here. */
    private static String afterKill(ConformanceBench bench) throws Exception {
        NodeState before = bench.warmState();
        Map<String, Object> config = bench.config();
        long start = System.nanoTime();
        Pod first = bench.pod();
        bench.add(first, config);
        long whole = System.nanoTime() - start;
        bench.delete(first, config);
        int unfinished = 0;
        for (int i = 0; i < KILLS; i++) {
            Pod pod = bench.pod();
            if (killed(bench, pod, Json.text(config), whole * i / KILLS)) {
                unfinished++;
            }
            succeeds(
                    bench.run(CniCommand.DEL, pod, config),
                    "DEL after an ADD killed " + i + "/" + KILLS + " through");
            bench.expectDetached(
                    pod, "after an ADD killed " + i + "/" + KILLS + " through and DEL");
            bench.expectClean(
                    before, "after an ADD killed " + i + "/" + KILLS + " through and DEL");
        }
        return unfinished + " of " + KILLS + " ADDs killed before their end";
    }

    /** {@return whether it was not at its end} */
    private static boolean killed(ConformanceBench bench, Pod pod, String stdin, long nanos)
            throws IOException, InterruptedException {
        Process process =
                bench.node()
                        .call(() ->
                                CniProcess.start(
                                        bench.options().plugin(),
                                        bench.options().environment(),
                                        bench.environment(CniCommand.ADD, pod)));
        try (OutputStream in = process.getOutputStream()) {
            in.write(NodeState.utf8(stdin));
        } catch (IOException _) {
            // it read no more
        }
        LockSupport.parkNanos(nanos);
        process.destroyForcibly();
        int exit = process.waitFor();
        process.getInputStream().close();
        process.getErrorStream().close();
        return exit != 0;
    }
}
