package io.weft.agent;

import io.weft.compiler.Compilation;
import io.weft.datapath.KernelTables;
import io.weft.flow.FlowFilter;
import io.weft.flow.FlowHistory;
import io.weft.flow.FlowQuery;
import io.weft.model.Manifests;
import io.weft.model.Problem;
import io.weft.model.Ref;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/** Answers {@code Diff}: what a change would do to objects, verdicts, flows and room. */
public final class DiffCall {
    private static final String DEFAULT_SINCE = "1h";

    private DiffCall() {}

    static Map<String, Object> answer(Node node, Manifests read, Map<String, Object> parameters) {
        Instant since =
                FlowQuery.since(
                        parameters.get("since") instanceof String text ? text : DEFAULT_SINCE,
                        Instant.now());
        FlowHistory history =
                FlowHistory.of(
                        node.flows()
                                .recent(
                                        new FlowQuery(
                                                FlowFilter.ALL,
                                                Optional.of(since),
                                                OptionalInt.empty(),
                                                OptionalInt.empty())));
        DryRun run = DryRun.of(node.dryRun(read.resources()), node.config());
        return document(read, run, history, node.nodeAddresses(), node.needs(run.after()));
    }

    /** {@return the same without a node, over recorded flows} */
    public static Map<String, Object> offline(Manifests read, DryRun run, FlowHistory history) {
        return document(read, run, history, OfflineNode.nodeAddresses(), List.of());
    }

    private static Map<String, Object> document(
            Manifests read,
            DryRun run,
            FlowHistory history,
            Set<io.weft.model.Ip> nodeAddresses,
            List<KernelTables.Need> needs) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("changes", changes(run.changes()));
        document.put("verdicts", VerdictDiff.between(run.before(), run.after()));
        document.put(
                "flows", FlowReplay.of(history, run.before(), run.after(), nodeAddresses).json());
        document.put("needs", needs.stream().map(DiffCall::json).toList());
        document.put("refusals", refusals(needs));
        document.put("warnings", warnings(read, run.after()));
        return document;
    }

    /** {@return {@code needs 12 of 10 policy entries} for each map that would be too small} */
    static List<String> refusals(List<KernelTables.Need> needs) {
        return needs.stream()
                .filter(need -> !need.fits())
                .map(need -> "needs " + need.needed() + " of " + need.max() + " " + need.what())
                .toList();
    }

    private static Map<String, Object> json(KernelTables.Need need) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("what", need.what());
        document.put("needed", need.needed());
        document.put("max", need.max());
        return document;
    }

    /** What is probably not meant in what was read, and in nothing else. */
    static List<String> warnings(Manifests read, Compilation compilation) {
        Set<String> objects = new HashSet<>();
        read.resources().forEach(resource -> objects.add(resource.ref().toString()));
        return Stream.concat(
                        read.warnings().stream(),
                        compilation.warnings().stream()
                                .filter(warning -> objects.contains(warning.object())))
                .map(Problem::toString)
                .toList();
    }

    static List<Map<String, String>> changes(Map<Ref, Node.Change> changes) {
        return changes.entrySet().stream()
                .map(e ->
                        Map.of(
                                "kind",
                                e.getKey().kind().toString(),
                                "namespace",
                                e.getKey().namespace(),
                                "name",
                                e.getKey().name(),
                                "change",
                                e.getValue().name().toLowerCase(Locale.ROOT)))
                .toList();
    }
}
