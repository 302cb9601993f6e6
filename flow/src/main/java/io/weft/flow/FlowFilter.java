package io.weft.flow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Which flows are wanted. Values of the same flag are alternatives, different flags must all hold,
 * and nothing that stands after {@code --not} may hold: {@code --pod web --pod api --verdict
 * dropped --not --to-port 53}.
 */
public final class FlowFilter {
    /** Every flow. */
    public static final FlowFilter ALL = new FlowFilter(List.of());

    /** One value of one flag, as written. */
    record Term(FlowFlag flag, boolean negated, String value, Predicate<Flow> test) {
        @Override
        public String toString() {
            return (negated ? FlowFlag.NOT + " " : "") + flag + " " + value;
        }
    }

    private final List<Term> terms;
    private final List<Predicate<Flow>> required;

    FlowFilter(List<Term> terms) {
        this.terms = List.copyOf(terms);
        Map<FlowFlag, Predicate<Flow>> alternatives = new LinkedHashMap<>();
        List<Predicate<Flow>> all = new ArrayList<>();
        for (Term term : terms) {
            if (term.negated) {
                all.add(term.test.negate());
            } else {
                alternatives.merge(term.flag, term.test, Predicate::or);
            }
        }
        all.addAll(alternatives.values());
        this.required = List.copyOf(all);
    }

    public boolean matches(Flow flow) {
        for (Predicate<Flow> test : required) {
            if (!test.test(flow)) {
                return false;
            }
        }
        return true;
    }

    /** {@return the flags that make it; empty for {@link #ALL}} */
    @Override
    public String toString() {
        return String.join(" ", terms.stream().map(Term::toString).toList());
    }
}
