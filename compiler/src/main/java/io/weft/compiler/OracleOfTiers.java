package io.weft.compiler;

import io.weft.model.CiliumNetworkPolicy;
import io.weft.model.ClusterNetworkPolicy;
import io.weft.model.Ip;
import io.weft.model.Node;
import io.weft.model.Peer;
import io.weft.model.Pod;
import io.weft.model.PortMatch;
import io.weft.model.Ref;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import io.weft.model.Source;
import io.weft.model.Subject;
import io.weft.tables.Direction;
import io.weft.tables.Rule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * What the {@link Oracle} knows of cluster policies and Cilium policies, for one end of one flow:
 * <a href="https://network-policy-api.sigs.k8s.io/">tiers</a> by going through their rules in
 * order, and Cilium's rules in none.
 *
 * @param local the pod that is judged
 * @param self the node that is judged, if it is none
 * @param other the pod at the other end
 * @param destination of the flow; one of the two
 * @param remote address of the other end, which is no address of this node
 */
record OracleOfTiers(
        Snapshot snapshot,
        Optional<Pod> local,
        Optional<Node> self,
        Optional<Pod> other,
        Optional<Pod> destination,
        Ip remote,
        Query query) {

    private record Ordered(ClusterNetworkPolicy policy, int index, ClusterNetworkPolicy.Rule rule) {
        int rank() {
            return switch (rule.action()) {
                case DENY -> 0;
                case PASS -> 1;
                case ACCEPT -> 2;
            };
        }
    }

    /** {@return what the first rule that matches says; nothing if there is none or it passes} */
    Optional<Oracle.Side> tier(ClusterNetworkPolicy.Tier tier, Direction direction) {
        List<Ordered> all = new ArrayList<>();
        for (ClusterNetworkPolicy policy : snapshot.clusterPolicies().values()) {
            List<ClusterNetworkPolicy.Rule> rules =
                    switch (direction) {
                        case INGRESS -> policy.ingress();
                        case EGRESS -> policy.egress();
                    };
            for (int i = 0; i < rules.size(); i++) {
                if (policy.tier() == tier && isSubject(policy.subject())) {
                    all.add(new Ordered(policy, i, rules.get(i)));
                }
            }
        }
        all.sort(
                Comparator.<Ordered>comparingInt(o -> o.policy.priority())
                        .thenComparingInt(Ordered::index)
                        .thenComparingInt(Ordered::rank));
        for (Ordered o : all) {
            if (matches(o.rule.peers(), o.rule.ports())) {
                Rule named =
                        new Rule.OfPolicy(o.policy.ref(), direction, o.index, "", o.rule.source());
                return switch (o.rule.action()) {
                    case ACCEPT -> Optional.of(new Oracle.Side(true, named));
                    case DENY -> Optional.of(new Oracle.Side(false, named));
                    case PASS -> Optional.empty();
                };
            }
        }
        return Optional.empty();
    }

    /** {@return a rule of Cilium's kinds that matches} */
    Optional<Rule> ciliumRule(Direction direction, boolean deny) {
        for (CiliumNetworkPolicy policy : snapshot.ciliumPolicies().values()) {
            for (CiliumNetworkPolicy.Spec spec : policy.specs()) {
                if (!isSubject(policy, spec)) {
                    continue;
                }
                List<CiliumNetworkPolicy.Rule> rules =
                        switch (direction) {
                            case INGRESS -> deny ? spec.ingressDeny() : spec.ingress();
                            case EGRESS -> deny ? spec.egressDeny() : spec.egress();
                        };
                for (int i = 0; i < rules.size(); i++) {
                    if (matches(rules.get(i).peers(), rules.get(i).ports())) {
                        return Optional.of(
                                new Rule.OfPolicy(
                                        policy.ref(), direction, i, "", rules.get(i).source()));
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** {@return policies of Cilium's kinds that give the pod default deny, with their sources} */
    NavigableMap<Ref, Source> ciliumIsolation(Direction direction) {
        NavigableMap<Ref, Source> found = new TreeMap<>();
        for (CiliumNetworkPolicy policy : snapshot.ciliumPolicies().values()) {
            for (CiliumNetworkPolicy.Spec spec : policy.specs()) {
                boolean denies =
                        switch (direction) {
                            case INGRESS -> spec.denyIngress();
                            case EGRESS -> spec.denyEgress();
                        };
                if (denies && isSubject(policy, spec)) {
                    found.putIfAbsent(policy.ref(), spec.source());
                }
            }
        }
        return found;
    }

    private boolean isSubject(CiliumNetworkPolicy policy, CiliumNetworkPolicy.Spec spec) {
        boolean there =
                policy.clusterwide()
                        || (local.isPresent()
                                && policy.ref().namespace().equals(local.get().namespace()));
        return there && isSubject(spec.subject());
    }

    boolean isSubject(Subject subject) {
        return switch (subject) {
            case Subject.Pods pods ->
                    local.isPresent()
                            && pods.pods().matches(local.get().labels())
                            && pods.namespaces()
                                    .matches(snapshot.namespaceLabels(local.get().namespace()));
            case Subject.Nodes nodes ->
                    self.isPresent() && nodes.nodes().matches(self.get().labels());
        };
    }

    private boolean matches(List<Peer> peers, List<PortMatch> ports) {
        return peers.stream().anyMatch(this::isPeer) && ports.stream().anyMatch(this::isPort);
    }

    /** The first node by name with this address, if no pod has it. */
    Optional<Node> node() {
        return other.isPresent()
                ? Optional.empty()
                : snapshot.nodes().values().stream()
                        .filter(node -> node.addresses().contains(remote))
                        .findFirst();
    }

    private boolean isOutside() {
        return other.isEmpty() && node().isEmpty();
    }

    boolean isPeer(Peer peer) {
        return switch (peer) {
            case Peer.Anyone _ -> true;
            case Peer.Pods pods ->
                    other.isPresent()
                            && pods.pods().matches(other.get().labels())
                            && pods.namespaces()
                                    .matches(snapshot.namespaceLabels(other.get().namespace()));
            case Peer.Nodes nodes ->
                    node().isPresent() && nodes.nodes().matches(node().get().labels());
            case Peer.IpBlock block ->
                    block.contains(remote) && (!block.outsideOnly() || isOutside());
            case Peer.OfEntity entity ->
                    switch (entity.entity()) {
                        case ALL -> true;
                        case WORLD -> isOutside();
                        case WORLD_IPV4 -> isOutside() && remote.isV4();
                        case WORLD_IPV6 -> isOutside() && !remote.isV4();
                        case CLUSTER -> !isOutside();
                        case REMOTE_NODE -> node().isPresent();
                        case HOST, INIT, HEALTH, UNMANAGED, KUBE_APISERVER, INGRESS, NONE -> false;
                    };
            case Peer.OneService one ->
                    snapshot.services().values().stream()
                            .filter(service -> service.ref().equals(one.service()))
                            .anyMatch(this::isBehind);
            case Peer.Services services ->
                    snapshot.services().values().stream()
                            .filter(service -> services.services().matches(service.labels()))
                            .filter(service ->
                                    services.namespace()
                                            .map(service.ref().namespace()::equals)
                                            .orElse(true))
                            .anyMatch(this::isBehind);
        };
    }

    private boolean isBehind(Service service) {
        return other.isPresent() && service.selects(other.get());
    }

    boolean isPort(PortMatch match) {
        return switch (match) {
            case PortMatch.Every _ -> true;
            case PortMatch.Range range ->
                    range.protocol().number() == query.protocol()
                            && range.first() <= query.port()
                            && query.port() <= range.last();
            case PortMatch.Named named -> {
                OptionalInt number =
                        destination.isEmpty()
                                ? OptionalInt.empty()
                                : destination.get().namedPort(named.name(), named.protocol());
                yield named.protocol().number() == query.protocol()
                        && number.isPresent()
                        && number.getAsInt() == query.port();
            }
            case PortMatch.Icmp icmp ->
                    switch (icmp.family()) {
                                case IPV4 -> query.protocol() == 1;
                                case IPV6 -> query.protocol() == 58;
                            }
                            && query.port() == icmp.type();
        };
    }
}
