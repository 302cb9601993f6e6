package io.weft.tables;

/**
 * How one pod is judged.
 *
 * @param egressGroup a {@link Group#id}, or {@link Group#OPEN}
 * @param ingressGroup likewise
 */
public record PodPolicy(int identity, int egressGroup, int ingressGroup) {}
