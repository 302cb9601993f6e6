package io.weft.claims;

/**
 * Something that the lab can measure.
 *
 * @param id {@code macvlan.goodput}: subject, quantity; {@code service.connect.50000} with a size
 * @param title {@code macvlan: goodput}
 * @param lowerIsBetter false for throughput and the like
 */
public record Metric(String id, Words title, Unit unit, boolean lowerIsBetter) {}
