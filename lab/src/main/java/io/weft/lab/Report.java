package io.weft.lab;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What an experiment found.
 *
 * @param experiment its name
 * @param machine what it ran on: kernel, processors, load before and after
 * @param tables one for each part, at least one
 * @param bars what was asked for, and what was reached
 * @param notes what could not be measured here, and why
 * @param findings the same in numbers
 */
public record Report(
        String experiment,
        Map<String, String> machine,
        List<Table> tables,
        List<Bar> bars,
        List<String> notes,
        Findings findings) {
    /**
     * @param title empty when it is the only one
     * @param columns headings
     * @param rows cells, as text ready to print
     */
    public record Table(String title, List<String> columns, List<List<String>> rows) {
        public Table {
            columns = List.copyOf(columns);
            rows = List.copyOf(rows);
        }
    }

    /**
     * A figure next to the one that was asked for.
     *
     * @param reached whether it is at least as good
     */
    public record Bar(String what, String asked, String measured, boolean reached) {
        /** {@return whether {@code measured} is at most {@code asked}; three decimals} */
        static Bar atMost(String what, double asked, double measured) {
            return new Bar(
                    what,
                    "<= " + asked,
                    String.format(Locale.ROOT, "%.3f", measured),
                    measured <= asked);
        }
    }

    /** Makes a report of one table. */
    public Report(
            String experiment,
            Map<String, String> machine,
            List<String> columns,
            List<List<String>> rows,
            List<Bar> bars,
            List<String> notes,
            Findings findings) {
        this(experiment, machine, List.of(new Table("", columns, rows)), bars, notes, findings);
    }
}
