package io.weft.claims;

import java.util.Optional;

/**
 * One cell of a table of the source document.
 *
 * @param id {@code 9.2/macvlan/latency}: table, row, column
 * @param text as the document has it
 * @param figure nothing when the cell is words only
 * @param metric id of the {@link Metric} that measures the same, where one can
 * @param against id of the metric that it is compared with, for {@link Meaning#CHANGE}, {@link
 *     Meaning#TIMES} and {@link Meaning#ADDED}
 */
public record Claim(
        String id,
        String table,
        String row,
        String column,
        Words text,
        Optional<Amount> figure,
        Meaning meaning,
        Optional<String> metric,
        Optional<String> against) {
    /** A range and its unit. */
    public record Amount(Range range, Unit unit) {}
}
