package io.weft.cli;

import io.weft.agent.OfflineNode;
import io.weft.compiler.Compilation;
import io.weft.compiler.Compiler;
import io.weft.compiler.CompilerOptions;
import io.weft.compiler.Oracle;
import io.weft.compiler.Passage;
import io.weft.compiler.Query;
import io.weft.compiler.ServiceOptions;
import io.weft.compiler.ServiceOracle;
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
import java.util.concurrent.Callable;
import java.util.function.Function;
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
            "  weft check --world world.json --node worker-1 --cluster-cidr 10.0.0.0/16 -o json",
            "",
            "A world is {\"objects\": [...], \"flows\": [{\"from\": {\"pod\": \"ns/name\"} or {\"ip\":"
                    + " \"...\"},",
            "\"to\": ..., \"protocol\": \"TCP\", \"port\": 80}]}; pods carry status.podIPs. The answer"
                    + " is one verdict per",
            "flow, in order. A flow may go to {\"service\": \"ns/name\"}, or to an address of a"
                    + " service; then the",
            "answer also has \"endpoints\" ([\"ip:port\", ...], \"REJECT\" or \"DROP\"),"
                    + " \"masquerade\", and \"backends\"",
            "with a verdict for each; the flow is allowed when every backend's is."
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

    @Mixin private ServicePoolOptions pools = new ServicePoolOptions();
    @Mixin private SiteOptions site = new SiteOptions();

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

    private record Judged(Expectation expectation, Passage passage) {
        /** To a service, it holds when it does for every backend. */
        boolean ok() {
            return expectation.allow() ? passage.allowed() : passage.denied();
        }

        Query query() {
            return passage.query();
        }
    }

    private int checkManifests() {
        Manifests read = new ManifestReader().strictReferences().parseAll(paths);
        Snapshot snapshot = OfflineNode.snapshot(read.resources(), pools.pools());
        ServiceOptions services = site.of(snapshot, site.node());
        Compilation compilation =
                Compiler.compile(
                        snapshot,
                        OfflineNode.nodeAddresses(),
                        new CompilerOptions(false, services));
        List<String> warnings =
                Stream.concat(read.warnings().stream(), compilation.warnings().stream())
                        .map(Problem::toString)
                        .toList();
        Function<Query, Passage> judge = compilation::pass;
        if (engine == EngineName.ORACLE) {
            Oracle policy = new Oracle(snapshot, OfflineNode.nodeAddresses());
            ServiceOracle oracle =
                    new ServiceOracle(snapshot, OfflineNode.nodeAddresses(), services);
            judge = query -> Passage.of(query, oracle.translate(query), policy);
        }
        List<Judged> judged = new ArrayList<>();
        for (Expectation expectation : snapshot.expectations().values()) {
            for (Query query : Query.of(snapshot, expectation)) {
                judged.add(new Judged(expectation, judge.apply(query)));
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
        counts.put("services", snapshot.services().size());
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
        Passage passage = judged.passage();
        result.put("got", passage.audited() ? "allow" : passage.word());
        result.put("audited", passage.audited());
        result.put("rule", passage.because());
        if (passage.isToService()) {
            result.put("endpoints", WorldJudge.endpoints(List.of(passage)));
            result.put("masquerade", passage.masqueraded());
        }
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
                    j.passage().word(),
                    j.passage().because());
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
        WorldJudge judge = new WorldJudge(read.snapshot(), engine == EngineName.ORACLE, site);
        List<Map<String, Object>> answers = read.flows().stream().map(judge::answer).toList();
        if (output.json()) {
            Json.print(answers);
        } else {
            print(read.flows(), answers);
        }
        return Exit.DONE;
    }

    private static void print(List<FlowQuery> flows, List<Map<String, Object>> answers) {
        boolean services = answers.stream().anyMatch(answer -> answer.containsKey("endpoints"));
        List<String> header = new ArrayList<>(List.of("FLOW", "EGRESS", "INGRESS", "VERDICT"));
        if (services) {
            header.addAll(List.of("ENDPOINTS", "MASQUERADE"));
        }
        header.add("RULE");
        Table table = new Table(header.toArray(String[]::new));
        for (int i = 0; i < answers.size(); i++) {
            Map<String, Object> answer = answers.get(i);
            List<@Nullable Object> row = new ArrayList<>();
            row.add(flows.get(i));
            for (String key : List.of("egress", "ingress", "verdict")) {
                row.add(answer.get(key));
            }
            if (services) {
                row.add(
                        answer.get("endpoints") instanceof List<?> list
                                ? String.join(", ", list.stream().map(String::valueOf).toList())
                                : answer.get("endpoints"));
                row.add(answer.get("masquerade"));
            }
            row.add(answer.get("rule"));
            table.row(row.toArray());
        }
        System.out.print(table);
    }
}
