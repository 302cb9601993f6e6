package io.weft.agent;

import io.weft.compiler.Decision;
import io.weft.compiler.Query;
import io.weft.datapath.LiveVerdict;
import io.weft.tables.Rule;
import io.weft.tables.Rules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Answers {@code Why}: what decides a flow, by the engine and, when asked, by the kernel's maps.
 */
final class WhyCall {
    private final Node node;

    WhyCall(Node node) {
        this.node = node;
    }

    Map<String, ?> answer(Map<String, Object> parameters) {
        NodeState state = node.state();
        List<Query> queries =
                Ends.queries(
                        state.snapshot(),
                        node.nodeAddresses(),
                        NodeApi.string(parameters, "from"),
                        NodeApi.string(parameters, "to"),
                        NodeApi.string(parameters, "protocol"),
                        NodeApi.string(parameters, "port"));
        boolean live = Boolean.TRUE.equals(parameters.get("live"));
        List<Map<String, Object>> explanations = new ArrayList<>();
        boolean agree = true;
        for (Query query : queries) {
            Decision decision = state.compilation().decide(query);
            Map<String, Object> explanation = WhyReport.json(state.compilation(), query);
            if (live) {
                LiveVerdict kernel =
                        node.datapath()
                                .live()
                                .judge(query.from(), query.to(), query.protocol(), query.port());
                boolean same = SelfCheck.agrees(decision, kernel);
                explanation.put("kernel", live(state, kernel, same));
                agree &= same;
            }
            explanations.add(explanation);
        }
        return Map.of("explanations", explanations, "agree", agree);
    }

    private static Map<String, Object> live(NodeState state, LiveVerdict kernel, boolean same) {
        Map<String, Object> live = new LinkedHashMap<>();
        live.put("verdict", SelfCheck.word(kernel));
        live.put("revision", kernel.revision());
        live.put("sourceIdentity", kernel.sourceIdentity());
        live.put("destinationIdentity", kernel.destinationIdentity());
        Rules rules = state.compilation().tables().rules();
        live.put("egressRule", rule(rules, kernel.egressRule()));
        live.put("ingressRule", rule(rules, kernel.ingressRule()));
        live.put("agrees", same);
        return live;
    }

    private static String rule(Rules rules, int id) {
        return rules.find(id).map(Rule::text).orElse("not judged on this side");
    }
}
