package io.weft.agent;

import io.weft.compiler.Compilation;
import io.weft.compiler.Explanation;
import io.weft.compiler.Explanation.ConsideredPolicy;
import io.weft.compiler.Explanation.ConsideredRule;
import io.weft.compiler.Explanation.ConsideredTier;
import io.weft.compiler.Explanation.Side;
import io.weft.compiler.Passage;
import io.weft.compiler.Query;
import io.weft.compiler.ServiceExplanation;
import io.weft.compiler.Translation;
import io.weft.model.Ref;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A verdict and its reasons as a document: the same from a node and offline. */
public final class WhyReport {
    private WhyReport() {}

    /**
     * {@return a changeable map, in the order in which it reads well} To a service, it has what the
     * service makes of the flow under {@code service}, and the verdict to each backend under {@code
     * backends}.
     */
    public static Map<String, Object> json(Compilation compilation, Passage passage) {
        Optional<ServiceExplanation> service = ServiceExplanation.of(compilation, passage);
        if (service.isEmpty()) {
            return way(compilation, passage.ways().getFirst());
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("query", passage.query().toString());
        document.put("family", family(passage.query()));
        document.put("verdict", passage.word());
        document.put("rule", passage.because());
        document.put("service", service(service.get(), passage));
        List<Map<String, Object>> backends = new ArrayList<>();
        for (Passage.Way way : passage.ways()) {
            Map<String, Object> backend = new LinkedHashMap<>();
            way.target()
                    .ifPresent(target -> {
                        backend.put("endpoint", target.backend().toString());
                        backend.put("masquerade", target.masquerade());
                    });
            backend.putAll(way(compilation, way));
            backends.add(backend);
        }
        document.put("backends", backends);
        document.put("text", service.get().text());
        return document;
    }

    private static Map<String, Object> way(Compilation compilation, Passage.Way way) {
        Explanation explanation = Explanation.of(compilation, way.query(), way.decision());
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("query", way.query().toString());
        document.put("family", family(way.query()));
        document.put("verdict", explanation.outcome().word());
        document.put("rule", way.decision().decisive().text());
        document.put("egress", side(explanation.egress()));
        document.put("ingress", side(explanation.ingress()));
        document.put("text", explanation.text());
        return document;
    }

    private static String family(Query query) {
        return query.from().isV4() ? "IPv4" : "IPv6";
    }

    private static Map<String, Object> service(ServiceExplanation service, Passage passage) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("frontend", service.key().toString());
        service.frontend()
                .ifPresent(frontend -> {
                    document.put("service", frontend.service().path());
                    document.put("port", frontend.port());
                    document.put("exposure", word(frontend.exposure()));
                });
        service.client().ifPresent(client -> document.put("client", word(client)));
        document.put(
                "endpoints",
                switch (service.translation()) {
                    case Translation.Rejected _ -> "REJECT";
                    case Translation.Dropped _ -> "DROP";
                    case Translation.ToBackends to ->
                            to.targets().stream().map(t -> t.backend().toString()).toList();
                    case Translation.NotAService() -> List.of();
                });
        document.put("masquerade", passage.masqueraded());
        document.put("reasons", service.reasons());
        document.put(
                "considered",
                service.endpoints().stream()
                        .map(endpoint -> {
                            Map<String, Object> item = new LinkedHashMap<>();
                            item.put("endpoint", endpoint.backend().toString());
                            item.put("pod", endpoint.pod().map(Ref::path).orElse(""));
                            item.put("used", endpoint.used());
                            item.put("why", endpoint.why());
                            return item;
                        })
                        .toList());
        return document;
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
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
