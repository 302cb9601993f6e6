package io.weft.compiler;

import io.weft.tables.Rule;

/**
 * What policy says about a flow, at both ends.
 *
 * @param egress whether the source's policy lets it out
 * @param ingress whether the destination's policy lets it in
 * @param egressRule what decided {@code egress}
 * @param ingressRule what decided {@code ingress}
 */
public record Decision(boolean egress, boolean ingress, Rule egressRule, Rule ingressRule) {
    /** That end is no workload of the cluster, so nothing is judged there. */
    public static final Rule NOT_A_WORKLOAD =
            new Rule.BuiltIn("not judged: this end is no workload of the cluster");

    /** The packet never leaves the workload. */
    public static final Rule ITSELF = new Rule.BuiltIn("a workload always reaches itself");

    /** {@return whether the flow passes} */
    public boolean allowed() {
        return egress && ingress;
    }

    /**
     * {@return the rule that denies; of an allowed flow, a policy's rule before one that always
     * holds, and the destination's before the source's}
     */
    public Rule decisive() {
        if (!allowed()) {
            return egress ? ingressRule : egressRule;
        }
        boolean built = ingressRule instanceof Rule.BuiltIn;
        boolean named = egressRule instanceof Rule.OfPolicy || ingressRule.equals(NOT_A_WORKLOAD);
        return built && named ? egressRule : ingressRule;
    }

    static Decision both(Rule rule) {
        return new Decision(true, true, rule, rule);
    }
}
