package io.weft.advisor;

import io.weft.claims.Claims;
import io.weft.claims.Language;
import io.weft.claims.Words;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws the way through the document's decision tree (12):
 *
 * <pre>
 *   Regulated? (regulation)
 *   |- yes
 *   `- no  &lt;--
 *      Performance? (within 9.2/bridge)
 * </pre>
 */
final class TreeDrawing {
    private final Language language;
    private final int columns;
    private final List<String> lines = new ArrayList<>();

    private TreeDrawing(Language language, int columns) {
        this.language = language;
        this.columns = Math.max(columns, Layout.NARROWEST);
    }

    static List<String> draw(Advice advice, Claims claims, Language language, int columns) {
        TreeDrawing drawing = new TreeDrawing(language, columns);
        drawing.draw(advice, claims);
        return drawing.lines;
    }

    private void draw(Advice advice, Claims claims) {
        int depth = 0;
        // Deep trees on narrow terminals are indented less.
        int step = columns < 60 ? 2 : 3;
        for (DecisionTree.Step s : advice.tree().steps()) {
            String indent = " ".repeat(depth * step);
            String because = s.because().in(language);
            wrap(
                    indent,
                    s.question().in(language) + (because.isEmpty() ? "" : " (" + because + ")"));
            for (Words other : s.others()) {
                wrap(indent + "|- ", other.in(language));
            }
            wrap(indent + "`- ", s.answer().in(language) + "  <--");
            depth++;
        }
        String indent = " ".repeat(depth * step);
        if (advice.tree().leaf().isEmpty()) {
            wrap(
                    indent + "=> ",
                    new Words(
                                    "the tree needs the team's skill to go on; the ranking does not",
                                    "决策树需要团队能力才能继续；排名则不需要")
                            .in(language));
            return;
        }
        String leaf = advice.tree().leaf().get();
        String architecture =
                claims.claim("12/" + leaf + "/architecture").orElseThrow().text().in(language);
        wrap(indent + "=> ", architecture + " (12/" + leaf + ")");
        wrap(indent + "   ", agreement(advice, leaf).in(language));
    }

    private void wrap(String first, String text) {
        lines.addAll(Layout.wrap(first, text, columns));
    }

    /** {@return how the computed ranking stands to the tree} */
    static Words agreement(Advice advice, String leaf) {
        for (int i = 0; i < advice.candidates().size(); i++) {
            Advice.Candidate c = advice.candidates().get(i);
            if (c.architecture().leaves().contains(leaf)) {
                if (i == 0) {
                    return new Words("the ranking agrees", "排名与其一致");
                }
                String en = c.behind().isEmpty() ? "" : ": " + c.behind().getFirst().en();
                String zh = c.behind().isEmpty() ? "" : "：" + c.behind().getFirst().zh();
                return new Words(
                        "the ranking puts it at " + (i + 1) + en, "排名将其列为第 " + (i + 1) + zh);
            }
        }
        return advice.excluded().stream()
                .filter(e -> e.architecture().leaves().contains(leaf))
                .findFirst()
                .map(e ->
                        new Words(
                                "the ranking excludes it: " + e.by().getFirst().reason().en(),
                                "排名将其排除：" + e.by().getFirst().reason().zh()))
                .orElse(new Words("", ""));
    }
}
