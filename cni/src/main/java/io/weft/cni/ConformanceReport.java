package io.weft.cni;

import java.util.List;

/** What the suite found, in its order. */
public record ConformanceReport(String plugin, List<Row> rows) {
    /** How a case ended. */
    public enum Outcome {
        PASS,
        FAIL,
        NOT_APPLICABLE
    }

    /**
     * @param seen what was seen, or why it was not asked
     */
    public record Row(int point, String name, String section, Outcome outcome, String seen) {}

    public long count(Outcome outcome) {
        return rows.stream().filter(r -> r.outcome() == outcome).count();
    }
}
