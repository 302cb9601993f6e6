package io.weft.flow;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A filter, and which of the flows that pass it.
 *
 * @param since nothing older
 * @param first only the oldest so many; excludes {@code last}
 * @param last only the newest so many
 */
public record FlowQuery(
        FlowFilter filter, Optional<Instant> since, OptionalInt first, OptionalInt last) {
    /** Every flow. */
    public static final FlowQuery ALL =
            new FlowQuery(
                    FlowFilter.ALL, Optional.empty(), OptionalInt.empty(), OptionalInt.empty());

    private static final Pattern DURATION_PART =
            Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(ns|us|µs|ms|s|m|h)");

    public FlowQuery {
        if (first.isPresent() && last.isPresent()) {
            throw new FlowFilterException("--first", "cannot go with --last; give one of them");
        }
    }

    /**
     * Reads the flags of {@link FlowFlag}, as {@code --flag value} or {@code --flag=value}. But for
     * {@code --label}, a value may list alternatives: {@code --to-port 80,443}.
     *
     * @param now what {@code --since 5m} counts back from
     * @throws FlowFilterException naming the flag and what would be right
     */
    public static FlowQuery parse(List<String> arguments, Instant now) {
        List<FlowFilter.Term> terms = new ArrayList<>();
        Optional<Instant> since = Optional.empty();
        OptionalInt first = OptionalInt.empty();
        OptionalInt last = OptionalInt.empty();
        boolean not = false;
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            int equals = word.startsWith("--") ? word.indexOf('=') : -1;
            String name = equals < 0 ? word : word.substring(0, equals);
            FlowFlag flag =
                    FlowFlag.find(name)
                            .orElseThrow(() ->
                                    new FlowFilterException(
                                            name, "is no filter of flows; see --help"));
            if (flag == FlowFlag.NOT) {
                if (equals >= 0 || not) {
                    throw new FlowFilterException(
                            name, not ? "stands twice in a row" : "takes no value");
                }
                not = true;
                continue;
            }
            if (equals < 0 && i + 1 == arguments.size()) {
                throw new FlowFilterException(name, "needs a value: " + flag.argument());
            }
            String value = equals < 0 ? arguments.get(++i) : word.substring(equals + 1);
            if (value.isEmpty() || (equals < 0 && FlowFlag.find(value).isPresent())) {
                throw new FlowFilterException(name, "needs a value: " + flag.argument());
            }
            if (not && !isFilter(flag)) {
                throw new FlowFilterException(
                        FlowFlag.NOT.toString(),
                        "needs a filter after it, which " + flag + " is not");
            }
            switch (flag) {
                case SINCE -> since = Optional.of(time(flag, value, now));
                case FIRST -> first = OptionalInt.of(count(flag, value));
                case LAST -> last = OptionalInt.of(count(flag, value));
                default -> addTerms(terms, flag, not, value);
            }
            not = false;
        }
        if (not) {
            throw new FlowFilterException(FlowFlag.NOT.toString(), "needs a filter after it");
        }
        return new FlowQuery(new FlowFilter(terms), since, first, last);
    }

    /** {@return those of {@code flows}, oldest first, that this asks for} */
    public List<Flow> select(List<Flow> flows) {
        List<Flow> matching =
                flows.stream()
                        .filter(flow -> since.isEmpty() || !flow.time().isBefore(since.get()))
                        .filter(filter::matches)
                        .toList();
        int size = matching.size();
        int from = Math.max(0, size - last.orElse(size));
        return matching.subList(from, Math.min(size, from + first.orElse(size)));
    }

    private static boolean isFilter(FlowFlag flag) {
        return flag != FlowFlag.SINCE && flag != FlowFlag.FIRST && flag != FlowFlag.LAST;
    }

    private static void addTerms(
            List<FlowFilter.Term> terms, FlowFlag flag, boolean not, String value) {
        boolean selector =
                flag == FlowFlag.LABEL
                        || flag == FlowFlag.FROM_LABEL
                        || flag == FlowFlag.TO_LABEL; // its commas are its own
        for (String one : selector ? new String[] {value} : value.split(",", -1)) {
            if (one.isBlank()) {
                throw new FlowFilterException(
                        flag.toString(), "'" + value + "' has an empty alternative");
            }
            terms.add(new FlowFilter.Term(flag, not, one, FlowTests.of(flag, one.strip())));
        }
    }

    private static int count(FlowFlag flag, String value) {
        if (!value.matches("[1-9][0-9]{0,8}")) {
            throw new FlowFilterException(
                    flag.toString(), "'" + value + "' is not a number from 1 to 999999999");
        }
        return Integer.parseInt(value);
    }

    /**
     * {@return the moment that the value of {@code --since} means}
     *
     * @throws FlowFilterException when it is neither a duration nor a time
     */
    public static Instant since(String value, Instant now) {
        return time(FlowFlag.SINCE, value, now);
    }

    private static Instant time(FlowFlag flag, String value, Instant now) {
        Duration back = Duration.ZERO;
        Matcher part = DURATION_PART.matcher(value);
        int at = 0;
        while (at < value.length() && part.find(at) && part.start() == at) {
            back = back.plus(duration(part.group(1), part.group(2)));
            at = part.end();
        }
        try {
            return at == value.length() ? now.minus(back) : OffsetDateTime.parse(value).toInstant();
        } catch (DateTimeException e) {
            throw new FlowFilterException(
                    flag.toString(),
                    "'"
                            + value
                            + "' is neither a duration such as 5m or 1h30m, nor an RFC 3339 time"
                            + " such as 2026-01-31T12:00:00Z");
        }
    }

    private static Duration duration(String number, String unit) {
        long nanos =
                switch (unit) {
                    case "ns" -> 1L;
                    case "us", "µs" -> 1_000L;
                    case "ms" -> 1_000_000L;
                    case "s" -> 1_000_000_000L;
                    case "m" -> 60_000_000_000L;
                    default -> 3_600_000_000_000L;
                };
        BigDecimal seconds =
                new BigDecimal(number).multiply(BigDecimal.valueOf(nanos)).movePointLeft(9);
        return Duration.ofSeconds(
                seconds.longValue(),
                seconds.remainder(BigDecimal.ONE).movePointRight(9).longValue());
    }
}
