package io.weft.tables;

/**
 * How one pod is judged.
 *
 * @param egressGroup a {@link Group#id}, or {@link Group#OPEN}
 * @param ingressGroup likewise
 * @param audit whether what its policy denies goes on all the same, and is told of
 */
public record PodPolicy(int identity, int egressGroup, int ingressGroup, boolean audit) {
    /** Makes one that is enforced. */
    public PodPolicy(int identity, int egressGroup, int ingressGroup) {
        this(identity, egressGroup, ingressGroup, false);
    }
}
