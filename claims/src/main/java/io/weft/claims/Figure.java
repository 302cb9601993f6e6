package io.weft.claims;

/**
 * One measured figure.
 *
 * @param id of its {@link Metric}: {@code veth.rtt}
 * @param subject for people: {@code bare veth}
 * @param metric for people: {@code round trip}
 * @param unit {@code us}
 * @param low least of the repetitions
 * @param high most of them
 * @param n repetitions, at least 1
 */
public record Figure(
        String id,
        String subject,
        String metric,
        String unit,
        double median,
        double low,
        double high,
        int n) {}
