package io.weft.datapath;

import io.weft.tables.Reason;
import io.weft.tables.Rules;

/**
 * What the kernel's maps say about a new connection.
 *
 * @param revision in force when it was asked
 * @param reason {@link Reason#FORWARDED}, {@link Reason#POLICY_EGRESS} or {@link
 *     Reason#POLICY_INGRESS}
 * @param egressRule at the source; {@link Rules#NONE} when it is no workload of this node
 * @param ingressRule at the destination; likewise, or when egress already denies
 * @param audited what would be the reason, were no workload in audit mode; FORWARDED if it is
 *     allowed by policy, or really denied
 */
public record LiveVerdict(
        int revision,
        int sourceIdentity,
        int destinationIdentity,
        Reason reason,
        int egressRule,
        int ingressRule,
        Reason audited) {
    /** Makes one without audit mode. */
    public LiveVerdict(
            int revision,
            int sourceIdentity,
            int destinationIdentity,
            Reason reason,
            int egressRule,
            int ingressRule) {
        this(
                revision,
                sourceIdentity,
                destinationIdentity,
                reason,
                egressRule,
                ingressRule,
                Reason.FORWARDED);
    }

    /** {@return whether a packet passes, be it in audit mode} */
    public boolean allowed() {
        return reason == Reason.FORWARDED;
    }
}
