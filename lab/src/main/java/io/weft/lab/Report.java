package io.weft.lab;

import java.util.List;
import java.util.Map;

/**
 * What an experiment found.
 *
 * @param experiment its name
 * @param machine what it ran on: kernel, processors, load before and after
 * @param columns headings of the table
 * @param rows cells, as text ready to print
 * @param bars what was asked for, and what was reached
 * @param notes what could not be measured here, and why
 */
public record Report(
        String experiment,
        Map<String, String> machine,
        List<String> columns,
        List<List<String>> rows,
        List<Bar> bars,
        List<String> notes) {
    /**
     * A figure next to the one that was asked for.
     *
     * @param reached whether it is at least as good
     */
    public record Bar(String what, String asked, String measured, boolean reached) {}
}
