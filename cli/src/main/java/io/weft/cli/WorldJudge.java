package io.weft.cli;

import io.weft.agent.OfflineNode;
import io.weft.compiler.Compiler;
import io.weft.compiler.CompilerOptions;
import io.weft.compiler.Engine;
import io.weft.compiler.Oracle;
import io.weft.compiler.Passage;
import io.weft.compiler.Passage.Way;
import io.weft.compiler.Query;
import io.weft.compiler.QueryException;
import io.weft.compiler.ServiceOptions;
import io.weft.compiler.ServiceOracle;
import io.weft.compiler.Translation;
import io.weft.compiler.Translation.Dropped;
import io.weft.compiler.Translation.Target;
import io.weft.model.Expectation.Party;
import io.weft.model.FlowQuery;
import io.weft.model.Ip;
import io.weft.model.Node;
import io.weft.model.Pod;
import io.weft.model.Resource;
import io.weft.model.Snapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Answers flows over a world: services translate, as one of its nodes would, then policy judges.
 *
 * <p>Of several nodes, it is the one that {@code --node} names; else the client's, else the one
 * whose address is asked for; else none of them, so that no endpoint is local.
 */
final class WorldJudge {
    private final Snapshot snapshot;
    private final boolean oracle;
    private final SiteOptions site;
    private final Engine policy;
    private final Map<Optional<String>, Function<Query, Translation>> views = new HashMap<>();
    private final Map<Ip, Optional<String>> nodesOfPods = new HashMap<>();

    WorldJudge(Snapshot world, boolean oracle, SiteOptions site) {
        this.snapshot = OfflineNode.withServiceAddresses(world);
        this.oracle = oracle;
        this.site = site;
        if (oracle) {
            policy = new Oracle(snapshot, Set.of());
        } else {
            Optional<String> usual = site.node().or(() -> only(snapshot));
            var compilation =
                    Compiler.compile(
                            snapshot,
                            Set.of(),
                            new CompilerOptions(false, site.of(snapshot, usual)));
            policy = compilation;
            views.put(usual, compilation::translate);
        }
        for (Pod pod : snapshot.pods().values()) {
            if (pod.node().isPresent()) {
                pod.ips().forEach(ip -> nodesOfPods.putIfAbsent(ip, pod.node()));
            }
        }
    }

    private static Optional<String> only(Snapshot snapshot) {
        return snapshot.nodes().size() == 1
                ? Optional.of(snapshot.nodes().firstKey())
                : Optional.empty();
    }

    /** {@return the answer to one flow: it is allowed when it is in every family, on every way} */
    Map<String, Object> answer(FlowQuery flow) {
        if (!(flow.to() instanceof Party.OfService)) {
            return json(judge(flow), false);
        }
        try {
            return json(judge(flow), true);
        } catch (
                QueryException e) { // it leads nowhere: no address, or no pod behind a headless one
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("egress", false);
            answer.put("ingress", false);
            answer.put("verdict", "deny");
            answer.put("rule", e.getMessage());
            answer.put("endpoints", List.of());
            answer.put("masquerade", false);
            answer.put("backends", List.of());
            return answer;
        }
    }

    /** {@return a flow's passage in every family that both ends have; never empty} */
    private List<Passage> judge(FlowQuery flow) {
        return Query.of(
                        snapshot,
                        flow.from(),
                        flow.to(),
                        flow.protocol(),
                        Integer.toString(flow.port()))
                .stream()
                .map(query -> Passage.of(query, view(query).apply(query), policy))
                .toList();
    }

    private Function<Query, Translation> view(Query query) {
        Optional<String> node =
                site.node()
                        .or(() -> only(snapshot))
                        .or(() -> nodesOfPods.getOrDefault(query.from(), Optional.empty()))
                        .or(() -> nodeOf(query.from()))
                        .or(() -> nodeOf(query.to()));
        return views.computeIfAbsent(node, this::open);
    }

    private Optional<String> nodeOf(Ip ip) {
        return snapshot.nodes().values().stream()
                .filter(node ->
                        node.addresses().contains(ip)
                                || node.podCidrs().stream().anyMatch(cidr -> cidr.contains(ip)))
                .map(Node::name)
                .findFirst();
    }

    private Function<Query, Translation> open(Optional<String> node) {
        ServiceOptions options = site.of(snapshot, node);
        if (oracle) {
            return new ServiceOracle(snapshot, Set.of(), options)::translate;
        }
        List<Resource> services = new ArrayList<>(); // policy is judged once for all nodes
        services.addAll(snapshot.pods().values());
        services.addAll(snapshot.nodes().values());
        services.addAll(snapshot.serviceCidrs().values());
        services.addAll(snapshot.services().values());
        services.addAll(snapshot.endpointSlices().values());
        return Compiler.compile(
                        Snapshot.of(services), Set.of(), new CompilerOptions(false, options))
                ::translate;
    }

    // ---- as a document

    private static Map<String, Object> json(List<Passage> passages, boolean service) {
        Map<String, Object> answer = new LinkedHashMap<>();
        boolean egress = passages.stream().allMatch(Passage::egress);
        boolean ingress = passages.stream().allMatch(Passage::ingress);
        answer.put("egress", egress);
        answer.put("ingress", ingress);
        answer.put("verdict", egress && ingress ? "allow" : "deny");
        answer.put(
                "rule",
                passages.stream()
                        .filter(p -> !p.allowed())
                        .findFirst()
                        .orElseGet(passages::getFirst)
                        .because());
        if (service || passages.stream().anyMatch(Passage::isToService)) {
            answer.put("endpoints", endpoints(passages));
            answer.put("masquerade", passages.stream().anyMatch(Passage::masqueraded));
            answer.put(
                    "backends",
                    passages.stream()
                            .flatMap(p -> p.ways().stream())
                            .map(WorldJudge::backend)
                            .toList());
        }
        return answer;
    }

    static Object endpoints(List<Passage> passages) {
        Set<String> endpoints = new LinkedHashSet<>();
        for (Passage passage : passages) {
            passage.ways().forEach(way -> endpoints.add(endpoint(way)));
        }
        if (!endpoints.isEmpty()) {
            return List.copyOf(endpoints);
        }
        return passages.stream().allMatch(p -> p.translation() instanceof Dropped)
                ? "DROP"
                : "REJECT";
    }

    private static Map<String, Object> backend(Way way) {
        Map<String, Object> backend = new LinkedHashMap<>();
        backend.put("endpoint", endpoint(way));
        backend.put("masquerade", way.target().filter(Target::masquerade).isPresent());
        backend.put("egress", way.decision().egress());
        backend.put("ingress", way.decision().ingress());
        backend.put("verdict", way.decision().allowed() ? "allow" : "deny");
        backend.put("rule", way.decision().decisive().text());
        return backend;
    }

    private static String endpoint(Way way) {
        Ip ip = way.query().to();
        return (ip.isV4() ? ip.toString() : "[" + ip + "]") + ":" + way.query().port();
    }
}
