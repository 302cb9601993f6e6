package io.weft.agent;

import io.weft.agent.AppWorkloads.Workload;
import io.weft.agent.Recommendation.Party;
import io.weft.agent.Recommendation.Seen;
import io.weft.agent.Recommendation.Service;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.Namespace;
import io.weft.model.Prefix;
import io.weft.model.Ref;
import io.weft.tables.Direction;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * A policy as a document, with comments for who reads it. It is a NetworkPolicy; what that kind
 * cannot say, which is ICMP by type and entities, is in a CiliumNetworkPolicy beside it.
 *
 * @param document in the order in which it reads well
 */
public record RecommendedPolicy(Map<String, Object> document, List<String> comments) {
    private static final int NAMED_PODS = 5;
    private static final int MAX_ITEMS = 40; // of ports and fields, in Cilium's lists

    /** {@return the policies of one workload} */
    static List<RecommendedPolicy> of(
            AppWorkloads all, Workload workload, Map<Direction, Seen> sides) {
        Seen in = sides.getOrDefault(Direction.INGRESS, new Seen());
        Seen out = sides.getOrDefault(Direction.EGRESS, new Seen());
        List<String> comments = new ArrayList<>();
        comments.add("Pods: " + podNames(workload));
        if (in.peers.isEmpty()) {
            comments.add("Nobody was seen to open a connection to it: ingress is closed.");
        }
        if (out.peers.isEmpty()) {
            comments.add("It was seen to open no connection: egress is closed.");
        }
        if (workload.pods().size() > 1
                && (!in.isUniform(workload.pods()) || !out.isUniform(workload.pods()))) {
            comments.add(
                    "Labels do not tell these pods apart: what was seen of one is allowed for"
                            + " all.");
        }
        List<RecommendedPolicy> policies = new ArrayList<>();
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("podSelector", selector(all, workload));
        spec.put("policyTypes", List.of("Ingress", "Egress"));
        if (!rules(all, workload, in, "from").isEmpty()) {
            spec.put("ingress", rules(all, workload, in, "from"));
        }
        if (!rules(all, workload, out, "to").isEmpty()) {
            spec.put("egress", rules(all, workload, out, "to"));
        }
        policies.add(
                new RecommendedPolicy(
                        document(Kind.NETWORK_POLICY, all, workload, spec), List.copyOf(comments)));
        List<Object> ciliumIn = ciliumRules(all, workload, in, "from");
        List<Object> ciliumOut = ciliumRules(all, workload, out, "to");
        if (!ciliumIn.isEmpty() || !ciliumOut.isEmpty()) {
            Map<String, Object> more = new LinkedHashMap<>();
            more.put("endpointSelector", selector(all, workload));
            if (!ciliumIn.isEmpty()) {
                more.put("ingress", ciliumIn);
            }
            if (!ciliumOut.isEmpty()) {
                more.put("egress", ciliumOut);
            }
            policies.add(
                    new RecommendedPolicy(
                            document(Kind.CILIUM_NETWORK_POLICY, all, workload, more),
                            List.of("What a NetworkPolicy cannot say of the same pods.")));
        }
        return policies;
    }

    /** {@return {@code shop/web-1, shop/web-2 and 3 more}} */
    static String podNames(Workload workload) {
        List<String> names = workload.pods().stream().limit(NAMED_PODS).map(Ref::path).toList();
        int more = workload.pods().size() - names.size();
        return String.join(", ", names) + (more > 0 ? " and " + more + " more" : "");
    }

    private static Map<String, Object> document(
            Kind kind, AppWorkloads all, Workload workload, Map<String, Object> spec) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("name", all.name(workload) + "-observed");
        metadata.put("namespace", workload.namespace());
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("apiVersion", kind.apiVersion());
        document.put("kind", kind.toString());
        document.put("metadata", metadata);
        document.put("spec", spec);
        return document;
    }

    private static Map<String, Object> selector(AppWorkloads all, Workload workload) {
        AppWorkloads.Selector selector = all.selector(workload);
        return selector(selector.labels(), selector.absent());
    }

    private static Map<String, Object> selector(Map<String, String> labels, List<String> absent) {
        Map<String, Object> selector = new LinkedHashMap<>();
        if (!labels.isEmpty()) {
            selector.put("matchLabels", labels);
        }
        if (!absent.isEmpty()) {
            List<Object> expressions = new ArrayList<>();
            for (String key : absent) {
                Map<String, Object> expression = new LinkedHashMap<>();
                expression.put("key", key);
                expression.put("operator", "DoesNotExist");
                expressions.add(expression);
            }
            selector.put("matchExpressions", expressions);
        }
        return selector;
    }

    /** {@return those services → the peers that were seen with just these} */
    private static Map<List<Service>, List<Party>> byServices(
            Seen seen, Predicate<Party> ofPeers, Predicate<Service> ofServices) {
        Map<String, List<Service>> lists = new TreeMap<>();
        Map<String, List<Party>> peers = new TreeMap<>();
        seen.peers.forEach((peer, services) -> {
            List<Service> some = services.stream().filter(ofServices).toList();
            if (ofPeers.test(peer) && !some.isEmpty()) {
                lists.put(some.toString(), some);
                peers.computeIfAbsent(some.toString(), s -> new ArrayList<>()).add(peer);
            }
        });
        Map<List<Service>, List<Party>> grouped = new LinkedHashMap<>();
        lists.forEach(
                (text, services) -> grouped.put(services, peers.getOrDefault(text, List.of())));
        return grouped;
    }

    // ---- NetworkPolicy

    private static List<Object> rules(AppWorkloads all, Workload own, Seen seen, String prefix) {
        List<Object> rules = new ArrayList<>();
        byServices(seen, p -> !(p instanceof Party.OfEntity), s -> !s.isIcmp())
                .forEach((services, peers) -> {
                    Map<String, Object> rule = new LinkedHashMap<>();
                    List<Object> list = new ArrayList<>();
                    for (Party peer : peers) {
                        if (peer instanceof Party.OfWorkload(Workload workload)) {
                            list.add(peer(all, own, workload));
                        }
                    }
                    for (Prefix block : blocks(peers)) {
                        list.add(Map.of("ipBlock", Map.of("cidr", block.toString())));
                    }
                    rule.put(prefix, list);
                    rule.put("ports", ports(services));
                    rules.add(rule);
                });
        return rules;
    }

    private static Map<String, Object> peer(AppWorkloads all, Workload own, Workload peer) {
        Map<String, Object> document = new LinkedHashMap<>();
        if (!peer.namespace().equals(own.namespace())) {
            document.put(
                    "namespaceSelector",
                    selector(Map.of(Namespace.NAME_LABEL, peer.namespace()), List.of()));
        }
        document.put("podSelector", selector(all, peer));
        return document;
    }

    /** Neighbouring ports become one item. */
    private static List<Object> ports(List<Service> services) {
        List<Object> ports = new ArrayList<>();
        for (int i = 0; i < services.size(); i++) {
            Service first = services.get(i);
            int last = i;
            while (last + 1 < services.size()
                    && services.get(last + 1).protocol() == first.protocol()
                    && services.get(last + 1).port() == services.get(last).port() + 1) {
                last++;
            }
            Map<String, Object> port = new LinkedHashMap<>();
            port.put("protocol", first.transport().orElseThrow().toString());
            port.put("port", first.port());
            if (last > i) {
                port.put("endPort", services.get(last).port());
            }
            ports.add(port);
            i = last;
        }
        return ports;
    }

    /** {@return the fewest blocks that hold just the addresses among the peers} */
    static List<Prefix> blocks(Collection<Party> peers) {
        NavigableSet<Prefix> blocks = new TreeSet<>();
        for (Party peer : peers) {
            if (peer instanceof Party.OfIp(Ip ip)) {
                Prefix block = Prefix.of(ip);
                while (block.length() > 0 && blocks.remove(sibling(block))) {
                    block = new Prefix(block.ip(), block.length() - 1);
                }
                blocks.add(block);
            }
        }
        return List.copyOf(blocks);
    }

    private static Prefix sibling(Prefix block) {
        int bit = 128 - block.mappedLength(); // from the right
        Ip ip = block.ip();
        return new Prefix(
                bit >= 64
                        ? new Ip(ip.high() ^ 1L << (bit - 64), ip.low())
                        : new Ip(ip.high(), ip.low() ^ 1L << bit),
                block.length());
    }

    // ---- CiliumNetworkPolicy

    private static List<Object> ciliumRules(
            AppWorkloads all, Workload own, Seen seen, String prefix) {
        List<Object> rules = new ArrayList<>();
        byServices(seen, p -> true, Service::isIcmp)
                .forEach((services, peers) ->
                        chunks(services)
                                .forEach(some ->
                                        ciliumRules(
                                                all,
                                                own,
                                                peers,
                                                prefix,
                                                "icmps",
                                                icmps(some),
                                                rules)));
        byServices(seen, p -> p instanceof Party.OfEntity, s -> !s.isIcmp())
                .forEach((services, peers) ->
                        chunks(services)
                                .forEach(some ->
                                        ciliumRules(
                                                all,
                                                own,
                                                peers,
                                                prefix,
                                                "toPorts",
                                                toPorts(some),
                                                rules)));
        return rules;
    }

    private static List<List<Service>> chunks(List<Service> services) {
        List<List<Service>> chunks = new ArrayList<>();
        for (int i = 0; i < services.size(); i += MAX_ITEMS) {
            chunks.add(services.subList(i, Math.min(services.size(), i + MAX_ITEMS)));
        }
        return chunks;
    }

    /** A rule for each kind of peer: they cannot be combined. */
    private static void ciliumRules(
            AppWorkloads all,
            Workload own,
            List<Party> peers,
            String prefix,
            String key,
            Object ports,
            List<Object> into) {
        List<Object> endpoints = new ArrayList<>();
        List<Object> entities = new ArrayList<>();
        for (Party peer : peers) {
            switch (peer) {
                case Party.OfWorkload(Workload workload) ->
                        endpoints.add(endpoint(all, own, workload));
                case Party.OfEntity entity -> entities.add(entity.entity().toString());
                case Party.OfIp _ -> {} // below, as blocks
            }
        }
        Map<String, List<Object>> lists = new LinkedHashMap<>();
        lists.put("Endpoints", endpoints);
        lists.put("Entities", entities);
        lists.put("CIDR", blocks(peers).stream().<Object>map(Prefix::toString).toList());
        lists.forEach((kind, list) -> {
            if (!list.isEmpty()) {
                Map<String, Object> rule = new LinkedHashMap<>();
                rule.put(prefix + kind, list);
                rule.put(key, ports);
                into.add(rule);
            }
        });
    }

    private static Map<String, Object> endpoint(AppWorkloads all, Workload own, Workload peer) {
        AppWorkloads.Selector selector = all.selector(peer);
        Map<String, String> labels = new TreeMap<>(selector.labels());
        if (!peer.namespace().equals(own.namespace())) {
            labels.put("k8s:io.kubernetes.pod.namespace", peer.namespace());
        }
        return selector(labels, selector.absent());
    }

    private static List<Object> icmps(List<Service> services) {
        List<Object> fields = new ArrayList<>();
        for (Service service : services) {
            Map<String, Object> field = new LinkedHashMap<>();
            field.put("family", service.isV4() ? "IPv4" : "IPv6");
            field.put("type", service.port());
            fields.add(field);
        }
        return List.of(Map.of("fields", fields));
    }

    private static List<Object> toPorts(List<Service> services) {
        List<Object> ports = new ArrayList<>();
        for (Service service : services) {
            Map<String, Object> port = new LinkedHashMap<>();
            port.put("port", Integer.toString(service.port()));
            port.put("protocol", service.transport().orElseThrow().toString());
            ports.add(port);
        }
        return List.of(Map.of("ports", ports));
    }
}
