package io.weft.agent;

import io.weft.compiler.Compilation;
import io.weft.compiler.Explanation;
import io.weft.compiler.Explanation.ConsideredPolicy;
import io.weft.compiler.Explanation.ConsideredRule;
import io.weft.compiler.Explanation.ConsideredTier;
import io.weft.compiler.Explanation.Side;
import io.weft.compiler.Query;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A verdict and its reasons as a document: the same from a node and offline. */
public final class WhyReport {
    private WhyReport() {}

    /** {@return a changeable map, in the order in which it reads well} */
    public static Map<String, Object> json(Compilation compilation, Query query) {
        Explanation explanation = Explanation.of(compilation, query);
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("query", query.toString());
        document.put("family", query.from().isV4() ? "IPv4" : "IPv6");
        document.put("verdict", explanation.outcome().word());
        document.put("rule", compilation.decide(query).decisive().text());
        document.put("egress", side(explanation.egress()));
        document.put("ingress", side(explanation.ingress()));
        document.put("text", explanation.text());
        return document;
    }

    private static Map<String, Object> side(Side side) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("verdict", side.outcome().word());
        document.put("rule", side.decidedBy().text());
        document.put("tiers", side.tiers().stream().map(WhyReport::tier).toList());
        document.put("policies", side.policies().stream().map(WhyReport::policy).toList());
        return document;
    }

    private static Map<String, Object> tier(ConsideredTier tier) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("tier", tier.name());
        document.put("outcome", tier.text());
        document.put("policies", tier.policies().stream().map(p -> p.policy().path()).toList());
        return document;
    }

    private static Map<String, Object> policy(ConsideredPolicy policy) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("policy", policy.policy().path());
        document.put("source", policy.source().toString());
        document.put("rules", policy.rules().stream().map(WhyReport::rule).toList());
        return document;
    }

    private static Map<String, Object> rule(ConsideredRule rule) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("name", rule.name());
        document.put("index", rule.index());
        document.put("source", rule.source().toString());
        document.put("matches", rule.matches());
        document.put("peers", reasons(rule.peers()));
        document.put("ports", reasons(rule.ports()));
        return document;
    }

    private static List<Map<String, Object>> reasons(List<Explanation.Reason> reasons) {
        return reasons.stream()
                .map(r -> {
                    Map<String, Object> document = new LinkedHashMap<>();
                    document.put("matches", r.matches());
                    document.put("item", r.item());
                    document.put("why", r.why());
                    return document;
                })
                .toList();
    }
}
