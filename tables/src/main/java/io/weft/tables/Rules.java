package io.weft.tables;

import java.util.Map;
import java.util.Optional;

/**
 * What the rule ids of a {@link Tables} stand for. An id keeps its meaning as long as a Tables that
 * came from it may still be in force.
 *
 * @param byId ids from {@link #FIRST}; unmodifiable
 */
public record Rules(Map<Integer, Rule> byId) {
    /** Not judged on this side: the end is no local workload. */
    public static final int NONE = 0;

    /** No policy selects the workload. */
    public static final int NOT_ISOLATED = 1;

    /** A node and its own workloads always reach each other. */
    public static final int NODE = 2;

    /** The workload has no policy yet: denied. */
    public static final int NOT_LOADED = 3;

    /** The first id that the compiler may give. */
    public static final int FIRST = 16;

    private static final Rule NOT_ISOLATED_RULE =
            new Rule.BuiltIn("no policy isolates the workload");
    private static final Rule NODE_RULE =
            new Rule.BuiltIn("a node and its own workloads always reach each other");
    private static final Rule NOT_LOADED_RULE =
            new Rule.BuiltIn("the workload's policy is not loaded yet");

    /** {@return the rule, or nothing for {@link #NONE} and ids that are no longer known} */
    public Optional<Rule> find(int id) {
        return switch (id) {
            case NOT_ISOLATED -> Optional.of(NOT_ISOLATED_RULE);
            case NODE -> Optional.of(NODE_RULE);
            case NOT_LOADED -> Optional.of(NOT_LOADED_RULE);
            default -> Optional.ofNullable(byId.get(id));
        };
    }
}
