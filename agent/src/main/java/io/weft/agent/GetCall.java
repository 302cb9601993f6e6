package io.weft.agent;

import io.weft.ipam.Claim;
import io.weft.ipam.LeaseKey;
import io.weft.model.CiliumNetworkPolicy;
import io.weft.model.ClusterNetworkPolicy;
import io.weft.model.EndpointSlice;
import io.weft.model.Expectation;
import io.weft.model.Ip;
import io.weft.model.IpamClaim;
import io.weft.model.Kind;
import io.weft.model.Namespace;
import io.weft.model.NetworkPolicy;
import io.weft.model.Pod;
import io.weft.model.Resource;
import io.weft.model.Service;
import io.weft.model.ServiceCidr;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Answers {@code Get}: the objects of a kind, and what became of them here. */
final class GetCall {
    private final Node node;
    private final Function<IpamClaim, Optional<Claim>> kept;

    /**
     * @param kept what is kept for a claim
     */
    GetCall(Node node, Function<IpamClaim, Optional<Claim>> kept) {
        this.node = node;
        this.kept = kept;
    }

    Map<String, Object> answer(Map<String, Object> parameters) {
        Kind kind = NodeApi.kind(NodeApi.string(parameters, "kind"));
        Object name = parameters.get("name");
        Object namespace = parameters.get("namespace");
        NodeState state = node.state();
        ServiceListing services = new ServiceListing(node);
        List<Map<String, Object>> items = new ArrayList<>();
        for (Resource resource : all(state, kind)) {
            if ((name == null || resource.ref().name().equals(name))
                    && (namespace == null || resource.ref().namespace().equals(namespace))) {
                items.add(describe(state, resource, services));
            }
        }
        if (items.isEmpty() && name != null) {
            throw new NodeException(
                    NodeException.Cause.INPUT,
                    kind
                            + " '"
                            + name
                            + "' not found"
                            + (namespace == null ? "" : " in " + namespace));
        }
        return Map.of("items", items);
    }

    private static List<? extends Resource> all(NodeState state, Kind kind) {
        return List.copyOf(
                switch (kind) {
                    case NAMESPACE -> state.snapshot().namespaces().values();
                    case NODE -> state.snapshot().nodes().values();
                    case POD -> state.snapshot().pods().values();
                    case SERVICE_CIDR -> state.snapshot().serviceCidrs().values();
                    case SERVICE -> state.snapshot().services().values();
                    case ENDPOINT_SLICE -> state.snapshot().endpointSlices().values();
                    case NETWORK_POLICY -> state.snapshot().policies().values();
                    case CLUSTER_NETWORK_POLICY -> state.snapshot().clusterPolicies().values();
                    case CILIUM_NETWORK_POLICY, CILIUM_CLUSTERWIDE_NETWORK_POLICY ->
                            state.snapshot().ciliumPolicies().values().stream()
                                    .filter(policy -> policy.ref().kind() == kind)
                                    .toList();
                    case IPAM_CLAIM -> state.snapshot().ipamClaims().values();
                    case EXPECTATION -> state.snapshot().expectations().values();
                });
    }

    private Map<String, Object> describe(
            NodeState state, Resource resource, ServiceListing services) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("kind", resource.ref().kind().toString());
        if (resource.ref().kind().namespaced()) {
            item.put("namespace", resource.ref().namespace());
        }
        item.put("name", resource.ref().name());
        switch (resource) {
            case Namespace n -> item.put("labels", n.labels().asMap());
            case Pod p -> {
                item.put("labels", p.labels().asMap());
                item.put("ips", p.ips().stream().map(Object::toString).toList());
                if (!p.bandwidth().isUnlimited()) {
                    item.put("bandwidth", p.bandwidth().toString());
                }
                if (!p.hostPorts().isEmpty()) {
                    item.put(
                            "hostPorts",
                            p.hostPorts().stream()
                                    .map(port -> port + " -> " + port.target())
                                    .toList());
                }
                Optional.ofNullable(state.endpoints().get(p.ref()))
                        .ifPresent(e -> {
                            item.put("interface", e.hostInterface());
                            item.put("attached", e.kind().toString());
                        });
            }
            case io.weft.model.Node n -> {
                item.put("labels", n.labels().asMap());
                item.put("addresses", n.addresses().stream().map(Object::toString).toList());
            }
            case Service v -> services.describe(v, item);
            case ServiceCidr c ->
                    item.put("cidrs", c.cidrs().stream().map(Object::toString).toList());
            case EndpointSlice s -> {
                s.service().ifPresent(service -> item.put("service", service.name()));
                item.put("endpoints", s.endpoints().stream().map(e -> e.ip().toString()).toList());
            }
            case ClusterNetworkPolicy c -> {
                item.put("tier", c.tier().toString());
                item.put("priority", c.priority());
                item.put("ingressRules", c.ingress().size());
                item.put("egressRules", c.egress().size());
            }
            case CiliumNetworkPolicy c -> item.put("specs", c.specs().size());
            case NetworkPolicy n -> {
                item.put("podSelector", n.podSelector().toString());
                List<String> types = new ArrayList<>();
                if (n.isolatesIngress()) {
                    types.add("Ingress");
                }
                if (n.isolatesEgress()) {
                    types.add("Egress");
                }
                item.put("policyTypes", types);
                item.put("ingressRules", n.ingress().size());
                item.put("egressRules", n.egress().size());
            }
            case IpamClaim c -> {
                item.put("network", c.network());
                item.put("interface", c.ifname());
                Optional<Claim> there = kept.apply(c);
                item.put(
                        "ips",
                        there.map(Claim::addresses).orElse(c.ips()).stream()
                                .map(Ip::toString)
                                .toList());
                item.put(
                        "heldBy",
                        there.map(Claim::holders).orElse(Set.of()).stream()
                                .map(LeaseKey::toString)
                                .toList());
            }
            case Expectation e -> {
                item.put("from", e.from().toString());
                item.put("to", e.to().toString());
                item.put("port", e.port());
                item.put("protocol", e.protocol().toString());
                item.put("verdict", e.allow() ? "allow" : "deny");
            }
        }
        item.put("source", resource.source().toString());
        return item;
    }
}
