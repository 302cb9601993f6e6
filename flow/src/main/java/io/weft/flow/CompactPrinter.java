package io.weft.flow;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** One line for each flow; a column is as wide as its widest text so far, up to a bound. */
final class CompactPrinter implements FlowPrinter {
    private static final int MAX_WIDTH = 40; // longer texts push the rest to the right
    private static final String GREEN = "\u001b[32m";
    private static final String RED = "\u001b[31m";
    private static final String YELLOW = "\u001b[33m";
    private static final String PLAIN = "\u001b[0m";

    private final DateTimeFormatter time;
    private final boolean colour;
    private final int[] widths = new int[3];

    CompactPrinter(ZoneId zone, boolean colour) {
        this.time = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(zone);
        this.colour = colour;
    }

    @Override
    public String print(Flow flow) {
        String line =
                time.format(flow.time())
                        + " "
                        + padded(0, FlowText.end(flow, flow.source()))
                        + " -> "
                        + padded(1, FlowText.end(flow, flow.destination()))
                        + " "
                        + padded(2, FlowText.protocol(flow))
                        + " "
                        + verdict(flow.verdict())
                        + " "
                        + FlowText.summary(flow);
        return line.stripTrailing();
    }

    @Override
    public String lost(long count) {
        return "LOST " + count + (count == 1 ? " flow" : " flows") + ": the reader was too slow";
    }

    private String padded(int column, String text) {
        widths[column] = Math.max(widths[column], Math.min(MAX_WIDTH, text.length()));
        return text + " ".repeat(Math.max(0, widths[column] - text.length()));
    }

    private String verdict(FlowVerdict verdict) {
        String padding =
                " ".repeat(FlowVerdict.FORWARDED.name().length() - verdict.name().length());
        if (!colour) {
            return verdict + padding;
        }
        return switch (verdict) {
            case FORWARDED -> GREEN + verdict + PLAIN + padding;
            case AUDIT -> YELLOW + verdict + PLAIN + padding;
            case DROPPED -> RED + verdict + PLAIN + padding;
        };
    }
}
