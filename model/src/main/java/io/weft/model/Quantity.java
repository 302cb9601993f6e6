package io.weft.model;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code resource.Quantity} of Kubernetes: {@code 10M}, {@code 1.5Gi}, {@code 1e6}, {@code 100k}.
 */
final class Quantity {
    private static final Pattern SYNTAX =
            Pattern.compile(
                    "([+-]?(?:[0-9]{1,40}(?:\\.[0-9]{0,40})?|\\.[0-9]{1,40}))"
                            + "(?:(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E)|[eE]([+-]?[0-9]{1,2}))?");

    private static final Map<String, Integer> POWERS_OF_TEN =
            Map.of("n", -9, "u", -6, "m", -3, "k", 3, "M", 6, "G", 9, "T", 12, "P", 15, "E", 18);

    private static final Map<String, Integer> POWERS_OF_TWO =
            Map.of("Ki", 10, "Mi", 20, "Gi", 30, "Ti", 40, "Pi", 50, "Ei", 60);

    private Quantity() {}

    /** {@return the number, rounded up; the nearest long when it is none} */
    static Optional<Long> tryParse(String text) {
        Matcher parts = SYNTAX.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        BigDecimal number = new BigDecimal(parts.group(1));
        String suffix = parts.group(2);
        if (suffix != null) {
            Integer power = POWERS_OF_TWO.get(suffix);
            number =
                    power != null
                            ? number.multiply(BigDecimal.TWO.pow(power))
                            : number.scaleByPowerOfTen(POWERS_OF_TEN.getOrDefault(suffix, 0));
        } else if (parts.group(3) != null) {
            number = number.scaleByPowerOfTen(Integer.parseInt(parts.group(3)));
        }
        BigDecimal whole = number.setScale(0, RoundingMode.CEILING);
        return Optional.of(
                whole.min(BigDecimal.valueOf(Long.MAX_VALUE))
                        .max(BigDecimal.valueOf(Long.MIN_VALUE))
                        .longValueExact());
    }

    /** {@return what is wrong with the text, in the API server's words} */
    static Optional<String> wrong(String text) {
        return tryParse(text).isPresent()
                ? Optional.empty()
                : Optional.of(
                        "quantities must match the regular expression"
                                + " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$', for example 10M"
                                + " or 1.5Gi");
    }
}
