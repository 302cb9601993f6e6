package io.weft.advisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.advisor.Advice.Candidate;
import io.weft.advisor.Architecture.Quantity;
import io.weft.advisor.Need.Money;
import io.weft.advisor.Need.Performance;
import io.weft.claims.Claims;
import io.weft.claims.Language;
import io.weft.model.ManifestReader;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** What holds for every need. */
class PropertiesTest {
    private static final Claims CLAIMS = Claims.load();
    private static final Advisor ADVISOR = new Advisor(CLAIMS);
    private static final int NEEDS = 300;

    private static Advice advise(Need need) {
        return ADVISOR.advise(need, need.hardware().orElseThrow(), List.of(), m -> true);
    }

    /** Tries a property on random needs, and names the seed of one that breaks it. */
    private static void forAll(BiConsumer<Need, Advice> property) {
        long start = Long.getLong("weft.seed", System.nanoTime());
        for (long seed = start; seed < start + NEEDS; seed++) {
            Need need = new RandomNeed(seed).next();
            try {
                property.accept(need, advise(need));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("-Dweft.seed=" + seed + "\n" + NeedWriter.text(need), e);
            }
        }
    }

    private static List<String> ids(Advice advice) {
        return advice.candidates().stream().map(c -> c.architecture().id()).toList();
    }

    @Test
    void eachArchitectureIsACandidateOrNamesWhatExcludesIt() {
        forAll((need, advice) -> {
            assertThat(advice.candidates().size() + advice.excluded().size())
                    .isEqualTo(ADVISOR.catalogue().architectures().size());
            assertThat(advice.excluded())
                    .allSatisfy(e ->
                            assertThat(e.by())
                                    .isNotEmpty()
                                    .allSatisfy(by -> {
                                        assertThat(by.constraint()).isNotEmpty();
                                        assertThat(by.reason().en()).isNotEmpty();
                                        assertThat(by.reason().zh()).isNotEmpty();
                                        assertThat(by.relax().en()).isNotEmpty();
                                    }));
            assertThat(advice.nearest().isEmpty()).isNotEqualTo(advice.candidates().isEmpty());
            assertThat(advice.candidates())
                    .isSortedAccordingTo((a, b) ->
                            Math.abs(a.total() - b.total()) < 1e-8
                                    ? 0
                                    : Double.compare(b.total(), a.total()));
            assertThat(advice.candidates())
                    .allSatisfy(c ->
                            assertThat(c.scores())
                                    .allSatisfy(s -> {
                                        assertThat(s.value()).isLessThanOrEqualTo(1);
                                        assertThat(s.source().en()).isNotEmpty();
                                        assertThat(s.source().zh()).isNotEmpty();
                                    }));
        });
    }

    @Test
    void theSameNeedGetsTheSameAnswer() {
        forAll((need, advice) -> {
            Advice again =
                    new Advisor(Claims.load())
                            .advise(need, need.hardware().orElseThrow(), List.of(), m -> true);
            assertThat(JsonReport.document(again, ADVISOR, Language.EN))
                    .isEqualTo(JsonReport.document(advice, ADVISOR, Language.EN));
        });
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        forAll((need, advice) ->
                assertThat(new NeedReader(CLAIMS).parse("need", NeedWriter.text(need)))
                        .usingRecursiveComparison()
                        .isEqualTo(need));
    }

    /** An architecture's place among those that stay does not get better than a faster one's. */
    @Test
    void aStricterLatencyLetsNobodySlowerOvertake() {
        forAll((need, before) -> {
            Performance p = need.performance();
            double stricter = p.latency().orElse(200) / 2;
            Advice after =
                    advise(
                            need.with(
                                    new Performance(
                                            OptionalDouble.of(stricter),
                                            p.throughput(),
                                            p.hostThroughput(),
                                            p.start(),
                                            p.memory())));
            assertThat(ids(before)).containsAll(ids(after));
            for (Candidate fast : after.candidates()) {
                for (Candidate slow : after.candidates()) {
                    if (latency(slow) >= latency(fast)
                            && place(before, fast) < place(before, slow)) {
                        assertThat(place(after, fast))
                                .as(
                                        fast.architecture().id()
                                                + " stays before "
                                                + slow.architecture().id())
                                .isLessThan(place(after, slow));
                    }
                }
            }
        });
    }

    /** Without a figure it counts as the slowest. */
    private static double latency(Candidate c) {
        return c.expected().stream()
                .filter(e -> e.quantity() == Quantity.LATENCY)
                .mapToDouble(e -> Math.min(Math.max(e.middle(), 1), 100))
                .findFirst()
                .orElse(100);
    }

    private static int place(Advice advice, Candidate candidate) {
        int place = ids(advice).indexOf(candidate.architecture().id());
        assertThat(place).isNotNegative();
        return place;
    }

    @Test
    void aHarderIsolationNeverMakesAWorseIsolatedAnswerWin() {
        forAll((need, before) -> {
            for (Isolation harder : Isolation.values()) {
                if (harder.compareTo(need.isolation()) <= 0) {
                    continue;
                }
                Advice after = advise(need.with(harder));
                assertThat(ids(before)).containsAll(ids(after));
                if (after.first().isPresent() && before.first().isPresent()) {
                    assertThat(after.first().get().architecture().isolation())
                            .isGreaterThanOrEqualTo(
                                    before.first().get().architecture().isolation());
                }
            }
        });
    }

    /** All that pay a price pay the same part of it here, so none of them gains on another. */
    @Test
    void aCheaperPriceNeverLowersTheRankOfThoseWhoPayIt() {
        forAll((need, before) -> {
            for (String column : List.of("vm", "container")) {
                String key = column + ".hardware";
                Map<String, Double> prices = new TreeMap<>(need.money().prices().overrides());
                prices.put(key, before.prices().getOrDefault(key, 0.0) / 2);
                Money m = need.money();
                Advice after =
                        advise(
                                need.with(
                                        new Money(
                                                OptionalDouble.empty(),
                                                m.currency(),
                                                m.exchange(),
                                                m.years(),
                                                new Cost.Prices(prices))));
                Advice same =
                        advise(
                                need.with(
                                        new Money(
                                                OptionalDouble.empty(),
                                                m.currency(),
                                                m.exchange(),
                                                m.years(),
                                                m.prices())));
                for (Candidate c : same.candidates()) {
                    boolean pays =
                            Cost.parts(c.architecture(), need, same.prices()).getOrDefault(key, 0.0)
                                    == 1;
                    if (pays) {
                        assertThat(place(after, c))
                                .as(c.architecture().id())
                                .isLessThanOrEqualTo(place(same, c));
                    }
                }
            }
        });
    }

    @Test
    void aPriceThatIsSaidToChangeTheAnswerDoes() {
        forAll((need, advice) -> {
            Money m = need.money();
            for (Advice.PriceChange change : advice.sensitivity()) {
                if (change.then().isEmpty()) {
                    continue;
                }
                Map<String, Double> prices = new TreeMap<>(m.prices().overrides());
                double beyond =
                        (change.to() - change.from()) * 1e-6
                                + Math.copySign(1e-6, change.to() - change.from());
                prices.put(change.key(), Math.max(change.to() + beyond, 0));
                Advice after =
                        advise(
                                need.with(
                                        new Money(
                                                OptionalDouble.empty(),
                                                m.currency(),
                                                m.exchange(),
                                                m.years(),
                                                new Cost.Prices(prices))));
                double rival = total(after, change.then().get().id());
                double first = total(after, advice.first().orElseThrow().architecture().id());
                if (m.budget().isEmpty()) {
                    assertThat(rival).as(change.key()).isGreaterThanOrEqualTo(first - 1e-9);
                }
            }
        });
    }

    private static double total(Advice advice, String id) {
        return advice.candidates().stream()
                .filter(c -> c.architecture().id().equals(id))
                .mapToDouble(Candidate::total)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void reportsHaveNoLineWiderThanTheTerminal() {
        forAll((need, advice) -> {
            for (Language language : Language.values()) {
                String text =
                        TextReport.text(
                                advice,
                                ADVISOR,
                                language,
                                72,
                                EnumSet.allOf(TextReport.Detail.class));
                assertThat(text.lines())
                        .allSatisfy(line ->
                                assertThat(Layout.width(line) <= 72 || longestWord(line) > 50)
                                        .as(line)
                                        .isTrue());
            }
        });
    }

    private static int longestWord(String line) {
        int longest = 0;
        for (String word : line.split(" ", -1)) {
            longest = Math.max(longest, Layout.width(word));
        }
        return longest;
    }

    @Test
    void whatIsReadyToApplyIsAcceptedByTheReaderOfManifests() {
        forAll((need, advice) -> {
            if (advice.first().isPresent()) {
                for (Language language : Language.values()) {
                    String yaml = ApplyReady.text(advice, language);
                    assertThat(
                                    new ManifestReader()
                                            .strictReferences()
                                            .parse("out.yaml", yaml)
                                            .resources())
                            .as(yaml)
                            .isNotEmpty();
                }
            }
        });
    }
}
