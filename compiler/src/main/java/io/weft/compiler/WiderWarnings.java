package io.weft.compiler;

import io.weft.model.CiliumNetworkPolicy;
import io.weft.model.ClusterNetworkPolicy;
import io.weft.model.Entity;
import io.weft.model.LabelSelector;
import io.weft.model.Peer;
import io.weft.model.Pod;
import io.weft.model.Problem;
import io.weft.model.Ref;
import io.weft.model.Source;
import io.weft.model.Subject;
import io.weft.tables.Direction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@link Warnings} of cluster policies and Cilium policies. */
final class WiderWarnings {
    private final State state;
    private final List<Problem> found = new ArrayList<>();

    private WiderWarnings(State state) {
        this.state = state;
    }

    static List<Problem> of(State state) {
        WiderWarnings warnings = new WiderWarnings(state);
        state.snapshot.clusterPolicies().values().forEach(warnings::check);
        state.snapshot.ciliumPolicies().values().forEach(warnings::check);
        return warnings.found;
    }

    private void check(ClusterNetworkPolicy policy) {
        subject(policy.ref(), "", policy.subject(), policy.source(), "spec.subject");
        for (Direction direction : Direction.values()) {
            List<ClusterNetworkPolicy.Rule> rules =
                    switch (direction) {
                        case INGRESS -> policy.ingress();
                        case EGRESS -> policy.egress();
                    };
            for (int i = 0; i < rules.size(); i++) {
                peers(
                        policy.ref(),
                        "spec.%s[%d].%s".formatted(direction, i, Words.list(direction)),
                        rules.get(i).peers());
            }
        }
    }

    private void check(CiliumNetworkPolicy policy) {
        for (CiliumNetworkPolicy.Spec spec : policy.specs()) {
            subject(
                    policy.ref(),
                    policy.ref().namespace(),
                    spec.subject(),
                    spec.source(),
                    spec.field() + ".endpointSelector");
            for (Direction direction : Direction.values()) {
                CiliumPolicies.Side side = new CiliumPolicies.Side(policy, spec, direction);
                for (boolean deny : new boolean[] {false, true}) {
                    List<CiliumNetworkPolicy.Rule> rules = deny ? side.deny() : side.allow();
                    for (int i = 0; i < rules.size(); i++) {
                        peers(
                                policy.ref(),
                                "%s[%d]".formatted(side.list(deny), i),
                                rules.get(i).peers());
                    }
                }
            }
        }
    }

    private void subject(Ref policy, String namespace, Subject subject, Source at, String field) {
        if (subject instanceof Subject.Pods pods) {
            Statement.Subject selected =
                    new Statement.Subject.Pods(
                            namespace.isEmpty() ? Optional.empty() : Optional.of(namespace),
                            pods.namespaces(),
                            pods.pods());
            boolean selects =
                    state.snapshot.pods().values().stream()
                            .anyMatch(pod -> pod.counts() && selected.selects(pod, labels(pod)));
            if (!selects) {
                found.add(new Problem(at, policy.toString(), field, "selects no pod"));
            }
        }
        if (subject instanceof Subject.Nodes(LabelSelector nodes)) {
            boolean selects =
                    state.snapshot.nodes().values().stream()
                            .anyMatch(node -> nodes.matches(node.labels()));
            String nodeField = field.replace("endpointSelector", "nodeSelector");
            found.add(
                    new Problem(
                            at,
                            policy.toString(),
                            nodeField,
                            selects
                                    ? "only traffic between the node and pods is judged, not the"
                                            + " node's own with others"
                                    : "selects no node"));
        }
    }

    private io.weft.model.Labels labels(Pod pod) {
        return state.snapshot.namespaceLabels(pod.namespace());
    }

    private void peers(Ref policy, String field, List<Peer> peers) {
        for (Peer peer : peers) {
            nobody(peer)
                    .ifPresent(why ->
                            found.add(new Problem(peer.source(), policy.toString(), field, why)));
        }
    }

    /** {@return why a peer means nobody, if it does} */
    private Optional<String> nobody(Peer peer) {
        String text = PeerWords.peer(peer);
        return switch (peer) {
            case Peer.Anyone _, Peer.IpBlock _ -> Optional.empty();
            case Peer.OfEntity(Entity entity, Source _) ->
                    switch (entity) {
                        case ALL, WORLD, WORLD_IPV4, WORLD_IPV6, CLUSTER, REMOTE_NODE, NONE ->
                                Optional.empty();
                        case HOST ->
                                Optional.of(
                                        text
                                                + " changes nothing: a node and its own workloads"
                                                + " always reach each other");
                        case INIT, HEALTH, UNMANAGED, KUBE_APISERVER, INGRESS ->
                                Optional.of(text + " means nobody: Weft has no such endpoints");
                    };
            case Peer.Pods pods ->
                    state.snapshot.pods().values().stream()
                                    .anyMatch(pod ->
                                            pod.counts()
                                                    && pods.pods().matches(pod.labels())
                                                    && pods.namespaces().matches(labels(pod)))
                            ? Optional.empty()
                            : Optional.of("matches no pod: " + text);
            case Peer.Nodes nodes ->
                    state.snapshot.nodes().values().stream()
                                    .anyMatch(node -> nodes.nodes().matches(node.labels()))
                            ? Optional.empty()
                            : Optional.of("matches no node: " + text);
            case Peer.OneService _, Peer.Services _ ->
                    Peers.remotes(peer, state.snapshot).isEmpty()
                            ? Optional.of("matches no service with a selector, so no pod: " + text)
                            : Optional.empty();
        };
    }
}
