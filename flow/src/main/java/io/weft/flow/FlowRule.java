package io.weft.flow;

import io.weft.model.Source;
import io.weft.tables.Direction;
import io.weft.tables.Rule;
import io.weft.tables.Rules;
import java.util.Optional;

/**
 * What one side of a flow was judged by.
 *
 * @param id never {@link Rules#NONE}
 * @param side EGRESS: at the source; INGRESS: at the destination
 * @param rule empty when the id is no longer known
 */
public record FlowRule(int id, Direction side, Optional<Rule> rule) {
    /** {@return whether a policy wrote it, and it is not one that always holds} */
    public boolean ofPolicy() {
        return id >= Rules.FIRST;
    }

    /** {@return the rule in full, with what in it matched, file and line} */
    public String text() {
        return rule.map(Rule::text).orElseGet(this::unknown);
    }

    /** {@return {@code api-ingress ingress[0] (policies.yaml:12)}: for a table of flows} */
    public String brief() {
        if (rule.isEmpty()) {
            return unknown();
        }
        return switch (rule.get()) {
            case Rule.OfPolicy of ->
                    of.policy().name()
                            + " "
                            + of.direction()
                            + "["
                            + of.index()
                            + "]"
                            + (of.source().equals(Source.NONE) ? "" : " (" + of.source() + ")");
            case Rule.Isolated isolated -> isolated.text();
            case Rule.BuiltIn builtIn -> builtIn.text();
        };
    }

    /** {@return where it is written; of several policies the first} */
    public Optional<Source> source() {
        if (rule.isEmpty()) {
            return Optional.empty();
        }
        return switch (rule.get()) {
            case Rule.OfPolicy of -> Optional.of(of.source()).filter(s -> !s.equals(Source.NONE));
            case Rule.Isolated isolated -> isolated.sources().stream().findFirst();
            case Rule.BuiltIn _ -> Optional.empty();
        };
    }

    private String unknown() {
        return side + " rule " + Integer.toUnsignedString(id) + ", which is no longer known";
    }
}
