package io.weft.advisor;

import io.weft.claims.Range;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as people read them, the same in every locale. */
final class Numbers {
    private Numbers() {}

    /** {@return at most four digits that count: {@code 7.412}, {@code 320}} */
    static String plain(double number) {
        if (!Double.isFinite(number)) {
            return "–";
        }
        double magnitude = Math.abs(number);
        BigDecimal exact = BigDecimal.valueOf(number);
        BigDecimal rounded =
                magnitude >= 1000
                        ? exact.setScale(0, RoundingMode.HALF_UP)
                        : exact.round(new MathContext(4, RoundingMode.HALF_UP));
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }

    static String fixed(double number, int decimals) {
        return String.format(Locale.ROOT, "%." + decimals + "f", number);
    }

    /** {@return {@code 20–30}, {@code <5}, {@code 100+}, {@code 7}} */
    static String range(Range range) {
        if (range.low().isEmpty()) {
            return "<" + plain(range.high().orElseThrow());
        }
        if (range.high().isEmpty()) {
            return plain(range.low().getAsDouble()) + "+";
        }
        String low = plain(range.low().getAsDouble());
        String high = plain(range.high().getAsDouble());
        return low.equals(high) ? low : low + "–" + high;
    }
}
