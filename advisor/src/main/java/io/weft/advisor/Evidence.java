package io.weft.advisor;

import io.weft.advisor.Architecture.FigureSource;
import io.weft.advisor.Architecture.Quantity;
import io.weft.claims.Claim;
import io.weft.claims.Claims;
import io.weft.claims.Figure;
import io.weft.claims.Measurement;
import io.weft.claims.Range;
import io.weft.claims.Unit;
import io.weft.claims.Words;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** What is known of an architecture's figures: measured here, else claimed. */
public final class Evidence {
    private final Claims claims;
    private final Map<String, Measured> measured = new HashMap<>();

    private record Measured(Figure figure, Measurement in) {}

    /**
     * @param measurements conclusive ones of this machine; others must be left out
     */
    Evidence(Claims claims, List<Measurement> measurements) {
        this.claims = claims;
        for (Measurement measurement : measurements) {
            for (Figure figure : measurement.figures()) {
                measured.put(figure.id(), new Measured(figure, measurement));
            }
        }
    }

    /** Where a figure comes from. */
    public enum Source {
        MEASURED,
        CLAIM,
        MODEL
    }

    /**
     * A figure that is expected.
     *
     * @param ids of the metric, or of the claims
     * @param text as people read it: {@code 10–15 us}
     * @param how formula of a model, or date and repetitions of a measurement
     */
    public record Expected(
            Quantity quantity,
            Range range,
            Unit unit,
            Source source,
            List<String> ids,
            String text,
            Words how) {
        double middle() {
            return range.middle();
        }
    }

    Claims claims() {
        return claims;
    }

    /** {@return the unit in which a quantity is compared} */
    static Unit unit(Quantity quantity) {
        return switch (quantity) {
            case LATENCY -> Unit.MICROSECOND;
            case THROUGHPUT, HOST_THROUGHPUT -> Unit.GBPS;
            case START -> Unit.SECOND;
            case MEMORY -> Unit.MEGABYTE;
            case PER_HOST -> Unit.PODS;
            case SERVICES -> Unit.SERVICES;
        };
    }

    Optional<Expected> of(Architecture architecture, Quantity quantity) {
        Map<Quantity, FigureSource> figures = architecture.figures();
        FigureSource source = figures.get(quantity);
        if (source == null && quantity == Quantity.HOST_THROUGHPUT) {
            source =
                    figures.get(Quantity.THROUGHPUT); // a host gives at least what an instance gets
        }
        return Optional.ofNullable(source).map(s -> resolve(quantity, s));
    }

    private Expected resolve(Quantity quantity, FigureSource source) {
        Claim claim = claims.claim(source.claim()).orElseThrow();
        Optional<String> metric = source.metric();
        if (metric.isEmpty() && !source.isModel()) {
            metric = claim.metric();
        }
        Optional<Expected> here = metric.flatMap(id -> measured(quantity, id));
        if (here.isPresent()) {
            return here.get();
        }
        Claim.Amount amount = claim.figure().orElseThrow();
        Unit unit = unit(quantity);
        boolean counts = !amount.unit().convertsTo(unit); // VMs, pods and functions on a host
        Range range = counts ? amount.range() : amount.range().convert(amount.unit(), unit);
        if (!source.isModel()) {
            return new Expected(
                    quantity,
                    range,
                    counts ? amount.unit() : unit,
                    Source.CLAIM,
                    List.of(claim.id()),
                    claim.text().en(),
                    Words.same(""));
        }
        return model(quantity, source, claim, range);
    }

    private Optional<Expected> measured(Quantity quantity, String id) {
        Measured found = measured.get(id);
        Optional<Unit> unit =
                Optional.ofNullable(found).flatMap(m -> Unit.tryParse(m.figure().unit()));
        if (found == null || unit.isEmpty() || !unit.get().convertsTo(unit(quantity))) {
            return Optional.empty();
        }
        Figure f = found.figure();
        Unit to = unit(quantity);
        double median = unit.get().convert(f.median(), to);
        Range range =
                new Range(
                        OptionalDouble.of(unit.get().convert(Math.min(f.low(), f.high()), to)),
                        OptionalDouble.of(unit.get().convert(Math.max(f.low(), f.high()), to)));
        String date = found.in().at().toString().substring(0, 10);
        return Optional.of(
                new Expected(
                        quantity,
                        range,
                        to,
                        Source.MEASURED,
                        List.of(id),
                        Numbers.plain(median) + " " + to + " [" + Numbers.range(range) + "]",
                        new Words(
                                f.metric() + " of " + f.subject() + ", n = " + f.n() + ", " + date,
                                f.subject() + "：" + f.metric() + "，n = " + f.n() + "，" + date)));
    }

    private Expected model(Quantity quantity, FigureSource source, Claim claim, Range base) {
        Unit unit = unit(quantity);
        double low = base.low().orElseGet(base.high()::getAsDouble);
        double high = base.high().orElse(low);
        StringBuilder formula = new StringBuilder(claim.text().en());
        java.util.ArrayList<String> ids = new java.util.ArrayList<>(List.of(claim.id()));
        if (source.change().isPresent()) {
            Claim change = claims.claim(source.change().get()).orElseThrow();
            Range percent = change.figure().orElseThrow().range();
            low *= 1 + percent.low().orElseGet(percent.high()::getAsDouble) / 100;
            high *= 1 + percent.high().orElseGet(percent.low()::getAsDouble) / 100;
            formula.append(" × (1 ").append(change.text().en()).append(")");
            ids.add(change.id());
        }
        if (!source.add().isEmpty()) {
            double least = Double.POSITIVE_INFINITY;
            double most = 0;
            for (String id : source.add()) {
                Claim added = claims.claim(id).orElseThrow();
                Claim.Amount amount = added.figure().orElseThrow();
                Range range = amount.range().convert(amount.unit(), unit);
                least = Math.min(least, range.low().orElse(0));
                most = Math.max(most, range.high().orElseGet(range.low()::getAsDouble));
                ids.add(id);
            }
            low += least;
            high += most;
            formula.append(" + ")
                    .append(
                            Numbers.range(
                                    new Range(OptionalDouble.of(least), OptionalDouble.of(most))))
                    .append(' ')
                    .append(unit);
        }
        Range range = new Range(OptionalDouble.of(low), OptionalDouble.of(high));
        return new Expected(
                quantity,
                range,
                unit,
                Source.MODEL,
                ids,
                Numbers.range(range) + " " + unit,
                Words.same(formula.toString()));
    }
}
