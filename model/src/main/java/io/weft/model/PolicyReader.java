package io.weft.model;

import io.weft.model.NetworkPolicy.Peer;
import io.weft.model.NetworkPolicy.PortMatch;
import io.weft.model.NetworkPolicy.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Reads networking.k8s.io/v1 NetworkPolicy, checked and defaulted as the API server does
 * (Kubernetes {@code pkg/apis/networking/validation} and {@code v1/defaults.go}). A missing
 * podSelector is an empty one: every pod of the namespace.
 */
final class PolicyReader {
    private static final Optional<String> INGRESS = Optional.of("Ingress");
    private static final Optional<String> EGRESS = Optional.of("Egress");

    private PolicyReader() {}

    static NetworkPolicy read(Field root, ObjectMeta meta) {
        root.only(Set.of("apiVersion", "kind", "metadata", "spec", "status"));
        Field spec = root.object("spec");
        spec.only(Set.of("podSelector", "policyTypes", "ingress", "egress"));
        LabelSelector podSelector = SelectorReader.read(spec.object("podSelector"));
        List<Rule> ingress = rules(spec, "ingress", "from");
        List<Rule> egress = rules(spec, "egress", "to");
        boolean typed = false;
        boolean isolatesIngress = false;
        boolean isolatesEgress = false;
        List<Field> types = spec.items("policyTypes");
        if (types.size() > 2) {
            spec.child("policyTypes")
                    .ifPresent(f -> f.invalid("may not specify more than two policyTypes"));
        }
        for (Field type : types) {
            typed = true;
            Optional<String> text = type.text();
            isolatesIngress |= text.equals(INGRESS);
            isolatesEgress |= text.equals(EGRESS);
            if (text.isPresent() && !text.equals(INGRESS) && !text.equals(EGRESS)) {
                type.unsupported(List.of("Egress", "Ingress"));
            }
        }
        if (!typed) {
            isolatesIngress = true;
            isolatesEgress = !egress.isEmpty();
        }
        return new NetworkPolicy(
                new Ref(Kind.NETWORK_POLICY, meta.namespace(), meta.name()),
                podSelector,
                isolatesIngress,
                isolatesEgress,
                ingress,
                egress,
                root.source());
    }

    private static List<Rule> rules(Field spec, String direction, String peersKey) {
        List<Rule> rules = new ArrayList<>();
        for (Field rule : spec.objects(direction)) {
            rule.only(Set.of(peersKey, "ports"));
            List<Peer> peers = new ArrayList<>();
            rule.objects(peersKey).forEach(peer -> peers.add(peer(peer)));
            List<PortMatch> ports = new ArrayList<>();
            rule.objects("ports").forEach(port -> ports.add(port(port)));
            rules.add(new Rule(peers, ports, rule.source()));
        }
        return rules;
    }

    private static Peer peer(Field peer) {
        peer.only(Set.of("podSelector", "namespaceSelector", "ipBlock"));
        boolean selects = peer.has("podSelector") || peer.has("namespaceSelector");
        Optional<Field> ipBlock = peer.child("ipBlock");
        if (ipBlock.isPresent()) {
            if (selects) {
                peer.forbidden("may not specify both ipBlock and another peer");
            }
            return ipBlock(peer.object("ipBlock"), peer.source());
        }
        if (!selects) {
            peer.required(
                    "must specify a peer; for every pod of every namespace write"
                            + " namespaceSelector: {}");
        }
        return new Peer.Pods(
                peer.has("namespaceSelector")
                        ? Optional.of(SelectorReader.read(peer.object("namespaceSelector")))
                        : Optional.empty(),
                SelectorReader.read(peer.object("podSelector")),
                peer.source());
    }

    private static Peer ipBlock(Field block, Source source) {
        block.only(Set.of("cidr", "except"));
        Optional<Prefix> cidr = block.requiredCidr("cidr");
        List<Prefix> except = new ArrayList<>();
        for (Field item : block.items("except")) {
            Optional<Prefix> hole = item.cidr();
            if (hole.isEmpty() || cidr.isEmpty()) {
                continue;
            }
            if (!cidr.get().contains(hole.get()) || cidr.get().length() == hole.get().length()) {
                item.invalid(
                        "must be a strict subset of `cidr`; that is, smaller than "
                                + cidr.get()
                                + " and inside it");
            }
            except.add(hole.get());
        }
        return new Peer.IpBlock(cidr.orElse(Prefix.ALL_V4), except, source);
    }

    private static PortMatch port(Field item) {
        item.only(Set.of("protocol", "port", "endPort"));
        Protocol protocol = item.protocol("protocol");
        Optional<Field> port = item.child("port");
        Optional<Field> endPort = item.child("endPort");
        if (port.isEmpty()) {
            endPort.ifPresent(f -> f.invalid("may not be specified when `port` is not specified"));
            return new PortMatch.Range(protocol, 0, 65535, item.source());
        }
        if (!port.get().isNumber()) {
            endPort.ifPresent(f -> f.invalid("may not be specified when `port` is non-numeric"));
            String name = port.get().text(Names::portName).orElse("");
            return new PortMatch.Named(protocol, name, item.source());
        }
        OptionalInt first = port.get().port();
        OptionalInt last = endPort.isPresent() ? endPort.get().integer() : first;
        if (endPort.isPresent() && last.isPresent()) {
            if (first.isPresent() && last.getAsInt() < first.getAsInt()) {
                endPort.get().invalid("must be greater than or equal to `port`");
            } else {
                endPort.get().ok(Names.portNumber(last.getAsInt()));
            }
        }
        return new PortMatch.Range(protocol, first.orElse(1), last.orElse(1), item.source());
    }
}
