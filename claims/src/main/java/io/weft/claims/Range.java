package io.weft.claims;

import java.util.OptionalDouble;

/**
 * What a claim says in figures: {@code 20-30}, {@code <5}, {@code 100+}. At least one bound is
 * there.
 *
 * @param low the least, nothing for {@code <5}
 * @param high the most, nothing for {@code 100+}
 */
public record Range(OptionalDouble low, OptionalDouble high) {
    public Range {
        if (low.isEmpty() && high.isEmpty()) {
            throw new IllegalArgumentException("a range without bounds");
        }
        if (low.isPresent() && high.isPresent() && low.getAsDouble() > high.getAsDouble()) {
            throw new IllegalArgumentException(
                    "low " + low.getAsDouble() + " exceeds high " + high.getAsDouble());
        }
    }

    /** {@return the middle of both bounds, or the only one} */
    public double middle() {
        return (low.orElseGet(high::getAsDouble) + high.orElseGet(low::getAsDouble)) / 2;
    }

    public boolean contains(double value) {
        return value >= low.orElse(Double.NEGATIVE_INFINITY)
                && value <= high.orElse(Double.POSITIVE_INFINITY);
    }

    /** {@return the same in another unit} */
    public Range convert(Unit from, Unit to) {
        return new Range(convert(low, from, to), convert(high, from, to));
    }

    private static OptionalDouble convert(OptionalDouble value, Unit from, Unit to) {
        return value.isEmpty() ? value : OptionalDouble.of(from.convert(value.getAsDouble(), to));
    }
}
