package io.weft.compiler;

import io.weft.model.LabelSelector;
import io.weft.model.NetworkPolicy;
import io.weft.model.NetworkPolicy.Peer;
import io.weft.model.Pod;
import io.weft.model.Problem;
import io.weft.model.Snapshot;
import io.weft.tables.Direction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds what is valid but probably not meant. */
final class Warnings {
    private final State state;
    private final List<Problem> found = new ArrayList<>();

    private Warnings(State state) {
        this.state = state;
    }

    static List<Problem> of(State state) {
        Warnings warnings = new Warnings(state);
        state.snapshot.policies().values().forEach(warnings::check);
        warnings.found.addAll(WiderWarnings.of(state));
        warnings.found.addAll(ServiceWarnings.of(state));
        return List.copyOf(warnings.found);
    }

    private void check(NetworkPolicy policy) {
        Snapshot snapshot = state.snapshot;
        boolean selects =
                Step.podsOf(snapshot, policy.ref().namespace()).values().stream()
                        .anyMatch(p -> p.counts() && policy.podSelector().matches(p.labels()));
        if (!selects) {
            found.add(
                    new Problem(
                            policy.source(),
                            policy.ref().toString(),
                            "spec.podSelector",
                            "selects no pod: no pod of namespace %s matches %s"
                                    .formatted(policy.ref().namespace(), policy.podSelector())));
        }
        if (policy.isolatesIngress()) {
            check(policy, Direction.INGRESS, policy.ingress());
        }
        if (policy.isolatesEgress()) {
            check(policy, Direction.EGRESS, policy.egress());
        }
    }

    private void check(NetworkPolicy policy, Direction direction, List<NetworkPolicy.Rule> rules) {
        for (int i = 0; i < rules.size(); i++) {
            List<Peer> peers = rules.get(i).peers();
            for (int p = 0; p < peers.size(); p++) {
                if (peers.get(p) instanceof Peer.Pods pods && matchesNothing(policy, pods)) {
                    found.add(
                            new Problem(
                                    pods.source(),
                                    policy.ref().toString(),
                                    "spec.%s[%d].%s[%d]"
                                            .formatted(direction, i, Words.list(direction), p),
                                    "matches no pod: " + Words.peer(pods)));
                }
            }
        }
    }

    private boolean matchesNothing(NetworkPolicy policy, Peer.Pods peer) {
        State.Matches known = state.matches.get(NetworkPolicies.remote(policy, peer));
        if (known != null && !known.members().isEmpty()) {
            return false;
        }
        // pods without an address have no identity yet
        Optional<LabelSelector> namespaces = peer.namespaces();
        for (Pod pod : state.snapshot.pods().values()) {
            boolean there =
                    namespaces.isEmpty()
                            ? pod.namespace().equals(policy.ref().namespace())
                            : namespaces
                                    .get()
                                    .matches(state.snapshot.namespaceLabels(pod.namespace()));
            if (there && pod.counts() && peer.pods().matches(pod.labels())) {
                return false;
            }
        }
        return true;
    }
}
