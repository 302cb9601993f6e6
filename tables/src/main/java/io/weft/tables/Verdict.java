package io.weft.tables;

/**
 * What one policy entry says.
 *
 * @param rule id in {@link Rules}
 * @param precedence unsigned; of two matches the higher wins
 */
public record Verdict(Action action, int precedence, int rule) {}
