package io.weft.compiler;

import io.weft.tables.Rule;

/**
 * What policy says about a flow, at both ends.
 *
 * @param egressOutcome of the source's policy
 * @param ingressOutcome of the destination's policy
 * @param egressRule what decided {@code egressOutcome}
 * @param ingressRule what decided {@code ingressOutcome}
 */
public record Decision(
        Outcome egressOutcome, Outcome ingressOutcome, Rule egressRule, Rule ingressRule) {
    /** What one end does with a flow. */
    public enum Outcome {
        ALLOWED,
        /**
         * The policy would deny it, but its workload is in audit mode: it passes and is told of.
         */
        AUDITED,
        DENIED;

        static Outcome of(boolean allowed, boolean audit) {
            return allowed ? ALLOWED : audit ? AUDITED : DENIED;
        }

        /** {@return whether the flow passes} */
        public boolean passes() {
            return this != DENIED;
        }

        /** {@return {@code allow}, {@code audit} or {@code deny}} */
        public String word() {
            return switch (this) {
                case ALLOWED -> "allow";
                case AUDITED -> "audit";
                case DENIED -> "deny";
            };
        }
    }

    /** That end is no workload of the cluster, so nothing is judged there. */
    public static final Rule NOT_A_WORKLOAD =
            new Rule.BuiltIn("not judged: this end is no workload of the cluster");

    /** The packet never leaves the workload. */
    public static final Rule ITSELF = new Rule.BuiltIn("a workload always reaches itself");

    /** {@return whether the source lets it out, be it in audit mode} */
    public boolean egress() {
        return egressOutcome.passes();
    }

    /** {@return whether the destination lets it in, be it in audit mode} */
    public boolean ingress() {
        return ingressOutcome.passes();
    }

    /** {@return whether the flow passes, be it in audit mode} */
    public boolean allowed() {
        return egress() && ingress();
    }

    /** {@return {@link Outcome#AUDITED} if it passes only because of audit mode} */
    public Outcome outcome() {
        if (!allowed()) {
            return Outcome.DENIED;
        }
        return egressOutcome == Outcome.AUDITED || ingressOutcome == Outcome.AUDITED
                ? Outcome.AUDITED
                : Outcome.ALLOWED;
    }

    /**
     * {@return the rule that denies, or would without audit mode; of an allowed flow, a policy's
     * rule before one that always holds, and the destination's before the source's}
     */
    public Rule decisive() {
        return switch (outcome()) {
            case DENIED -> egress() ? ingressRule : egressRule;
            case AUDITED -> egressOutcome == Outcome.AUDITED ? egressRule : ingressRule;
            case ALLOWED -> {
                boolean built = ingressRule instanceof Rule.BuiltIn;
                boolean named =
                        egressRule instanceof Rule.OfPolicy || ingressRule.equals(NOT_A_WORKLOAD);
                yield built && named ? egressRule : ingressRule;
            }
        };
    }

    static Decision both(Rule rule) {
        return new Decision(Outcome.ALLOWED, Outcome.ALLOWED, rule, rule);
    }
}
