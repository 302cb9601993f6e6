package io.weft.model;

import io.weft.model.CiliumNetworkPolicy.Rule;
import io.weft.model.CiliumNetworkPolicy.Spec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads cilium.io/v2 CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy, layers 3 and 4,
 * checked as the CRD and Cilium's {@code pkg/policy/api/rule_validation.go} do. What is above layer
 * 4, or needs names or keys of someone else, is refused.
 */
final class CiliumPolicyReader {
    private static final Set<String> SPEC =
            Set.of(
                    "description",
                    "egress",
                    "egressDeny",
                    "enableDefaultDeny",
                    "endpointSelector",
                    "ingress",
                    "ingressDeny",
                    "labels",
                    "log",
                    "nodeSelector");
    private static final Set<String> INGRESS =
            Set.of(
                    "authentication",
                    "fromCIDR",
                    "fromCIDRSet",
                    "fromEndpoints",
                    "fromEntities",
                    "fromGroups",
                    "fromNodes",
                    "fromRequires",
                    "icmps",
                    "toPorts");
    private static final Set<String> EGRESS =
            Set.of(
                    "authentication",
                    "icmps",
                    "toCIDR",
                    "toCIDRSet",
                    "toEndpoints",
                    "toEntities",
                    "toFQDNs",
                    "toGroups",
                    "toNodes",
                    "toPorts",
                    "toRequires",
                    "toServices");

    /** Fields of rules that are known and not supported, with the next step. */
    private static final Map<String, String> REFUSED = refused();

    private final String namespace;

    /**
     * @param namespace of the policy; empty for one of the cluster
     */
    private CiliumPolicyReader(String namespace) {
        this.namespace = namespace;
    }

    private static Map<String, String> refused() {
        Map<String, String> refused = new LinkedHashMap<>();
        refused.put("authentication", "mutual authentication is not supported yet");
        refused.put("fromRequires", "not supported; write the labels in fromEndpoints");
        refused.put("toRequires", "not supported; write the labels in toEndpoints");
        refused.put("fromGroups", "groups of cloud providers are not supported; write fromCIDR");
        refused.put("toGroups", "groups of cloud providers are not supported; write toCIDR");
        refused.put("toFQDNs", "domain names are not supported yet; write toCIDR or toEntities");
        return refused;
    }

    static CiliumNetworkPolicy read(Field root, ObjectMeta meta, Kind kind) {
        root.only(Set.of("apiVersion", "kind", "metadata", "spec", "specs", "status"));
        if (!root.has("spec") && !root.has("specs")) {
            root.missing("spec", "must have spec or specs");
        }
        CiliumPolicyReader reader = new CiliumPolicyReader(meta.namespace());
        List<Spec> specs = new ArrayList<>();
        root.child("spec")
                .filter(Field::isObject)
                .ifPresent(f -> specs.add(reader.spec(f, "spec")));
        int index = 0;
        for (Field spec : root.objects("specs")) {
            specs.add(reader.spec(spec, "specs[" + index++ + "]"));
        }
        return new CiliumNetworkPolicy(
                new Ref(kind, meta.namespace(), meta.name()), specs, root.source());
    }

    private Spec spec(Field spec, String field) {
        spec.only(SPEC);
        spec.child("log").ifPresent(f -> f.forbidden("log values are not supported yet"));
        List<Rule> ingress = rules(spec, "ingress", false);
        List<Rule> ingressDeny = rules(spec, "ingressDeny", true);
        List<Rule> egress = rules(spec, "egress", false);
        List<Rule> egressDeny = rules(spec, "egressDeny", true);
        boolean in = !ingress.isEmpty() || !ingressDeny.isEmpty();
        boolean out = !egress.isEmpty() || !egressDeny.isEmpty();
        if (!in && !out) {
            spec.required("must have at least one of ingress, ingressDeny, egress, egressDeny");
        }
        Field defaults = spec.object("enableDefaultDeny");
        defaults.only(Set.of("ingress", "egress"));
        return new Spec(
                field,
                subject(spec),
                defaults.flag("ingress", in),
                defaults.flag("egress", out),
                ingress,
                ingressDeny,
                egress,
                egressDeny,
                spec.source());
    }

    private Subject subject(Field spec) {
        boolean endpoints = spec.has("endpointSelector");
        boolean nodes = spec.has("nodeSelector");
        if (!endpoints && !nodes) {
            spec.required("must have one of endpointSelector and nodeSelector");
        }
        if (endpoints && nodes) {
            spec.child("nodeSelector")
                    .ifPresent(f -> f.forbidden("may not be set with endpointSelector"));
        }
        if (!nodes || endpoints) {
            return CiliumSelector.subject(spec.object("endpointSelector"), namespace);
        }
        if (!namespace.isEmpty()) {
            spec.child("nodeSelector")
                    .ifPresent(f ->
                            f.forbidden("only a CiliumClusterwideNetworkPolicy may select nodes"));
        }
        return new Subject.Nodes(SelectorReader.read(spec.object("nodeSelector")));
    }

    private List<Rule> rules(Field spec, String list, boolean deny) {
        boolean egress = list.startsWith("egress");
        List<Rule> rules = new ArrayList<>();
        for (Field rule : spec.objects(list)) {
            rule.only(egress ? EGRESS : INGRESS);
            REFUSED.forEach((key, next) ->
                    rule.child(key)
                            .filter(f -> egress ? EGRESS.contains(key) : INGRESS.contains(key))
                            .ifPresent(f -> f.forbidden(next)));
            Rule read = rule(rule, egress ? "to" : "from", deny);
            if (deny && (read.peers().isEmpty() || read.ports().isEmpty())) {
                rule.warn("denies nothing; to deny everyone write " + everyone(egress));
            }
            rules.add(read);
        }
        return rules;
    }

    /** A rule that says nothing of peers or of ports leaves that half open, but not both. */
    private Rule rule(Field rule, String prefix, boolean deny) {
        Optional<List<PortMatch>> ports = CiliumPorts.read(rule, deny);
        Optional<List<Peer>> peers = peers(rule, prefix);
        Source source = rule.source();
        return ports.isEmpty() && peers.isEmpty()
                ? new Rule(List.of(), List.of(), source)
                : new Rule(
                        peers.orElse(List.of(new Peer.Anyone(source))),
                        ports.orElse(List.of(new PortMatch.Every(source))),
                        source);
    }

    private static String everyone(boolean egress) {
        return (egress ? "toEntities" : "fromEntities") + ": [all]";
    }

    /**
     * {@return the peers of a rule; nothing when it has no list of them, and nobody when it has one
     * that is empty}
     */
    private Optional<List<Peer>> peers(Field rule, String prefix) {
        List<Peer> peers = new ArrayList<>();
        Optional<String> first = Optional.empty();
        for (String kind :
                List.of("Endpoints", "Nodes", "Entities", "CIDR", "CIDRSet", "Services")) {
            String key = prefix + kind;
            if (!rule.has(key) || key.equals("fromServices")) {
                continue;
            }
            if (first.isPresent()) {
                String other = first.get();
                rule.child(key)
                        .ifPresent(f ->
                                f.forbidden(
                                        "combining "
                                                + other
                                                + " and "
                                                + key
                                                + " is not supported; write a rule for each"));
            }
            first = Optional.of(key);
            switch (kind) {
                case "Endpoints" ->
                        rule.objects(key)
                                .forEach(f -> peers.add(CiliumSelector.peer(f, namespace)));
                case "Nodes" ->
                        rule.objects(key)
                                .forEach(f ->
                                        peers.add(
                                                new Peer.Nodes(
                                                        SelectorReader.read(f), f.source())));
                case "Entities" -> rule.items(key).forEach(f -> entity(f).ifPresent(peers::add));
                case "CIDR" ->
                        rule.items(key)
                                .forEach(f ->
                                        f.cidr().ifPresent(c -> peers.add(block(c, List.of(), f))));
                case "CIDRSet" -> rule.objects(key).forEach(f -> peers.add(cidrSet(f)));
                default -> rule.objects(key).forEach(f -> peers.add(service(f)));
            }
        }
        return first.map(key -> List.copyOf(peers));
    }

    private static Optional<Peer> entity(Field item) {
        Optional<String> text = item.text();
        Optional<Entity> entity = text.flatMap(Entity::tryParse);
        if (text.isPresent() && entity.isEmpty()) {
            item.unsupported(Entity.spellings());
        }
        return entity.map(e -> new Peer.OfEntity(e, item.source()));
    }

    private static Peer block(Prefix cidr, List<Prefix> except, Field item) {
        return new Peer.IpBlock(cidr, except, true, item.source());
    }

    private static Peer cidrSet(Field item) {
        item.only(Set.of("cidr", "cidrGroupRef", "cidrGroupSelector", "except"));
        for (String group : List.of("cidrGroupRef", "cidrGroupSelector")) {
            item.child(group)
                    .ifPresent(f -> f.forbidden("CIDR groups are not supported yet; write cidr"));
        }
        boolean group = item.has("cidrGroupRef") || item.has("cidrGroupSelector");
        Optional<Prefix> cidr =
                group && !item.has("cidr") ? Optional.empty() : item.requiredCidr("cidr");
        List<Prefix> except = new ArrayList<>();
        for (Field hole : item.items("except")) {
            Optional<Prefix> read = hole.cidr();
            if (read.isEmpty() || cidr.isEmpty()) {
                continue;
            }
            if (!cidr.get().contains(read.get())) {
                hole.invalid("must be inside cidr " + cidr.get());
            }
            except.add(read.get());
        }
        return block(cidr.orElse(Prefix.ALL_V4), except, item);
    }

    private static Peer service(Field item) {
        item.only(Set.of("k8sService", "k8sServiceSelector"));
        if (item.has("k8sService") == item.has("k8sServiceSelector")) {
            item.invalid("must have exactly one of k8sService and k8sServiceSelector");
        }
        if (item.has("k8sServiceSelector")) {
            Field selector = item.object("k8sServiceSelector");
            selector.only(Set.of("selector", "namespace"));
            if (!selector.has("selector")) {
                selector.missing("selector", "for every service write selector: {}");
            }
            Optional<String> namespace =
                    selector.child("namespace")
                            .flatMap(f -> f.text(CiliumPolicyReader::emptyOrLabel))
                            .filter(n -> !n.isEmpty());
            return new Peer.Services(
                    namespace, SelectorReader.read(selector.object("selector")), item.source());
        }
        Field service = item.object("k8sService");
        service.only(Set.of("serviceName", "namespace"));
        if (!item.has("k8sService")) {
            return new Peer.OneService(new Ref(Kind.SERVICE, "", ""), item.source());
        }
        String name = service.requiredText("serviceName", "", Names::dnsSubdomain);
        String namespace =
                service.requiredText("namespace", "the service's namespace", Names::dnsLabel);
        return new Peer.OneService(new Ref(Kind.SERVICE, namespace, name), item.source());
    }

    private static Optional<String> emptyOrLabel(String text) {
        return text.isEmpty() ? Optional.empty() : Names.dnsLabel(text);
    }
}
