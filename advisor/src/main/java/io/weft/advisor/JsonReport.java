package io.weft.advisor;

import io.weft.advisor.Advice.Candidate;
import io.weft.advisor.Advice.Excluded;
import io.weft.claims.Language;
import io.weft.claims.Range;
import io.weft.claims.Words;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** An answer for programs: maps and lists, as JSON has them. */
public final class JsonReport {
    private final Advice advice;
    private final Advisor advisor;
    private final Language language;

    private JsonReport(Advice advice, Advisor advisor, Language language) {
        this.advice = advice;
        this.advisor = advisor;
        this.language = language;
    }

    /** {@return the document; texts in {@code language}, keys and ids in English} */
    public static Map<String, Object> document(Advice advice, Advisor advisor, Language language) {
        return new JsonReport(advice, advisor, language).document();
    }

    private Map<String, Object> document() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("candidates", advice.candidates().stream().map(this::candidate).toList());
        document.put("excluded", advice.excluded().stream().map(this::excluded).toList());
        document.put("nearest", advice.nearest().stream().map(this::excluded).toList());
        Map<String, Object> weights = new LinkedHashMap<>();
        advice.weights().forEach((criterion, weight) -> weights.put(criterion.key(), weight));
        document.put("weights", weights);
        document.put("prices", advice.prices());
        document.put("currency", advice.need().money().currency());
        document.put(
                "sensitivity",
                advice.sensitivity().stream()
                        .map(p -> {
                            Map<String, Object> change = new LinkedHashMap<>();
                            change.put("price", p.key());
                            change.put("from", p.from());
                            change.put("to", p.to());
                            change.put("then", p.then().map(Architecture::id).orElse("budget"));
                            return change;
                        })
                        .toList());
        document.put("tree", tree());
        Map<String, Object> hardware = new LinkedHashMap<>();
        hardware.put("detected", advice.hardware().detected());
        for (Capability capability : Capability.values()) {
            hardware.put(capability.key(), word(advice.hardware().of(capability)));
        }
        hardware.put("facts", advice.hardware().facts());
        document.put("hardware", hardware);
        document.put("evidence", texts(advice.evidence()));
        return document;
    }

    private Map<String, Object> tree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put(
                "path",
                advice.tree().steps().stream()
                        .map(s -> {
                            Map<String, Object> step = new LinkedHashMap<>();
                            step.put("question", text(s.question()));
                            step.put("answer", text(s.answer()));
                            step.put("because", text(s.because()));
                            return step;
                        })
                        .toList());
        advice.tree()
                .leaf()
                .ifPresent(leaf -> {
                    tree.put("leaf", leaf);
                    tree.put("ranking", text(TreeDrawing.agreement(advice, leaf)));
                });
        return tree;
    }

    private Map<String, Object> candidate(Candidate c) {
        Architecture a = c.architecture();
        Map<String, Object> entry = head(a);
        entry.put("total", c.total());
        entry.put(
                "scores",
                c.scores().stream()
                        .map(s -> {
                            Map<String, Object> score = new LinkedHashMap<>();
                            score.put("criterion", s.criterion().key());
                            score.put("value", s.value());
                            score.put("weight", s.weight());
                            score.put("source", text(s.source()));
                            return score;
                        })
                        .toList());
        entry.put("expected", c.expected().stream().map(this::expected).toList());
        entry.put("behind", texts(c.behind()));
        Map<String, Object> cost = new LinkedHashMap<>();
        cost.put("model", "10.2: sum of an instance's items x instances x 12 x years");
        cost.put("perInstance", c.cost().perInstance());
        cost.put("monthly", c.cost().monthly());
        cost.put("years", advice.need().money().years());
        cost.put("total", c.cost().total());
        cost.put("unpriced", c.cost().unpriced());
        entry.put("cost", cost);
        Map<String, Object> debt = new LinkedHashMap<>();
        debt.put("owes", text(a.owes()));
        debt.put(
                "remedy",
                text(advisor.claims().claim("10.3/" + a.debt() + "/remedy").orElseThrow().text()));
        debt.put("source", "10.3/" + a.debt());
        entry.put("debt", debt);
        entry.put("unknownHardware", c.unknown().stream().map(Capability::key).toList());
        entry.put("immature", texts(Advisor.cautions(c.immature())));
        entry.put(
                "migration",
                TextReport.migration(advice.need(), a, advisor.catalogue())
                        .map(m -> texts(m.steps()))
                        .orElse(List.of()));
        Map<String, Object> security = new LinkedHashMap<>();
        for (Catalogue.Layer layer : advisor.catalogue().security()) {
            security.put(layer.row(), text(layer.of(TextReport.kind(a))));
        }
        entry.put("security", security);
        entry.put("weft", a.weft());
        return entry;
    }

    private Map<String, Object> expected(Evidence.Expected e) {
        Map<String, Object> figure = new LinkedHashMap<>();
        figure.put("quantity", word(e.quantity()));
        Range range = e.range();
        range.low().ifPresent(low -> figure.put("low", low));
        range.high().ifPresent(high -> figure.put("high", high));
        figure.put("unit", e.unit().toString());
        figure.put("source", word(e.source()));
        figure.put("ids", e.ids());
        figure.put("how", text(e.how()));
        return figure;
    }

    private Map<String, Object> excluded(Excluded e) {
        Map<String, Object> entry = head(e.architecture());
        entry.put(
                "by",
                e.by().stream()
                        .map(by -> {
                            Map<String, Object> exclusion = new LinkedHashMap<>();
                            exclusion.put("constraint", by.constraint());
                            exclusion.put("reason", text(by.reason()));
                            exclusion.put("relax", text(by.relax()));
                            return exclusion;
                        })
                        .toList());
        return entry;
    }

    private Map<String, Object> head(Architecture a) {
        Map<String, Object> head = new LinkedHashMap<>();
        head.put("id", a.id());
        head.put("title", text(a.title()));
        head.put("technology", text(a.technology()));
        return head;
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private String text(Words words) {
        return words.in(language);
    }

    private List<String> texts(List<Words> words) {
        return new ArrayList<>(words.stream().map(this::text).toList());
    }
}
