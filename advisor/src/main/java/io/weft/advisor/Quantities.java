package io.weft.advisor;

import io.weft.claims.Unit;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with units, as needs write them: {@code 20us}, {@code 0.5 ms}, {@code 40Gbps}. */
final class Quantities {
    private static final Pattern FORM =
            Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?) ?([A-Za-zµ]+)");

    private Quantities() {}

    /** {@return the number in {@code unit}; nothing when it is no such quantity, or 0} */
    static OptionalDouble parse(String text, Unit unit) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return OptionalDouble.empty();
        }
        double number = Double.parseDouble(matcher.group(1));
        String name = matcher.group(2).replace("µs", "us");
        double value;
        if (name.equals("Mbps") && unit == Unit.GBPS) {
            value = number / 1000;
        } else if (name.equals("Tbps") && unit == Unit.GBPS) {
            value = number * 1000;
        } else if (name.equals("GB") && unit == Unit.MEGABYTE) {
            value = number * 1000;
        } else {
            Optional<Unit> from = Unit.tryParse(name).filter(u -> u.convertsTo(unit));
            if (from.isEmpty()) {
                return OptionalDouble.empty();
            }
            value = from.get().convert(number, unit);
        }
        return value > 0 ? OptionalDouble.of(value) : OptionalDouble.empty();
    }

    /** {@return as it is written: {@code 20us}} */
    static String text(double value, Unit unit) {
        return java.math.BigDecimal.valueOf(value).stripTrailingZeros().toPlainString() + unit;
    }
}
