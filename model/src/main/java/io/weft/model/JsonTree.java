package io.weft.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** JSON to trees, one value at a time, so that a large file is never held as a whole. */
final class JsonTree {
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(YamlTree.MAX_DEPTH)
                                    .build())
                    .build();

    private final String file;
    private final JsonParser parser;
    private final Report report;
    private final int firstLine;

    JsonTree(String file, JsonParser parser, Report report) {
        this(file, 1, parser, report);
    }

    /** Of a text that is part of a file. */
    private JsonTree(String file, int firstLine, JsonParser parser, Report report) {
        this.file = file;
        this.firstLine = firstLine;
        this.parser = parser;
        this.report = report;
    }

    /**
     * {@return what a text in a file holds, which begins there; empty: it is not one JSON value}
     */
    static Optional<Tree> read(String file, int firstLine, String text, Report report) {
        try (JsonParser parser = JSON.createParser(text)) {
            if (parser.nextToken() == null) {
                return Optional.empty();
            }
            Tree value = new JsonTree(file, firstLine, parser, report).value();
            return parser.nextToken() == null ? Optional.of(value) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** {@return the line of the current token} */
    int line() {
        return firstLine - 1 + parser.currentTokenLocation().getLineNr();
    }

    /**
     * {@return the value whose first token is the current one; its last token is current then}
     *
     * @throws IOException also when the text is not JSON; the parser bounds the depth
     */
    Tree value() throws IOException {
        int line = line();
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> mapping(line);
            case START_ARRAY -> {
                List<Tree> items = new ArrayList<>();
                long size = 1;
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    Tree item = value();
                    size += item.size();
                    items.add(item);
                }
                yield new Tree.Sequence(items, line, size);
            }
            case VALUE_STRING -> new Tree.Scalar(Tree.Type.STRING, parser.getText(), line);
            case VALUE_NUMBER_INT -> new Tree.Scalar(Tree.Type.INTEGER, parser.getText(), line);
            case VALUE_NUMBER_FLOAT -> new Tree.Scalar(Tree.Type.FLOAT, parser.getText(), line);
            case VALUE_TRUE, VALUE_FALSE ->
                    new Tree.Scalar(Tree.Type.BOOLEAN, parser.getText(), line);
            case VALUE_NULL, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
                    new Tree.Scalar(Tree.Type.NULL, "", line);
            case END_OBJECT, END_ARRAY, FIELD_NAME ->
                    throw new IllegalStateException("not at a value: " + token);
        };
    }

    private Tree.Mapping mapping(int line) throws IOException {
        List<Tree.Entry> entries = new ArrayList<>(4);
        Set<String> many = new HashSet<>(0);
        long size = 1;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            int keyLine = line();
            parser.nextToken();
            Tree value = value();
            size += value.size();
            if (isSet(entries, many, key)) {
                report.add(
                        new Source(file, keyLine),
                        "key \"" + Tree.shown(key) + "\" is already set");
            } else {
                entries.add(new Tree.Entry(key, keyLine, value));
            }
        }
        return new Tree.Mapping(entries, line, size);
    }

    /** Small mappings are scanned; from 16 keys on, {@code many} holds them. */
    private static boolean isSet(List<Tree.Entry> entries, Set<String> many, String key) {
        if (entries.size() < 16) {
            for (Tree.Entry entry : entries) {
                if (entry.key().equals(key)) {
                    return true;
                }
            }
            return false;
        }
        if (many.isEmpty()) {
            entries.forEach(e -> many.add(e.key()));
        }
        return !many.add(key);
    }
}
