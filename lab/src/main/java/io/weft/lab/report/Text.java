package io.weft.lab.report;

import io.weft.claims.Claim;
import io.weft.claims.ClaimTable;
import io.weft.claims.Claims;
import io.weft.claims.Figure;
import io.weft.claims.Language;
import io.weft.claims.Metric;
import java.util.Locale;
import java.util.Optional;

/** Cells as text, the same in every format. */
final class Text {
    private Text() {}

    /** {@return three significant digits: {@code 21.6}, {@code 0.0123}, {@code 12,300}} */
    static String number(double value) {
        double size = Math.abs(value);
        String format;
        if (size >= 100) {
            format = "%,.0f";
        } else if (size >= 10) {
            format = "%.1f";
        } else if (size >= 1 || size == 0) {
            format = "%.2f";
        } else {
            format = "%." + Math.min(6, (int) Math.ceil(-Math.log10(size)) + 2) + "f";
        }
        return String.format(Locale.ROOT, format, value);
    }

    /** {@return {@code 21.6 us [21.1–22.0], n = 11}} */
    static String measured(Judgement.Measured m) {
        return "%s %s [%s … %s], n = %d"
                .formatted(number(m.median()), m.unit(), number(m.low()), number(m.high()), m.n());
    }

    static String figure(Figure f) {
        return measured(new Judgement.Measured(f.median(), f.low(), f.high(), f.n(), f.unit()));
    }

    /** {@return the row and column of a claim} */
    static String what(ClaimTable table, Claim claim, Language language) {
        String row = table.row(claim.row()).map(r -> r.title().in(language)).orElseGet(claim::row);
        Optional<ClaimTable.Heading> column =
                table.columns().stream().filter(c -> c.id().equals(claim.column())).findFirst();
        return row + " · " + column.map(c -> c.title().in(language)).orElseGet(claim::column);
    }

    /** {@return the name of a figure} */
    static String title(Figure f, Claims claims, Language language) {
        return claims.metric(f.id())
                .map(Metric::title)
                .map(w -> w.in(language))
                .orElseGet(() -> f.subject() + ": " + f.metric());
    }

    /** {@return the reason, with "because" where there is one} */
    static String verdict(Judgement j, Language language) {
        String verdict = j.verdict().words().in(language);
        String why = j.why().in(language);
        if (why.isEmpty()) {
            return verdict;
        }
        return j.verdict() == Verdict.NOT_MEASURABLE
                ? verdict
                        + (language == Language.ZH ? "，" : ", ")
                        + Phrase.BECAUSE.in(language)
                        + (language == Language.ZH ? "" : " ")
                        + why
                : verdict + (language == Language.ZH ? "：" : ": ") + why;
    }
}
