package io.weft.model;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * YAML text to trees, with the types that kubectl's YAML gives plain scalars: {@code yes}, {@code
 * on} and {@code y} are booleans too. Built from parser events on a stack of its own, so that
 * depth, aliases and cycles are bounded here.
 */
final class YamlTree {
    static final int MAX_DEPTH = 100;

    private static final Pattern INTEGER =
            Pattern.compile("[-+]?([0-9][0-9_]*+|0x[0-9a-fA-F_]++|0o[0-7_]++|0b[01_]++)");
    private static final Pattern FLOAT =
            Pattern.compile(
                    "[-+]?(\\.[0-9]++|[0-9][0-9_]*+(\\.[0-9]*+)?)([eE][-+]?[0-9]++)?"
                            + "|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");
    private static final Set<String> BOOLEANS =
            Set.of(
                    "true", "True", "TRUE", "false", "False", "FALSE", "yes", "Yes", "YES", "no",
                    "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "y", "Y", "n", "N");
    private static final String TAG = "tag:yaml.org,2002:";

    private final String file;
    private final Report report;
    private final long maxSize;
    private final List<Tree> documents = new ArrayList<>();
    private final Deque<Frame> stack = new ArrayDeque<>();
    private final Map<Anchor, Tree> anchors = new HashMap<>();

    private YamlTree(String file, long maxSize, Report report) {
        this.file = file;
        this.maxSize = maxSize;
        this.report = report;
    }

    /** {@return the documents that are not empty; those before the place where YAML is broken} */
    static List<Tree> parse(String file, String text, Report report) {
        // No document without aliases has more nodes than this: "[," and "?" make the most of a
        // char.
        YamlTree tree = new YamlTree(file, 100_000 + 4L * text.length(), report);
        LoadSettings settings =
                LoadSettings.builder().setLabel(file).setCodePointLimit(Integer.MAX_VALUE).build();
        try {
            Iterator<Event> events = new Parse(settings).parseString(text).iterator();
            while (events.hasNext() && tree.accept(events.next())) {}
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(Mark::getLine).orElse(-1) + 1;
            String context = e.getContext() == null ? "" : e.getContext() + ": ";
            report.add(new Source(file, line), "not YAML: " + oneLine(context + e.getProblem()));
        } catch (YamlEngineException e) {
            String message = String.valueOf(e.getMessage());
            report.add(new Source(file, 0), "not YAML: " + oneLine(message));
        }
        return tree.documents;
    }

    static String oneLine(String message) {
        return message.replaceAll("[\\p{Cntrl}\\u2028\\u2029\\u0085 ]+", " ").strip();
    }

    /** A collection under construction. */
    private static final class Frame {
        private final boolean mapping;
        private final int line;
        private final Optional<Anchor> anchor;
        private final List<Tree> items = new ArrayList<>();
        private final List<Tree.Entry> entries = new ArrayList<>();
        private final Map<String, Integer> lines = new HashMap<>();
        private final List<Tree> merged = new ArrayList<>();
        private Optional<Key> key = Optional.empty();
        private long size = 1;

        Frame(boolean mapping, int line, Optional<Anchor> anchor) {
            this.mapping = mapping;
            this.line = line;
            this.anchor = anchor;
        }
    }

    /**
     * @param usable false for keys that were reported, whose value is dropped
     */
    private record Key(String text, int line, boolean usable, boolean merge) {}

    /** {@return whether to go on} */
    private boolean accept(Event event) {
        int line = event.getStartMark().map(Mark::getLine).orElse(-1) + 1;
        return switch (event.getEventId()) {
            case DocumentStart -> {
                anchors.clear();
                yield true;
            }
            case Scalar -> {
                ScalarEvent scalar = (ScalarEvent) event;
                boolean merge = scalar.isPlain() && scalar.getValue().equals("<<");
                yield add(scalar(scalar, line), line, scalar.getAnchor(), merge);
            }
            case SequenceStart, MappingStart -> open((CollectionStartEvent) event, line);
            case SequenceEnd, MappingEnd -> {
                Frame frame = stack.removeLast();
                Tree tree = close(frame);
                yield add(tree, frame.line, frame.anchor, false);
            }
            case Alias -> alias((AliasEvent) event, line);
            case StreamStart, StreamEnd, DocumentEnd, Comment -> true;
        };
    }

    private boolean open(CollectionStartEvent event, int line) {
        if (stack.size() == MAX_DEPTH) {
            report.add(new Source(file, line), "nested deeper than " + MAX_DEPTH + " levels");
            return false;
        }
        boolean mapping = event instanceof MappingStartEvent;
        event.getTag()
                .filter(t -> !t.equals("!") && !t.equals(TAG + (mapping ? "map" : "seq")))
                .ifPresent(t -> unknownTag(t, line));
        stack.addLast(new Frame(mapping, line, ((NodeEvent) event).getAnchor()));
        return true;
    }

    private boolean alias(AliasEvent event, int line) {
        Tree target = anchors.get(event.getAlias());
        if (target == null) {
            report.add(
                    new Source(file, line),
                    "alias *"
                            + Tree.shown(event.getAlias().getValue())
                            + " has no anchor above it");
            target = new Tree.Scalar(Tree.Type.NULL, "", line);
        }
        return add(target, line, Optional.empty(), false);
    }

    private boolean add(Tree tree, int line, Optional<Anchor> anchor, boolean merge) {
        anchor.ifPresent(a -> anchors.put(a, tree));
        if (stack.isEmpty()) {
            if (!Tree.isNull(tree)) {
                documents.add(tree);
            }
            return true;
        }
        Frame frame = stack.getLast();
        frame.size += tree.size();
        if (frame.size > maxSize) {
            report.add(
                    new Source(file, line),
                    "aliases repeat more than " + maxSize + " nodes; write them out");
            return false;
        }
        if (!frame.mapping) {
            frame.items.add(tree);
        } else if (frame.key.isEmpty()) {
            frame.key = Optional.of(key(frame, tree, line, merge));
        } else {
            Key key = frame.key.get();
            frame.key = Optional.empty();
            if (key.merge()) {
                merge(frame, tree, line);
            } else if (key.usable()) {
                frame.entries.add(new Tree.Entry(key.text(), key.line(), tree));
            }
        }
        return true;
    }

    private Key key(Frame frame, Tree tree, int line, boolean merge) {
        if (!(tree instanceof Tree.Scalar scalar)) {
            report.add(new Source(file, line), "a key must be a string, not " + tree.what());
            return new Key("", line, false, false);
        }
        if (merge) {
            return new Key("", line, false, true);
        }
        Integer first = frame.lines.putIfAbsent(scalar.text(), line);
        if (first != null) {
            report.add(
                    new Source(file, line),
                    "key \"" + Tree.shown(scalar.text()) + "\" is already set at line " + first);
        }
        return new Key(scalar.text(), line, first == null, false);
    }

    /** {@code <<: *defaults}: the mapping's own keys win, then the earlier merged ones. */
    private void merge(Frame frame, Tree tree, int line) {
        List<Tree> sources = tree instanceof Tree.Sequence s ? s.items() : List.of(tree);
        for (Tree source : sources) {
            if (source instanceof Tree.Mapping) {
                frame.merged.add(source);
            } else {
                report.add(new Source(file, line), "<< merges mappings, not " + source.what());
            }
        }
    }

    private static Tree close(Frame frame) {
        if (!frame.mapping) {
            return new Tree.Sequence(List.copyOf(frame.items), frame.line, frame.size);
        }
        for (Tree source : frame.merged) {
            for (Tree.Entry entry : ((Tree.Mapping) source).entries()) {
                if (frame.lines.putIfAbsent(entry.key(), entry.line()) == null) {
                    frame.entries.add(entry);
                }
            }
        }
        return new Tree.Mapping(List.copyOf(frame.entries), frame.line, frame.size);
    }

    private Tree.Scalar scalar(ScalarEvent event, int line) {
        String text = event.getValue();
        String tag = event.getTag().orElse(event.isPlain() ? "" : "!");
        Tree.Type type =
                switch (tag) {
                    case "!", TAG + "str" -> Tree.Type.STRING;
                    case "", TAG + "int", TAG + "bool", TAG + "float", TAG + "null" ->
                            resolve(text);
                    default -> {
                        unknownTag(tag, line);
                        yield Tree.Type.STRING;
                    }
                };
        return new Tree.Scalar(type, text, line);
    }

    private static Tree.Type resolve(String text) {
        if (text.isEmpty() || text.equals("~") || text.equalsIgnoreCase("null")) {
            return Tree.Type.NULL;
        }
        if (BOOLEANS.contains(text)) {
            return Tree.Type.BOOLEAN;
        }
        char first = text.charAt(0);
        if ((first < '0' || first > '9') && first != '.' && first != '-' && first != '+') {
            return Tree.Type.STRING;
        }
        if (INTEGER.matcher(text).matches()) {
            return Tree.Type.INTEGER;
        }
        return FLOAT.matcher(text).matches() ? Tree.Type.FLOAT : Tree.Type.STRING;
    }

    private void unknownTag(String tag, int line) {
        report.add(
                new Source(file, line),
                "tag " + Tree.shown(tag) + " means nothing here; remove it");
    }
}
