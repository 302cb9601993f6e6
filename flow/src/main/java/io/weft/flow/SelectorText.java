package io.weft.flow;

import io.weft.model.LabelSelector;
import io.weft.model.LabelSelector.Operator;
import io.weft.model.LabelSelector.Requirement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads label selectors as {@code kubectl -l} writes them: {@code app=web}, {@code tier!=db},
 * {@code env in (a,b)}, {@code env notin (a,b)}, {@code app}, {@code !app}, joined by commas.
 */
final class SelectorText {
    private static final String KEY = "[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?";
    private static final String VALUE = "([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?";
    private static final Pattern REQUIREMENT =
            Pattern.compile(
                    "\\s*(?:"
                            + ("(?<key>" + KEY + ")\\s*(?<op>==|=|!=)\\s*(?<value>" + VALUE + ")")
                            + ("|(?<setkey>"
                                    + KEY
                                    + ")\\s+(?<set>in|notin)\\s*\\((?<values>[^()]*)\\)")
                            + ("|(?<not>!)?\\s*(?<exists>" + KEY + ")")
                            + ")\\s*(?<end>,|$)");

    private SelectorText() {}

    /**
     * @throws IllegalArgumentException saying where it stops being one
     */
    static LabelSelector parse(String text) {
        List<Requirement> requirements = new ArrayList<>();
        Matcher m = REQUIREMENT.matcher(text);
        int at = 0;
        boolean more = true;
        while (more) {
            if (!m.find(at) || m.start() != at) {
                throw new IllegalArgumentException("cannot read '" + text.substring(at) + "'");
            }
            requirements.add(requirement(m));
            at = m.end();
            more = !m.group("end").isEmpty();
        }
        return new LabelSelector(requirements);
    }

    private static Requirement requirement(Matcher m) {
        if (m.group("key") != null) {
            Operator operator = m.group("op").equals("!=") ? Operator.NOT_IN : Operator.IN;
            return new Requirement(m.group("key"), operator, List.of(m.group("value")));
        }
        if (m.group("setkey") != null) {
            List<String> values = new ArrayList<>();
            for (String value : m.group("values").split(",", -1)) {
                if (!value.strip().matches(VALUE)) {
                    throw new IllegalArgumentException("'" + value.strip() + "' is no label value");
                }
                values.add(value.strip());
            }
            Operator operator = m.group("set").equals("in") ? Operator.IN : Operator.NOT_IN;
            return new Requirement(m.group("setkey"), operator, values);
        }
        Operator operator = m.group("not") != null ? Operator.DOES_NOT_EXIST : Operator.EXISTS;
        return new Requirement(m.group("exists"), operator, List.of());
    }
}
