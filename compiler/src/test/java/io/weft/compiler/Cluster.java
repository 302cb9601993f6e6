package io.weft.compiler;

import io.weft.model.Delta;
import io.weft.model.Expectation.Party;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.LabelSelector;
import io.weft.model.LabelSelector.Operator;
import io.weft.model.LabelSelector.Requirement;
import io.weft.model.Labels;
import io.weft.model.Namespace;
import io.weft.model.NetworkPolicy;
import io.weft.model.NetworkPolicy.Peer;
import io.weft.model.NetworkPolicy.PortMatch;
import io.weft.model.NetworkPolicy.Rule;
import io.weft.model.Pod;
import io.weft.model.Prefix;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Snapshot;
import io.weft.model.Source;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A few words to write small clusters with; every answer comes from both engines. */
final class Cluster {
    static final Ip NODE = Ip.parse("10.0.255.1");

    private final Compilation compiled;

    private Cluster(Compilation compiled) {
        this.compiled = compiled;
    }

    static Cluster of(Resource... resources) {
        return new Cluster(Compiler.compile(Snapshot.of(Arrays.asList(resources)), Set.of(NODE)));
    }

    Cluster with(Resource... resources) {
        return step(Delta.put(Arrays.asList(resources)));
    }

    Cluster without(Ref... refs) {
        return step(new Delta(List.of(), Arrays.asList(refs)));
    }

    Cluster step(Delta delta) {
        return new Cluster(compiled.next(delta));
    }

    Compilation compiled() {
        return compiled;
    }

    /** {@return whether a flow passes, in each family that both ends have} */
    boolean allows(String from, String to, Protocol protocol, int port) {
        List<Query> queries =
                Query.of(
                        compiled.snapshot(),
                        Party.parse(from, "shop"),
                        Party.parse(to, "shop"),
                        protocol,
                        String.valueOf(port));
        List<Boolean> answers = queries.stream().map(q -> decide(q).allowed()).distinct().toList();
        if (answers.size() != 1) {
            throw new AssertionError("the families differ: " + queries);
        }
        return answers.getFirst();
    }

    boolean allowsTcp(String from, String to, int port) {
        return allows(from, to, Protocol.TCP, port);
    }

    boolean allowsPing(String from, String to) {
        Party source = Party.parse(from, "shop");
        Party destination = Party.parse(to, "shop");
        return decide(Query.ping(compiled.snapshot(), source, destination).getFirst()).allowed();
    }

    Query query(String from, String to, int port) {
        return Query.of(
                        compiled.snapshot(),
                        Party.parse(from, "shop"),
                        Party.parse(to, "shop"),
                        Protocol.TCP,
                        String.valueOf(port))
                .getFirst();
    }

    Decision decide(Query query) {
        Decision tables = compiled.decide(query);
        Decision oracle = new Oracle(compiled.snapshot(), Set.of(NODE)).decide(query);
        if (tables.egress() != oracle.egress() || tables.ingress() != oracle.ingress()) {
            throw new AssertionError(query + ": " + tables + ", but the oracle: " + oracle);
        }
        return tables;
    }

    // ---- resources ---------------------------------------------------------

    static Namespace namespace(String name, String labels) {
        return new Namespace(name, labels(labels), Source.NONE);
    }

    /**
     * @param path {@code web} of namespace shop, or {@code other/web}
     * @param ips separated by blanks
     */
    static Pod pod(String path, String ips, String labels, Pod.ContainerPort... ports) {
        Party.OfPod party = (Party.OfPod) Party.parse(path, "shop");
        return new Pod(
                party.pod(),
                labels(labels),
                words(ips).map(Ip::parse).toList(),
                List.of(ports),
                List.of(),
                false,
                false,
                Source.NONE);
    }

    static Pod.ContainerPort port(String name, Protocol protocol, int number) {
        return new Pod.ContainerPort(name, protocol, number);
    }

    /** {@return a policy of namespace shop that isolates ingress} */
    static NetworkPolicy ingress(String name, LabelSelector subject, Rule... rules) {
        return policy(name, subject, true, false, List.of(rules), List.of());
    }

    /** {@return a policy of namespace shop that isolates egress} */
    static NetworkPolicy egress(String name, LabelSelector subject, Rule... rules) {
        return policy(name, subject, false, true, List.of(), List.of(rules));
    }

    private static NetworkPolicy policy(
            String name,
            LabelSelector subject,
            boolean isolatesIngress,
            boolean isolatesEgress,
            List<Rule> ingress,
            List<Rule> egress) {
        return new NetworkPolicy(
                policyRef(name),
                subject,
                isolatesIngress,
                isolatesEgress,
                ingress,
                egress,
                new Source(name + ".yaml", 1));
    }

    static Ref policyRef(String name) {
        return new Ref(Kind.NETWORK_POLICY, "shop", name);
    }

    static Rule rule(List<Peer> peers, List<PortMatch> ports) {
        return new Rule(peers, ports, new Source("rule.yaml", 7));
    }

    static Peer pods(LabelSelector pods) {
        return new Peer.Pods(Optional.empty(), pods, Source.NONE);
    }

    static Peer pods(LabelSelector namespaces, LabelSelector pods) {
        return new Peer.Pods(Optional.of(namespaces), pods, Source.NONE);
    }

    static Peer block(String cidr, String... except) {
        return new Peer.IpBlock(
                Prefix.parse(cidr), Stream.of(except).map(Prefix::parse).toList(), Source.NONE);
    }

    static PortMatch ports(Protocol protocol, int first, int last) {
        return new PortMatch.Range(protocol, first, last, Source.NONE);
    }

    static PortMatch tcp(int port) {
        return ports(Protocol.TCP, port, port);
    }

    static PortMatch named(Protocol protocol, String name) {
        return new PortMatch.Named(protocol, name, Source.NONE);
    }

    static LabelSelector everything() {
        return LabelSelector.EVERYTHING;
    }

    static LabelSelector having(String labels) {
        return LabelSelector.of(labels(labels).asMap());
    }

    static LabelSelector where(String key, Operator operator, String... values) {
        return new LabelSelector(List.of(new Requirement(key, operator, List.of(values))));
    }

    private static Labels labels(String text) {
        Labels labels = Labels.EMPTY;
        List<String> pairs = new ArrayList<>(words(text).toList());
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            labels = labels.with(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return labels;
    }

    private static Stream<String> words(String text) {
        return Stream.of(text.trim().split("\\s+", -1)).filter(word -> !word.isEmpty());
    }
}
