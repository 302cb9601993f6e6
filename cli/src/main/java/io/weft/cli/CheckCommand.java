package io.weft.cli;

import io.weft.agent.OfflineNode;
import io.weft.compiler.Compilation;
import io.weft.compiler.Compiler;
import io.weft.compiler.Decision;
import io.weft.compiler.Engine;
import io.weft.compiler.Oracle;
import io.weft.compiler.Query;
import io.weft.model.Expectation;
import io.weft.model.FlowQuery;
import io.weft.model.ManifestReader;
import io.weft.model.Manifests;
import io.weft.model.Problem;
import io.weft.model.Snapshot;
import io.weft.model.World;
import io.weft.model.WorldReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = {
            "Validates manifests and judges the expectations in them, offline and without root.",
            "With --world it answers flows over a foreign world of Kubernetes objects."
        },
        footer = {
            "",
            "Examples:",
            "  weft check examples/shop",
            "  weft check --world world.json --engine oracle -o json",
            "",
            "A world is {\"objects\": [...], \"flows\": [{\"from\": {\"pod\": \"ns/name\"} or {\"ip\":"
                    + " \"...\"},",
            "\"to\": ..., \"protocol\": \"TCP\", \"port\": 80}]}; pods carry status.podIPs. The answer"
                    + " is one verdict per",
            "flow, in order."
        })
final class CheckCommand implements Callable<Integer> {
    /** What judges. */
    enum EngineName {
        ORACLE,
        COMPILED
    }

    @Mixin private OutputOption output = new OutputOption();

    @Parameters(arity = "0..*", paramLabel = "DIR|FILE", description = "Manifests.")
    private List<Path> paths = List.of();

    @Option(names = "--world", paramLabel = "FILE", description = "A world and flows, as JSON.")
    private @Nullable Path world;

    @Option(
            names = "--engine",
            paramLabel = "ENGINE",
            defaultValue = "compiled",
            description =
                    "compiled (the tables that the kernel would get) or oracle (the naive"
                            + " evaluator); default: ${DEFAULT-VALUE}.")
    private EngineName engine = EngineName.COMPILED;

    @Override
    public Integer call() {
        if (world != null && paths.isEmpty()) {
            return checkWorld(world);
        }
        if (world != null || paths.isEmpty()) {
            throw new IllegalArgumentException("give either manifests, or --world FILE");
        }
        return checkManifests();
    }

    // ---- manifests

    private record Judged(Expectation expectation, Query query, Decision decision) {
        boolean ok() {
            return decision.allowed() == expectation.allow();
        }

        /** Allowed, but only because a workload is in audit mode. */
        boolean audited() {
            return decision.outcome() == Decision.Outcome.AUDITED;
        }
    }

    private int checkManifests() {
        Manifests read = new ManifestReader().strictReferences().parseAll(paths);
        Snapshot snapshot = OfflineNode.snapshot(read.resources());
        Compilation compilation = Compiler.compile(snapshot, OfflineNode.nodeAddresses());
        List<String> warnings =
                Stream.concat(read.warnings().stream(), compilation.warnings().stream())
                        .map(Problem::toString)
                        .toList();
        Engine judge =
                engine == EngineName.COMPILED
                        ? compilation
                        : new Oracle(snapshot, OfflineNode.nodeAddresses());
        List<Judged> judged = new ArrayList<>();
        for (Expectation expectation : snapshot.expectations().values()) {
            for (Query query : Query.of(snapshot, expectation)) {
                judged.add(new Judged(expectation, query, judge.decide(query)));
            }
        }
        boolean ok = judged.stream().allMatch(Judged::ok);
        if (output.json()) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("engine", engine.name().toLowerCase(java.util.Locale.ROOT));
            document.put("objects", objects(snapshot));
            document.put("expectations", judged.stream().map(CheckCommand::json).toList());
            document.put("warnings", warnings);
            document.put("ok", ok);
            Json.print(document);
        } else {
            warnings.forEach(warning -> System.err.println("warning: " + warning));
            print(snapshot, judged);
        }
        return ok ? Exit.DONE : Exit.NO;
    }

    private static Map<String, Object> objects(Snapshot snapshot) {
        Map<String, Object> counts = new LinkedHashMap<>();
        counts.put("namespaces", snapshot.namespaces().size());
        counts.put("pods", snapshot.pods().size());
        counts.put("networkPolicies", snapshot.policies().size());
        counts.put("clusterNetworkPolicies", snapshot.clusterPolicies().size());
        counts.put("ciliumPolicies", snapshot.ciliumPolicies().size());
        counts.put("expectations", snapshot.expectations().size());
        return counts;
    }

    private static Map<String, Object> json(Judged judged) {
        Map<String, Object> result = new LinkedHashMap<>();
        Expectation e = judged.expectation();
        result.put("name", e.ref().path());
        result.put("from", e.from().toString());
        result.put("to", e.to().toString());
        result.put("family", judged.query().from().isV4() ? "IPv4" : "IPv6");
        result.put("protocol", e.protocol().toString());
        result.put("port", judged.query().port());
        result.put("want", e.allow() ? "allow" : "deny");
        result.put("got", judged.decision().allowed() ? "allow" : "deny");
        result.put("audited", judged.audited());
        result.put("rule", judged.decision().decisive().text());
        result.put("ok", judged.ok());
        return result;
    }

    private static void print(Snapshot snapshot, List<Judged> judged) {
        Table table = new Table("", "FROM", "TO", "PORT", "FAMILY", "WANT", "GOT", "BECAUSE");
        for (Judged j : judged) {
            table.row(
                    j.ok() ? "ok" : "FAILED",
                    j.expectation().from(),
                    j.expectation().to(),
                    j.query().port() + "/" + j.expectation().protocol(),
                    j.query().from().isV4() ? "IPv4" : "IPv6",
                    j.expectation().allow() ? "allow" : "deny",
                    j.decision().outcome().word(),
                    j.decision().decisive().text());
        }
        if (!table.isEmpty()) {
            System.out.println(table);
        }
        long held =
                snapshot.expectations().values().stream()
                        .filter(e ->
                                judged.stream()
                                        .filter(j -> j.expectation().equals(e))
                                        .allMatch(Judged::ok))
                        .count();
        System.out.printf(
                "valid: %d namespaces, %d pods, %d policies; %d of %d expectations hold%n",
                snapshot.namespaces().size(),
                snapshot.pods().size(),
                snapshot.countOfPolicies(),
                held,
                snapshot.expectations().size());
    }

    // ---- worlds

    private int checkWorld(Path file) {
        World read = WorldReader.read(file);
        Engine judge =
                switch (engine) {
                    case ORACLE -> new Oracle(read.snapshot(), Set.of());
                    case COMPILED -> Compiler.compile(read.snapshot(), Set.of());
                };
        List<Map<String, Object>> verdicts = new ArrayList<>();
        for (FlowQuery flow : read.flows()) {
            verdicts.add(judge(read.snapshot(), judge, flow));
        }
        if (output.json()) {
            Json.print(verdicts);
        } else {
            Table table = new Table("FLOW", "EGRESS", "INGRESS", "VERDICT", "RULE");
            for (int i = 0; i < verdicts.size(); i++) {
                Map<String, Object> v = verdicts.get(i);
                table.row(
                        read.flows().get(i),
                        v.get("egress"),
                        v.get("ingress"),
                        v.get("verdict"),
                        v.get("rule"));
            }
            System.out.print(table);
        }
        return Exit.DONE;
    }

    /** A flow of a dual-stack pair is allowed when it is in every family that both ends have. */
    private static Map<String, Object> judge(Snapshot snapshot, Engine judge, FlowQuery flow) {
        boolean egress = true;
        boolean ingress = true;
        String rule = "";
        for (Query query :
                Query.of(
                        snapshot,
                        flow.from(),
                        flow.to(),
                        flow.protocol(),
                        Integer.toString(flow.port()))) {
            Decision decision = judge.decide(query);
            if (rule.isEmpty() || (egress && ingress && !decision.allowed())) {
                rule = decision.decisive().text();
            }
            egress &= decision.egress();
            ingress &= decision.ingress();
        }
        Map<String, Object> verdict = new LinkedHashMap<>();
        verdict.put("egress", egress);
        verdict.put("ingress", ingress);
        verdict.put("verdict", egress && ingress ? "allow" : "deny");
        verdict.put("rule", rule);
        return verdict;
    }
}
