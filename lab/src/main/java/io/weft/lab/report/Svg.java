package io.weft.lab.report;

import java.util.List;
import java.util.Locale;

/** Charts as inline SVG; colours come from the page's style. */
final class Svg {
    /** One bar with its spread. */
    record Bar(String label, double median, double low, double high, String text, boolean ours) {}

    /** A line through points of positive coordinates. */
    record Line(String label, List<Point> points) {}

    record Point(double x, double median, double low, double high) {}

    private static final int WIDTH = 680;
    private static final int LABELS = 190;
    private static final int ROW = 30;
    private static final int PLOT_HEIGHT = 260;
    private static final int LEFT = 64;
    private static final int BOTTOM = 36;

    private Svg() {}

    /** {@return horizontal bars from zero, each with the line of its spread} */
    static String bars(String title, List<Bar> bars) {
        double most = bars.stream().mapToDouble(Bar::high).max().orElse(1);
        double scale = (WIDTH - LABELS - 110) / (most <= 0 ? 1 : most);
        int height = bars.size() * ROW + 8;
        StringBuilder svg = open(title, height);
        int y = 4;
        for (Bar bar : bars) {
            double width = Math.max(1, bar.median() * scale);
            double middle = y + ROW / 2.0 - 2;
            svg.append(text(LABELS - 10, middle + 4, "end", "label", bar.label()));
            svg.append(
                    String.format(
                            Locale.ROOT,
                            "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"3\"/>",
                            bar.ours() ? "bar ours" : "bar",
                            LABELS,
                            y + 3,
                            width,
                            ROW - 12));
            double low = LABELS + Math.max(0, bar.low()) * scale;
            double high = LABELS + Math.max(0, bar.high()) * scale;
            svg.append(segment(low, middle, high, middle));
            svg.append(segment(low, middle - 4, low, middle + 4));
            svg.append(segment(high, middle - 4, high, middle + 4));
            svg.append(
                    text(
                            Math.max(high, LABELS + width) + 8,
                            middle + 4,
                            "start",
                            "value",
                            bar.text()));
            y += ROW;
        }
        return svg.append("</svg>\n").toString();
    }

    /** {@return lines over two logarithmic axes} */
    static String lines(String title, List<Line> lines) {
        double left = limit(lines, true, true);
        double right = limit(lines, true, false);
        double bottom = limit(lines, false, true);
        double top = limit(lines, false, false);
        Axis x = new Axis(left, right, LEFT, WIDTH - 150);
        Axis y = new Axis(bottom, top, PLOT_HEIGHT - BOTTOM, 12);
        StringBuilder svg = open(title, PLOT_HEIGHT);
        for (double tick = x.first(); tick <= right * 1.001; tick *= 10) {
            svg.append(grid(x.at(tick), 12, x.at(tick), PLOT_HEIGHT - BOTTOM));
            svg.append(
                    text(
                            x.at(tick),
                            PLOT_HEIGHT - BOTTOM + 18,
                            "middle",
                            "tick",
                            Text.number(tick).replaceFirst("\\.0+$", "")));
        }
        for (double tick = y.first(); tick <= top * 1.001; tick *= 10) {
            svg.append(grid(LEFT, y.at(tick), WIDTH - 150, y.at(tick)));
            svg.append(
                    text(
                            LEFT - 8,
                            y.at(tick) + 4,
                            "end",
                            "tick",
                            Text.number(tick).replaceFirst("\\.0+$", "")));
        }
        double lastLabel = Double.NEGATIVE_INFINITY;
        List<Line> byHeight =
                lines.stream()
                        .sorted((a, b) ->
                                Double.compare(
                                        b.points().getLast().median(),
                                        a.points().getLast().median()))
                        .toList();
        for (Line line : byHeight) {
            int style = lines.indexOf(line) % 4;
            StringBuilder path = new StringBuilder();
            for (Point p : line.points()) {
                path.append(
                        String.format(
                                Locale.ROOT,
                                "%s%.1f %.1f",
                                path.isEmpty() ? "M" : " L",
                                x.at(p.x()),
                                y.at(p.median())));
                svg.append(
                        segment(
                                x.at(p.x()),
                                y.at(Math.max(p.low(), bottom)),
                                x.at(p.x()),
                                y.at(p.high())));
                svg.append(
                        String.format(
                                Locale.ROOT,
                                "<circle class=\"dot s%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>",
                                style,
                                x.at(p.x()),
                                y.at(p.median())));
            }
            svg.append(
                    String.format(Locale.ROOT, "<path class=\"line s%d\" d=\"%s\"/>", style, path));
            Point end = line.points().getLast();
            double at = Math.max(y.at(end.median()) + 4, lastLabel + 16);
            lastLabel = at;
            svg.append(text(x.at(end.x()) + 10, at, "start", "label", line.label()));
        }
        return svg.append("</svg>\n").toString();
    }

    /**
     * A logarithmic scale from pixel {@code from} to {@code to}, a twentieth of room at each end.
     */
    private record Axis(double least, double most, double from, double to) {
        double at(double value) {
            double range = Math.log10(most / least);
            double share = range == 0 ? 0.5 : Math.log10(Math.max(value, least) / least) / range;
            return from + (to - from) * (0.04 + 0.92 * share);
        }

        /** {@return the first power of ten that is not below} */
        double first() {
            return Math.pow(10, Math.ceil(Math.log10(least) - 1e-9));
        }
    }

    private static double limit(List<Line> lines, boolean horizontal, boolean least) {
        var values =
                lines.stream()
                        .flatMap(l -> l.points().stream())
                        .mapToDouble(p ->
                                horizontal
                                        ? p.x()
                                        : least ? Math.max(p.low(), p.median() / 3) : p.high());
        return least ? values.min().orElse(1) : values.max().orElse(1);
    }

    private static StringBuilder open(String title, int height) {
        return new StringBuilder(
                String.format(
                        Locale.ROOT,
                        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n",
                        WIDTH,
                        height,
                        HtmlReport.escape(title)));
    }

    private static String segment(double x1, double y1, double x2, double y2) {
        return String.format(
                Locale.ROOT,
                "<line class=\"spread\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
                x1,
                y1,
                x2,
                y2);
    }

    private static String grid(double x1, double y1, double x2, double y2) {
        return String.format(
                Locale.ROOT,
                "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
                x1,
                y1,
                x2,
                y2);
    }

    private static String text(double x, double y, String anchor, String style, String text) {
        return String.format(
                Locale.ROOT,
                "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
                style,
                x,
                y,
                anchor,
                HtmlReport.escape(text));
    }
}
