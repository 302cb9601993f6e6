package io.weft.model;

import static io.weft.model.LabelSelector.Operator.DOES_NOT_EXIST;
import static io.weft.model.LabelSelector.Operator.EXISTS;
import static io.weft.model.LabelSelector.Operator.IN;
import static io.weft.model.LabelSelector.Operator.NOT_IN;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.LabelSelector.Operator;
import io.weft.model.LabelSelector.Requirement;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LabelSelectorTest {
    private static final Labels WEB = Labels.of(Map.of("app", "web"));
    private static final Labels API = Labels.of(Map.of("app", "api"));

    private static LabelSelector selector(String key, Operator operator, String... values) {
        return new LabelSelector(List.of(new Requirement(key, operator, List.of(values))));
    }

    @Test
    void anEmptySelectorSelectsEverything() {
        assertThat(LabelSelector.EVERYTHING.matches(Labels.EMPTY)).isTrue();
        assertThat(LabelSelector.EVERYTHING).hasToString("<all>");
    }

    @Test
    void inNeedsTheKeyAndOneOfTheValues() {
        LabelSelector in = selector("app", IN, "web", "db");

        assertThat(in.matches(WEB)).isTrue();
        assertThat(in.matches(API)).isFalse();
        assertThat(in.matches(Labels.EMPTY)).isFalse();
    }

    @Test
    void notInAlsoMatchesObjectsWithoutTheKey() {
        LabelSelector notIn = selector("app", NOT_IN, "web");

        assertThat(notIn.matches(WEB)).isFalse();
        assertThat(notIn.matches(API)).isTrue();
        assertThat(notIn.matches(Labels.EMPTY)).isTrue();
    }

    @Test
    void existsLooksAtTheKeyOnly() {
        LabelSelector exists = selector("app", EXISTS);

        assertThat(exists.matches(Labels.of(Map.of("app", "")))).isTrue();
        assertThat(exists.matches(Labels.EMPTY)).isFalse();
    }

    @Test
    void doesNotExistMatchesObjectsWithoutTheKey() {
        LabelSelector none = selector("app", DOES_NOT_EXIST);

        assertThat(none.matches(WEB)).isFalse();
        assertThat(none.matches(Labels.EMPTY)).isTrue();
    }

    @Test
    void allRequirementsMustHold() {
        LabelSelector both =
                new LabelSelector(
                        List.of(
                                new Requirement("app", IN, List.of("web")),
                                new Requirement("canary", DOES_NOT_EXIST, List.of())));

        assertThat(both.matches(WEB)).isTrue();
        assertThat(both.matches(WEB.with("canary", "1"))).isFalse();
        TreeSet<String> keys = new TreeSet<>();
        both.collectKeys(keys);
        assertThat(keys).containsExactly("app", "canary");
    }

    @Test
    void equalSelectorsAreEqualHoweverTheyWereWritten() {
        LabelSelector labels = LabelSelector.of(Map.of("a", "1", "b", "2"));
        LabelSelector expressions =
                new LabelSelector(
                        List.of(
                                new Requirement("b", IN, List.of("2")),
                                new Requirement("a", IN, List.of("1", "1")),
                                new Requirement("a", IN, List.of("1"))));

        assertThat(labels).isEqualTo(expressions).hasSameHashCodeAs(expressions);
        assertThat(selector("a", IN, "y", "x")).isEqualTo(selector("a", IN, "x", "y"));
    }

    @Test
    void isWrittenAsKubectlWritesIt() {
        assertThat(
                        new LabelSelector(
                                List.of(
                                        new Requirement("d", DOES_NOT_EXIST, List.of()),
                                        new Requirement("c", EXISTS, List.of()),
                                        new Requirement("b", NOT_IN, List.of("y", "x")),
                                        new Requirement("a", IN, List.of("2", "1")),
                                        new Requirement("a", IN, List.of("1")))))
                .hasToString("a in (1,2),a=1,b notin (x,y),c,!d");
    }
}
