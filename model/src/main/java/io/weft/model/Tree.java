package io.weft.model;

import java.util.List;
import java.util.Optional;

/** A parsed document, YAML or JSON, before it means anything. Lines count from 1. */
sealed interface Tree {
    /** Characters of a value that a message repeats. */
    int MAX_SHOWN = 100;

    int line();

    /** {@return nodes in here, counting again what an alias repeats} */
    long size();

    /** {@return the value as an error message quotes it} */
    String quoted();

    /** {@return what it is, in words: a list} */
    String what();

    enum Type {
        STRING,
        INTEGER,
        FLOAT,
        BOOLEAN,
        NULL
    }

    /**
     * @param text as written, after unquoting
     */
    record Scalar(Type type, String text, int line) implements Tree {
        @Override
        public long size() {
            return 1;
        }

        @Override
        public String quoted() {
            return switch (type) {
                case STRING -> "\"" + shown(text) + "\"";
                case INTEGER, FLOAT, BOOLEAN -> shown(text);
                case NULL -> "null";
            };
        }

        @Override
        public String what() {
            return switch (type) {
                case STRING -> "a string";
                case INTEGER, FLOAT -> "a number";
                case BOOLEAN -> "a boolean";
                case NULL -> "nothing";
            };
        }
    }

    /**
     * @param entries in written order, each key once
     */
    record Mapping(List<Entry> entries, int line, long size) implements Tree {
        /** {@return the entry, unless it is missing or null, which mean the same} */
        Optional<Entry> find(String key) {
            for (Entry entry : entries) {
                if (entry.key().equals(key)) {
                    return isNull(entry.value()) ? Optional.empty() : Optional.of(entry);
                }
            }
            return Optional.empty();
        }

        @Override
        public String quoted() {
            return "{…}";
        }

        @Override
        public String what() {
            return "a mapping";
        }
    }

    record Entry(String key, int line, Tree value) {}

    record Sequence(List<Tree> items, int line, long size) implements Tree {
        @Override
        public String quoted() {
            return "[…]";
        }

        @Override
        public String what() {
            return "a list";
        }
    }

    static boolean isNull(Tree tree) {
        return tree instanceof Scalar s && s.type() == Type.NULL;
    }

    /** {@return {@code text} on one line, of bounded length, for messages} */
    static String shown(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), MAX_SHOWN); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                default -> {
                    boolean breaks = Character.isISOControl(c) || c == '\u2028' || c == '\u2029';
                    out.append(breaks ? '?' : c);
                }
            }
        }
        return text.length() > MAX_SHOWN ? out + "…" : out.toString();
    }
}
