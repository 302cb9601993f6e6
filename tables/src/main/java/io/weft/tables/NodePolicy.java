package io.weft.tables;

/**
 * How a node itself is judged, in its traffic with pods.
 *
 * @param egressGroup a {@link Group#id}, or {@link Group#OPEN}
 * @param ingressGroup likewise
 */
public record NodePolicy(int egressGroup, int ingressGroup) {
    /** No policy selects the node. */
    public static final NodePolicy OPEN = new NodePolicy(Group.OPEN, Group.OPEN);
}
