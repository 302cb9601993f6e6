package io.weft.tables;

import io.weft.model.Ref;
import io.weft.model.Source;
import java.util.List;

/** Why a verdict is what it is: what a rule id stands for. */
public sealed interface Rule {
    /** {@return one line for people, with file and line where there is one} */
    String text();

    /** One of the rules that no manifest holds. */
    record BuiltIn(String text) implements Rule {}

    /**
     * An item of a policy's {@code ingress} or {@code egress}.
     *
     * @param index from 0, as written
     * @param detail what in the rule matched: {@code from[1] podSelector tier=web, port 8080/TCP}
     */
    record OfPolicy(Ref policy, Direction direction, int index, String detail, Source source)
            implements Rule {
        @Override
        public String text() {
            return policy.path()
                    + " "
                    + direction
                    + "["
                    + index
                    + "]"
                    + (detail.isEmpty() ? "" : " " + detail)
                    + " ("
                    + source
                    + ")";
        }
    }

    /**
     * Nothing matched, and these policies isolate the pod.
     *
     * @param policies sorted, never empty
     * @param sources of the policies, in the same order
     */
    record Isolated(Direction direction, List<Ref> policies, List<Source> sources) implements Rule {
        public Isolated {
            policies = List.copyOf(policies);
            sources = List.copyOf(sources);
        }

        @Override
        public String text() {
            StringBuilder text =
                    new StringBuilder("no " + direction + " rule allows it: isolated by ");
            for (int i = 0; i < policies.size(); i++) {
                text.append(i == 0 ? "" : ", ")
                        .append(policies.get(i).path())
                        .append(" (")
                        .append(sources.get(i))
                        .append(")");
            }
            return text.toString();
        }
    }
}
