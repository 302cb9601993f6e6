package io.weft.agent;

import io.weft.compiler.Passage;
import io.weft.compiler.Passage.Way;
import io.weft.compiler.Query;
import io.weft.compiler.Translation;
import io.weft.datapath.LiveFrontend;
import io.weft.datapath.LiveVerdict;
import io.weft.tables.FrontendKey;
import io.weft.tables.Rule;
import io.weft.tables.Rules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
            Passage passage = state.compilation().pass(query);
            Map<String, Object> explanation = WhyReport.json(state.compilation(), passage);
            if (live) {
                agree &=
                        passage.isToService()
                                ? compareService(state, passage, explanation)
                                : compare(state, passage.ways().getFirst(), explanation);
            }
            explanations.add(explanation);
        }
        return Map.of("explanations", explanations, "agree", agree);
    }

    private boolean compare(NodeState state, Way way, Map<String, Object> explanation) {
        Query query = way.query();
        LiveVerdict kernel =
                node.datapath()
                        .live()
                        .judge(query.from(), query.to(), query.protocol(), query.port());
        boolean same = SelfCheck.agrees(way.decision(), kernel);
        explanation.put("kernel", live(state, kernel, same));
        return same;
    }

    private boolean compareService(
            NodeState state, Passage passage, Map<String, Object> explanation) {
        Optional<FrontendKey> key =
                switch (passage.translation()) {
                    case Translation.ToBackends to -> Optional.of(to.key());
                    case Translation.Rejected(var at, var _) -> Optional.of(at);
                    case Translation.Dropped(var at, var _) -> Optional.of(at);
                    case Translation.NotAService() -> Optional.empty();
                };
        if (key.isEmpty()) {
            return true;
        }
        Optional<LiveFrontend> kernel = node.datapath().services().read(key.get());
        Optional<LiveFrontend> wanted =
                LiveFrontend.of(state.compilation().tables().services(), key.get());
        boolean agree = kernel.equals(wanted);
        Map<String, Object> live = new LinkedHashMap<>();
        live.put("service", kernel.map(LiveFrontend::toString).orElse("no such frontend"));
        live.put("agrees", agree);
        explanation.put("kernel", live);
        if (explanation.get("backends") instanceof List<?> backends) {
            for (int i = 0; i < passage.ways().size(); i++) {
                Way way = passage.ways().get(i);
                if (!way.query().from().equals(way.query().to())) { // else no packet leaves it
                    @SuppressWarnings("unchecked") // made by WhyReport
                    Map<String, Object> backend = (Map<String, Object>) backends.get(i);
                    agree &= compare(state, way, backend);
                }
            }
        }
        return agree;
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
