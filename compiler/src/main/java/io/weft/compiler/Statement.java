package io.weft.compiler;

import io.weft.model.LabelSelector;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Source;
import io.weft.tables.Action;
import io.weft.tables.Direction;
import io.weft.tables.Rule;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * One direction of one policy, whatever its kind: the normal form that all front ends write and
 * that the rest of the compiler reads.
 *
 * @param clauses in written order
 */
record Statement(
        Ref policy, Source source, Direction direction, Subject subject, List<Clause> clauses) {

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

    /** The pods that are judged by it. */
    record Subject(String namespace, LabelSelector pods) {
        boolean selects(Pod pod) {
            return pod.namespace().equals(namespace) && pods.matches(pod.labels());
        }
    }

    /**
     * One peer and one port item of a rule.
     *
     * @param precedence unsigned, see {@link Precedence}; of clauses that match, the highest
     *     decides
     */
    record Clause(Remote remote, Ports ports, Action action, int precedence, Rule rule) {}

    /**
     * Equal precedence means equal action, so it never matters which of two equal ones decides. The
     * numbers above and below NETWORK_POLICY are for policies that come before and after it.
     */
    static final class Precedence {
        static final int NETWORK_POLICY = 0x4000_0000;

        private Precedence() {}
    }
}
