package io.weft.lab.report;

import io.weft.claims.Figure;
import io.weft.claims.Measurement;
import io.weft.claims.Unit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds figures in results: conclusive ones first, then the newest. */
final class Results {
    /** A figure and the result that it is of. */
    record Found(Figure figure, Measurement source) {
        /** {@return the same in a claim's unit; empty when the units do not fit} */
        Optional<Judgement.Measured> in(Unit unit) {
            Optional<Unit> own = Unit.tryParse(figure.unit());
            if (own.isEmpty() || !own.get().convertsTo(unit)) {
                return Optional.empty();
            }
            return Optional.of(
                    new Judgement.Measured(
                            own.get().convert(figure.median(), unit),
                            own.get().convert(figure.low(), unit),
                            own.get().convert(figure.high(), unit),
                            figure.n(),
                            unit.toString()));
        }
    }

    private final List<Measurement> all;

    Results(List<Measurement> all) {
        this.all =
                all.stream()
                        .sorted(
                                Comparator.comparing(Measurement::conclusive)
                                        .thenComparing(Measurement::at)
                                        .reversed())
                        .toList();
    }

    List<Measurement> all() {
        return all;
    }

    Optional<Found> find(String id) {
        for (Measurement m : all) {
            Optional<Figure> figure = m.figure(id);
            if (figure.isPresent()) {
                return Optional.of(new Found(figure.get(), m));
            }
        }
        return Optional.empty();
    }

    /** {@return both, of one result: what was not measured together is not compared} */
    Optional<List<Found>> findBoth(String id, String other) {
        for (Measurement m : all) {
            Optional<Figure> one = m.figure(id);
            Optional<Figure> two = m.figure(other);
            if (one.isPresent() && two.isPresent()) {
                return Optional.of(List.of(new Found(one.get(), m), new Found(two.get(), m)));
            }
        }
        return Optional.empty();
    }

    /** {@return why a figure, or its whole subject, could not be measured} */
    Optional<String> whyNot(String id) {
        String subject = id.split("\\.", 2)[0];
        for (Measurement m : all) {
            for (Measurement.NotMeasured n : m.notMeasured()) {
                if (n.id().equals(id) || n.id().equals(subject)) {
                    return Optional.of(n.why());
                }
            }
        }
        return Optional.empty();
    }

    /** {@return figures of one quantity, one for each subject, in the order found} */
    List<Found> ofQuantity(String quantity) {
        List<Found> found = new ArrayList<>();
        for (Measurement m : all) {
            for (Figure f : m.figures()) {
                String[] parts = f.id().split("\\.", -1);
                if (!f.id().contains("/")
                        && parts.length == 2
                        && parts[1].equals(quantity)
                        && found.stream().noneMatch(o -> o.figure().id().equals(f.id()))) {
                    found.add(new Found(f, m));
                }
            }
        }
        return found;
    }
}
