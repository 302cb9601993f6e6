package io.weft.advisor;

import java.util.ArrayList;
import java.util.List;

/** Text on a terminal: Chinese characters are two columns wide, and may be parted anywhere. */
final class Layout {
    static final int NARROWEST = 40;

    private Layout() {}

    /** {@return columns of a terminal that {@code text} takes} */
    static int width(String text) {
        return text.codePoints().map(Layout::width).sum();
    }

    private static int width(int c) {
        boolean wide =
                (c >= 0x1100 && c <= 0x115f)
                        || (c >= 0x2e80 && c <= 0xa4cf)
                        || (c >= 0xac00 && c <= 0xd7a3)
                        || (c >= 0xf900 && c <= 0xfaff)
                        || (c >= 0xfe30 && c <= 0xfe6f)
                        || (c >= 0xff00 && c <= 0xff60)
                        || (c >= 0xffe0 && c <= 0xffe6)
                        || (c >= 0x20000 && c <= 0x3fffd);
        return wide ? 2 : 1;
    }

    static String padded(String text, int columns) {
        return text + " ".repeat(Math.max(0, columns - width(text)));
    }

    /**
     * {@return {@code text} in lines of at most {@code columns}, the first after {@code first}, the
     * others after as many blanks}
     */
    static List<String> wrap(String first, String text, int columns) {
        String indent = " ".repeat(Math.min(width(first), columns / 2));
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder(first);
        boolean fresh = true;
        for (String part : parts(text)) {
            boolean blank = part.startsWith(" ");
            String word = part.strip();
            String glue = fresh || !blank ? "" : " ";
            if (!fresh && width(line.toString()) + width(glue + word) > columns) {
                lines.add(line.toString());
                line = new StringBuilder(indent);
                glue = "";
            }
            line.append(glue).append(word);
            fresh = false;
        }
        lines.add(line.toString().stripTrailing());
        return lines;
    }

    /**
     * {@return pieces that stay whole: words with the blank before them, single wide characters}
     */
    private static List<String> parts(String text) {
        List<String> parts = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        for (int c : text.codePoints().toArray()) {
            boolean punctuation = "，。：；、）”？".indexOf(c) >= 0;
            if (c == ' ' || c == '\n') {
                flush(word, parts);
                word.append(' ');
            } else if (width(c) == 2 && !punctuation) {
                if (!word.toString().isBlank()) {
                    flush(word, parts);
                }
                word.appendCodePoint(c);
                flushWide(word, parts);
            } else if (punctuation && word.isEmpty() && !parts.isEmpty()) {
                parts.set(parts.size() - 1, parts.getLast() + Character.toString(c));
            } else {
                word.appendCodePoint(c);
            }
        }
        flush(word, parts);
        return parts;
    }

    private static void flush(StringBuilder word, List<String> parts) {
        if (!word.toString().isBlank()) {
            parts.add(word.toString());
        }
        word.setLength(0);
    }

    private static void flushWide(StringBuilder word, List<String> parts) {
        parts.add(word.toString());
        word.setLength(0);
    }
}
