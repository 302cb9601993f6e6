package io.weft.model;

import io.weft.model.LabelSelector.Operator;
import io.weft.model.LabelSelector.Requirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Reads label selectors; every rule of apimachinery's ValidateLabelSelector. */
final class SelectorReader {
    private static final Map<String, Operator> OPERATORS =
            Map.of(
                    "In", Operator.IN,
                    "NotIn", Operator.NOT_IN,
                    "Exists", Operator.EXISTS,
                    "DoesNotExist", Operator.DOES_NOT_EXIST);

    private SelectorReader() {}

    static LabelSelector read(Field field) {
        return new LabelSelector(requirements(field, Names::labelKey));
    }

    /**
     * {@return what a selector asks for, in written order}
     *
     * @param key what is wrong with the text of a key
     */
    static List<Requirement> requirements(Field field, Function<String, Optional<String>> key) {
        field.only(Set.of("matchLabels", "matchExpressions"));
        List<Requirement> requirements = new ArrayList<>();
        ObjectMeta.labels(field, "matchLabels", key)
                .forEach((k, v) -> requirements.add(new Requirement(k, Operator.IN, List.of(v))));
        for (Field expression : field.objects("matchExpressions")) {
            requirements.add(requirement(expression, key));
        }
        return requirements;
    }

    private static Requirement requirement(
            Field expression, Function<String, Optional<String>> syntax) {
        expression.only(Set.of("key", "operator", "values"));
        String key = expression.requiredText("key", "", syntax);
        String text =
                expression.requiredText(
                        "operator",
                        "In, NotIn, Exists or DoesNotExist",
                        t ->
                                OPERATORS.containsKey(t)
                                        ? Optional.empty()
                                        : Optional.of(
                                                "not a valid selector operator; write In, NotIn, Exists or"
                                                        + " DoesNotExist"));
        List<String> values = new ArrayList<>();
        List<Field> items = expression.items("values");
        items.forEach(value -> value.text(Names::labelValue).ifPresent(values::add));
        Operator operator = OPERATORS.getOrDefault(text, Operator.EXISTS);
        if (OPERATORS.containsKey(text)) {
            boolean sets = operator == Operator.IN || operator == Operator.NOT_IN;
            if (sets && items.isEmpty()) {
                expression.missing(
                        "values", "must be specified when `operator` is 'In' or 'NotIn'");
            } else if (!sets && !items.isEmpty()) {
                expression
                        .child("values")
                        .ifPresent(f ->
                                f.forbidden(
                                        "may not be specified when `operator` is 'Exists'"
                                                + " or 'DoesNotExist'"));
            }
        }
        return new Requirement(key, operator, values);
    }
}
