package io.weft.advisor;

import io.weft.advisor.Advice.Candidate;
import io.weft.advisor.Advice.Excluded;
import io.weft.advisor.Advice.PriceChange;
import io.weft.advisor.Evidence.Expected;
import io.weft.claims.Claims;
import io.weft.claims.Language;
import io.weft.claims.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** An answer for people, in lines as wide as their terminal. */
public final class TextReport {
    /** What is told only when it is asked for. */
    public enum Detail {
        /** The way through the decision tree. */
        TREE,
        /** All that is told of the first candidate, of each of them. */
        EVERY_CANDIDATE
    }

    private final Advice advice;
    private final Advisor advisor;
    private final Language language;
    private final int columns;
    private final List<String> lines = new ArrayList<>();

    private TextReport(Advice advice, Advisor advisor, Language language, int columns) {
        this.advice = advice;
        this.advisor = advisor;
        this.language = language;
        this.columns = Math.max(columns, Layout.NARROWEST);
    }

    /**
     * {@return the report, ending with a line break}
     *
     * @param columns of the terminal; at least 40 are used
     */
    public static String text(
            Advice advice, Advisor advisor, Language language, int columns, Set<Detail> details) {
        TextReport report = new TextReport(advice, advisor, language, columns);
        report.write(details);
        return String.join("\n", report.lines) + "\n";
    }

    private void write(Set<Detail> details) {
        if (details.contains(Detail.TREE)) {
            heading("Through the decision tree (12)", "决策树路径（12）");
            lines.addAll(TreeDrawing.draw(advice, advisor.claims(), language, columns));
            lines.add("");
        }
        if (advice.candidates().isEmpty()) {
            nothing();
        } else {
            ranking();
            int place = 1;
            for (Candidate c : advice.candidates()) {
                if (place == 1 || details.contains(Detail.EVERY_CANDIDATE)) {
                    candidate(place, c);
                }
                place++;
            }
            prices();
        }
        excluded();
        weights();
        evidence();
    }

    // ---- parts

    private void nothing() {
        heading("Nothing satisfies every constraint", "没有架构满足全部约束");
        wrap("", "Nearest; what the need would have to say instead:", "最接近者，以及需求须如何放宽：");
        for (Excluded e : advice.nearest()) {
            line("  " + title(e.architecture()));
            for (Exclusion by : e.by()) {
                plain("    - ", by.reason().in(language) + " -> " + by.relax().in(language));
            }
        }
        lines.add("");
    }

    private void ranking() {
        heading("Ranking", "排名");
        int place = 1;
        for (Candidate c : advice.candidates()) {
            String first = Layout.padded(place++ + ".", 4) + Numbers.fixed(c.total(), 3) + "  ";
            plain(
                    first,
                    title(c.architecture()) + ": " + c.architecture().technology().in(language));
            if (!c.behind().isEmpty()) {
                String why =
                        String.join("; ", c.behind().stream().map(w -> w.in(language)).toList());
                wrap("           ", "behind by " + why, "落后于：" + why);
            }
        }
        wrap("", "(ties: the cheaper one, then the order of the catalogue)", "（并列时成本低者优先，再按目录顺序）");
        lines.add("");
    }

    private void candidate(int place, Candidate c) {
        Architecture a = c.architecture();
        heading(place + ". " + a.title().en(), place + ". " + a.title().zh());
        wrap("", "Why:", "理由：");
        c.scores().stream()
                .sorted(Comparator.comparingDouble(s -> -s.value() * s.weight()))
                .forEach(s ->
                        plain(
                                "  "
                                        + Numbers.fixed(s.value(), 2)
                                        + " x "
                                        + Numbers.plain(s.weight())
                                        + "  ",
                                s.criterion().words().in(language)
                                        + " ("
                                        + s.source().in(language)
                                        + ")"));
        wrap("", "Expected:", "预期指标：");
        for (Expected e : c.expected()) {
            plain("  ", expected(e));
        }
        if (c.expected().isEmpty()) {
            wrap("  ", "no figure is known", "无已知数据");
        }
        cost(c);
        remedy(a);
        cautions(c);
        migration(a);
        security(a);
        lines.add("");
    }

    private String expected(Expected e) {
        String how = e.how().in(language);
        return Texts.quantity(e.quantity()).in(language)
                + " "
                + e.text()
                + " ("
                + Texts.source(e.source()).in(language)
                + ": "
                + (how.isEmpty() ? "" : how + "; ")
                + String.join(", ", e.ids())
                + ")";
    }

    private void cost(Candidate c) {
        Cost cost = c.cost();
        Need.Money money = advice.need().money();
        String currency = money.currency();
        int instances = advice.need().scale().instances();
        String formula =
                Numbers.plain(cost.instance()) + " x " + instances + " x 12 x " + money.years();
        wrap(
                "",
                "Cost (model of 10.2): "
                        + Numbers.plain(cost.monthly())
                        + " "
                        + currency
                        + " a month, "
                        + Numbers.plain(cost.total())
                        + " in "
                        + money.years()
                        + " years = "
                        + formula,
                "成本（10.2 模型）：每月 "
                        + Numbers.plain(cost.monthly())
                        + " "
                        + currency
                        + "，"
                        + money.years()
                        + " 年 "
                        + Numbers.plain(cost.total())
                        + " = "
                        + formula);
        plain(
                "  ",
                String.join(
                        ", ",
                        cost.perInstance().entrySet().stream()
                                .map(e -> e.getKey() + " " + Numbers.plain(e.getValue()))
                                .toList()));
        if (!cost.unpriced().isEmpty()) {
            String names = String.join(", ", cost.unpriced());
            wrap(
                    "  ",
                    "no price is known of " + names + "; give one: cost: {prices: {extra: {…}}}",
                    names + " 无价格数据；可自行提供：cost: {prices: {extra: {…}}}");
        }
    }

    private void remedy(Architecture a) {
        String remedy =
                claims().claim("10.3/" + a.debt() + "/remedy").orElseThrow().text().in(language);
        wrap(
                "",
                "Debt (Weft's judgement): "
                        + a.owes().en()
                        + " Remedy (10.3/"
                        + a.debt()
                        + "): "
                        + remedy
                        + ".",
                "技术债（Weft 的判断）：" + a.owes().zh() + "化解（10.3/" + a.debt() + "）：" + remedy + "。");
    }

    private void cautions(Candidate c) {
        for (Words caution : Advisor.cautions(c.immature())) {
            wrap(
                    "! ",
                    "depends on a technology that is not mature: " + caution.en(),
                    "依赖未成熟技术：" + caution.zh());
        }
        if (!c.unknown().isEmpty()) {
            String en = String.join(", ", c.unknown().stream().map(u -> u.words().en()).toList());
            String zh = String.join("、", c.unknown().stream().map(u -> u.words().zh()).toList());
            wrap("! ", "not known here, see to it: " + en, "未知，请确认：" + zh);
        }
        if (!c.architecture().weft()) {
            wrap("! ", "Weft does not do all of this today.", "Weft 目前尚未实现其全部。");
        }
    }

    private void migration(Architecture a) {
        migration(advice.need(), a, advisor.catalogue())
                .ifPresent(m -> {
                    wrap("", "Way from " + m.from() + ":", "迁移路径（自 " + m.from() + "）：");
                    int step = 1;
                    for (Words words : m.steps()) {
                        plain("  " + step++ + ". ", words.in(language));
                    }
                });
    }

    static Optional<Catalogue.Migration> migration(Need need, Architecture a, Catalogue catalogue) {
        boolean vms = need.existing().virtualMachines() > 0;
        boolean containers = need.existing().containers() > 0;
        String from = vms ? containers ? "both" : "vm" : containers ? "container" : "nothing";
        Architecture.Priced to =
                switch (a.runs()) {
                    case VIRTUAL_MACHINES -> Architecture.Priced.VM;
                    case CONTAINERS, ANY -> Architecture.Priced.CONTAINER;
                    case BOTH -> Architecture.Priced.HYBRID;
                };
        return catalogue.migrations().stream()
                .filter(m -> m.from().equals(from) && m.to() == to)
                .findFirst();
    }

    private void security(Architecture a) {
        wrap("", "Security (9.3), and what to switch on:", "安全矩阵（9.3）与需启用项：");
        for (Catalogue.Layer layer : advisor.catalogue().security()) {
            String says = says(layer, a).map(w -> w.in(language) + " -> ").orElse("");
            plain("  " + layer.title().in(language) + ": ", says + layer.of(kind(a)).in(language));
        }
    }

    static Architecture.Priced kind(Architecture a) {
        return switch (a.runs()) {
            case VIRTUAL_MACHINES -> Architecture.Priced.VM;
            case CONTAINERS, ANY -> Architecture.Priced.CONTAINER;
            case BOTH -> Architecture.Priced.HYBRID;
        };
    }

    /** {@return the document's cell of table 9.3} */
    private Optional<Words> says(Catalogue.Layer layer, Architecture a) {
        String column = kind(a).name().toLowerCase(java.util.Locale.ROOT);
        return claims().claim("9.3/" + layer.row() + "/" + column).map(c -> c.text());
    }

    private void prices() {
        if (advice.sensitivity().isEmpty()) {
            wrap("", "No price alone would change the answer.", "任一单价变化都不会改变结论。");
            lines.add("");
            return;
        }
        wrap("", "Prices that would change the answer (each alone):", "会改变结论的价格（单独变化时）：");
        for (PriceChange p : advice.sensitivity()) {
            String change =
                    p.key()
                            + ": "
                            + Numbers.plain(p.from())
                            + " -> "
                            + Numbers.plain(p.to())
                            + ": ";
            plain(
                    "  ",
                    change
                            + p.then()
                                    .map(this::title)
                                    .orElse(
                                            new Words("the budget is exceeded", "超出预算")
                                                    .in(language)));
        }
        lines.add("");
    }

    private void excluded() {
        if (advice.excluded().isEmpty()) {
            return;
        }
        heading("Excluded", "被排除");
        for (Excluded e : advice.excluded()) {
            String reasons =
                    String.join("; ", e.by().stream().map(b -> b.reason().in(language)).toList());
            plain("- ", title(e.architecture()) + ": " + reasons);
        }
        lines.add("");
    }

    private void weights() {
        List<String> shown = new ArrayList<>();
        for (Map.Entry<Criterion, Double> weight : advice.weights().entrySet()) {
            if (weight.getValue() > 0) {
                shown.add(
                        weight.getKey().words().in(language)
                                + " "
                                + Numbers.plain(weight.getValue()));
            }
        }
        String all = String.join(", ", shown);
        wrap(
                "",
                "Weights (weights: in the need overrides them): " + all,
                "权重（可由需求中的 weights 覆盖）：" + all);
    }

    private void evidence() {
        String from =
                advice.hardware().detected()
                        ? new Words("looked at on this machine", "在本机检测").in(language)
                        : new Words("as the need declares it", "由需求声明").in(language);
        wrap("", "Hardware: " + from + ".", "硬件：" + from + "。");
        for (String fact : advice.hardware().facts()) {
            plain("  ", fact);
        }
        if (advice.evidence().isEmpty()) {
            wrap(
                    "",
                    "Figures are the document's claims: the lab has measured nothing (weft lab run).",
                    "指标均为文档声称：实验室尚无测量结果（weft lab run）。");
        }
        for (Words evidence : advice.evidence()) {
            plain("  ", evidence.in(language));
        }
    }

    // ---- lines

    private Claims claims() {
        return advisor.claims();
    }

    private String title(Architecture a) {
        return a.title().in(language);
    }

    private void heading(String en, String zh) {
        String text = new Words(en, zh).in(language);
        line(text);
        line("-".repeat(Math.min(Layout.width(text), columns)));
    }

    private void line(String text) {
        plain("", text);
    }

    private void wrap(String first, String en, String zh) {
        plain(first, new Words(en, zh).in(language));
    }

    private void plain(String first, String text) {
        lines.addAll(Layout.wrap(first, text, columns));
    }
}
