package io.weft.compiler;

import io.weft.model.LabelSelector;
import io.weft.model.Labels;
import io.weft.model.Node;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Source;
import io.weft.tables.Direction;
import io.weft.tables.Rule;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * One direction of one policy, whatever its kind: the normal form that all front ends write and
 * that the rest of the compiler reads.
 *
 * @param isolates whether what no policy allows is denied
 * @param clauses in written order
 */
record Statement(
        Part part,
        Source source,
        Direction direction,
        Subject subject,
        Tier tier,
        boolean isolates,
        List<Clause> clauses) {

    /** The tiers, in the order in which they are asked. */
    enum Tier {
        ADMIN,
        POLICY,
        BASELINE
    }

    /**
     * A piece of a policy that has a subject of its own.
     *
     * @param index of the spec; 0 for kinds that have one
     */
    record Part(Ref policy, int index) implements Comparable<Part> {
        @Override
        public int compareTo(Part other) {
            int c = policy.compareTo(other.policy);
            return c != 0 ? c : Integer.compare(index, other.index);
        }
    }

    /** {@return the port names that each subject resolves for itself; none for egress} */
    Set<Ports.Name> ingressNames() {
        Set<Ports.Name> names = new TreeSet<>();
        for (Clause clause : clauses) {
            if (direction == Direction.INGRESS
                    && clause.ports() instanceof Ports.Named(Ports.Name name)) {
                names.add(name);
            }
        }
        return names;
    }

    /** Who is judged by it. */
    sealed interface Subject {
        /**
         * @param namespace empty: of every namespace that {@code namespaces} matches
         */
        record Pods(Optional<String> namespace, LabelSelector namespaces, LabelSelector pods)
                implements Subject {}

        /** Nodes themselves, in their traffic with pods. */
        record Nodes(LabelSelector nodes) implements Subject {}

        /**
         * @param labels of the pod's namespace
         */
        default boolean selects(Pod pod, Labels labels) {
            return this instanceof Pods(var namespace, var namespaces, var pods)
                    && (namespace.isEmpty() || namespace.get().equals(pod.namespace()))
                    && namespaces.matches(labels)
                    && pods.matches(pod.labels());
        }

        default boolean selects(Node node) {
            return this instanceof Nodes(LabelSelector nodes) && nodes.matches(node.labels());
        }
    }

    /**
     * One peer and one port item of a rule.
     *
     * @param precedence unsigned, see {@link Precedence}; of clauses that match, the highest
     *     decides
     */
    record Clause(Remote remote, Ports ports, Effect effect, int precedence, Rule rule) {}

    /** What a clause does when it is the highest that matches. */
    enum Effect {
        ALLOW,
        DENY,
        /** Goes on below its tier. */
        PASS
    }

    /**
     * Equal precedence means equal effect, so it never matters which of two equal ones decides. Of
     * cluster policies with one priority, whose order the API leaves open, the first rules come
     * before all second ones, and of rules in the same place Deny before Pass before Accept.
     */
    static final class Precedence {
        /** Below every clause: what happens when none matches. */
        static final int DEFAULT = 0;

        static final int BASELINE = 0x2000_0000;
        static final int NETWORK_POLICY = 0x4000_0000;
        static final int CILIUM_DENY = 0x5000_0000;
        static final int ADMIN = 0x6000_0000;

        private Precedence() {}

        /**
         * {@return the precedence of a rule of a ClusterNetworkPolicy}
         *
         * @param base {@link #ADMIN} or {@link #BASELINE}
         * @param priority 0–1000
         * @param index 0–24
         */
        static int ofRule(int base, int priority, int index, Effect effect) {
            int rank =
                    switch (effect) {
                        case DENY -> 3;
                        case PASS -> 2;
                        case ALLOW -> 1;
                    };
            return base + ((1000 - priority) * 32 + (31 - index)) * 4 + rank;
        }

        /** {@return the least precedence of the tier that holds {@code precedence}} */
        static int floor(int precedence) {
            return Integer.compareUnsigned(precedence, ADMIN) >= 0 ? ADMIN : BASELINE;
        }
    }
}
