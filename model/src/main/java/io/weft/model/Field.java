package io.weft.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One node of an object with its path, and the words for what is wrong with it. A getter that meets
 * the wrong type reports it and answers as if the field were missing.
 */
final class Field {
    /**
     * The object that fields belong to.
     *
     * @param name {@code NetworkPolicy shop/web}
     */
    record Owner(Report report, String file, String name) {}

    private static final Pattern DECIMAL = Pattern.compile("-?(0|[1-9][0-9]{0,9})");

    private final Owner owner;
    private final String path;
    private final int line;
    private final Tree tree;

    private Field(Owner owner, String path, int line, Tree tree) {
        this.owner = owner;
        this.path = path;
        this.line = line;
        this.tree = tree;
    }

    /** {@return the object itself, whose path is {@code path}, mostly empty} */
    static Field root(Owner owner, String path, Tree tree) {
        return new Field(owner, path, tree.line(), tree);
    }

    Source source() {
        return new Source(owner.file(), line);
    }

    Tree tree() {
        return tree;
    }

    // ---- children

    private Optional<Tree.Entry> entry(String key) {
        return tree instanceof Tree.Mapping m ? m.find(key) : Optional.empty();
    }

    private String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    boolean has(String key) {
        return entry(key).isPresent();
    }

    /** {@return the field, unless it is missing or null} */
    Optional<Field> child(String key) {
        return entry(key).map(e -> new Field(owner, pathOf(key), e.line(), e.value()));
    }

    /** {@return the mapping; an empty one when it is missing or something else} */
    Field object(String key) {
        return child(key)
                .filter(Field::isObject)
                .orElseGet(() ->
                        new Field(owner, pathOf(key), line, new Tree.Mapping(List.of(), line, 1)));
    }

    /** {@return whether it is a mapping; reports it when not} */
    boolean isObject() {
        if (!(tree instanceof Tree.Mapping)) {
            invalid("must be a mapping of fields, not " + tree.what());
            return false;
        }
        return true;
    }

    /** {@return the items of a list; none when it is missing} */
    List<Field> items(String key) {
        Optional<Field> list = child(key);
        if (list.isEmpty()) {
            return List.of();
        }
        if (!(list.get().tree instanceof Tree.Sequence sequence)) {
            list.get().invalid("must be a list (\"- …\" or [ ]), not " + list.get().tree.what());
            return List.of();
        }
        List<Field> items = new ArrayList<>(sequence.items().size());
        for (int i = 0; i < sequence.items().size(); i++) {
            Tree item = sequence.items().get(i);
            Field field = new Field(owner, list.get().path + "[" + i + "]", item.line(), item);
            if (Tree.isNull(item)) {
                field.required("the list item is empty; remove the \"-\" or fill it in");
            } else {
                items.add(field);
            }
        }
        return items;
    }

    /** {@return the items that are mappings; reports the others} */
    List<Field> objects(String key) {
        return items(key).stream().filter(Field::isObject).toList();
    }

    /**
     * {@return every field of this mapping by its key, as {@code path} and line of this mapping}
     */
    List<Tree.Entry> entries() {
        return tree instanceof Tree.Mapping m ? m.entries() : List.of();
    }

    /** {@return a field that stands for the value of an entry, under this mapping's own path} */
    Field at(Tree.Entry entry) {
        return new Field(owner, path, entry.line(), entry.value());
    }

    /** {@return a field that stands for the key of an entry, under this mapping's own path} */
    Field key(Tree.Entry entry) {
        return new Field(
                owner,
                path,
                entry.line(),
                new Tree.Scalar(Tree.Type.STRING, entry.key(), entry.line()));
    }

    /** {@return the items of this list that are mappings; reports the others} */
    List<Field> elements() {
        List<Field> elements = new ArrayList<>();
        if (tree instanceof Tree.Sequence sequence) {
            for (Tree item : sequence.items()) {
                String at = path + "[" + elements.size() + "]";
                elements.add(new Field(owner, at, item.line(), item));
            }
        }
        return elements.stream().filter(Field::isObject).toList();
    }

    /** {@return what the JSON in this string holds; reports what is none} */
    Optional<Field> json() {
        Optional<String> text = text();
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Optional<Tree> read = JsonTree.read(owner.file(), line, text.get(), owner.report());
        if (read.isEmpty()) {
            invalid("must be one JSON value");
        }
        return read.map(value -> new Field(owner, path, line, value));
    }

    // ---- scalars

    /** {@return a string that was written as one} */
    Optional<String> text() {
        if (tree instanceof Tree.Scalar s && s.type() == Tree.Type.STRING) {
            return Optional.of(s.text());
        }
        invalid(
                tree instanceof Tree.Scalar s
                        ? "must be a string; quote it: \"" + Tree.shown(s.text()) + "\""
                        : "must be a string, not " + tree.what());
        return Optional.empty();
    }

    /** {@return the string, reported when {@code syntax} finds something wrong with it} */
    Optional<String> text(Function<String, Optional<String>> syntax) {
        Optional<String> text = text();
        text.ifPresent(t -> ok(syntax.apply(t)));
        return text;
    }

    /** {@return the string; empty, and reported, when it is missing} */
    String requiredText(String key, String detail, Function<String, Optional<String>> syntax) {
        Optional<Field> child = child(key);
        if (child.isEmpty()) {
            missing(key, detail);
            return "";
        }
        Optional<String> text = child.get().text();
        if (text.isPresent() && text.get().isEmpty()) {
            child.get().required(detail);
        } else {
            text.ifPresent(t -> child.get().ok(syntax.apply(t)));
        }
        return text.orElse("");
    }

    /** {@return the string; nothing, as the API server has it, when it is missing or empty} */
    Optional<String> filled(String key) {
        return child(key).flatMap(Field::text).filter(text -> !text.isEmpty());
    }

    /** {@return the string, one of {@code supported}; nothing when it is missing or empty} */
    Optional<String> oneOf(String key, List<String> supported) {
        Optional<String> text = filled(key);
        if (text.isPresent() && !supported.contains(text.get())) {
            child(key).ifPresent(f -> f.unsupported(supported));
            return Optional.empty();
        }
        return text;
    }

    boolean isNumber() {
        return tree instanceof Tree.Scalar s
                && (s.type() == Tree.Type.INTEGER || s.type() == Tree.Type.FLOAT);
    }

    /** {@return a decimal number that fits an int} */
    OptionalInt integer() {
        if (tree instanceof Tree.Scalar s && s.type() == Tree.Type.INTEGER) {
            if (DECIMAL.matcher(s.text()).matches()) {
                long number = Long.parseLong(s.text());
                if (number == (int) number) {
                    return OptionalInt.of((int) number);
                }
            }
            invalid("must be a decimal integer of 32 bits");
            return OptionalInt.empty();
        }
        invalid("must be an integer, not " + tree.what());
        return OptionalInt.empty();
    }

    OptionalInt integer(String key) {
        Optional<Field> child = child(key);
        return child.isEmpty() ? OptionalInt.empty() : child.get().integer();
    }

    /** {@return a port number, 1–65535} */
    OptionalInt port() {
        OptionalInt number = integer();
        if (number.isPresent() && !ok(Names.portNumber(number.getAsInt()))) {
            return OptionalInt.empty();
        }
        return number;
    }

    /** {@return the boolean; false when missing} */
    boolean flag(String key) {
        return flag(key, false);
    }

    /** {@return the boolean; {@code unset} when missing} */
    boolean flag(String key, boolean unset) {
        Optional<Field> child = child(key);
        if (child.isEmpty()) {
            return unset;
        }
        if (child.get().tree instanceof Tree.Scalar s && s.type() == Tree.Type.BOOLEAN) {
            return switch (s.text().charAt(0)) {
                case 't', 'T', 'y', 'Y' -> true;
                default -> s.text().equalsIgnoreCase("on");
            };
        }
        child.get().invalid("must be true or false, not " + child.get().tree.what());
        return false;
    }

    /** {@return TCP, UDP or SCTP; TCP when missing} */
    Protocol protocol(String key) {
        Optional<Field> child = child(key);
        Optional<String> text = child.flatMap(Field::text);
        if (text.isEmpty()) {
            return Protocol.TCP;
        }
        Optional<Protocol> protocol = Protocol.tryParse(text.get());
        if (protocol.isEmpty()) {
            child.get().unsupported(List.of("TCP", "UDP", "SCTP"));
        }
        return protocol.orElse(Protocol.TCP);
    }

    /** {@return a block of addresses; reported when missing, warned of when host bits are set} */
    Optional<Prefix> requiredCidr(String key) {
        String detail = "for example 10.9.8.0/24 or 2001:db8::/64";
        Optional<Field> child = child(key);
        if (child.isEmpty()) {
            missing(key, detail);
            return Optional.empty();
        }
        if (child.get().tree instanceof Tree.Scalar s
                && s.type() == Tree.Type.STRING
                && s.text().isEmpty()) {
            child.get().required(detail);
            return Optional.empty();
        }
        return child.get().cidr();
    }

    /** {@return a block of addresses; warned of when host bits are set} */
    Optional<Prefix> cidr() {
        return cidr(text());
    }

    /** {@return the same, with blanks around it} */
    Optional<Prefix> paddedCidr() {
        return cidr(text().map(String::strip));
    }

    private Optional<Prefix> cidr(Optional<String> text) {
        Optional<Prefix> prefix = text.flatMap(Prefix::tryParse);
        if (text.isPresent() && prefix.isEmpty()) {
            invalid("must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
        }
        prefix.ifPresent(p -> {
            Optional<Ip> address = Ip.tryParse(text.get().substring(0, text.get().indexOf('/')));
            if (!address.equals(Optional.of(p.ip()))) {
                warn(
                        "CIDR value "
                                + tree.quoted()
                                + " has bits set beyond its length; it is read as "
                                + p);
            }
        });
        return prefix;
    }

    // ---- problems, in the words of apimachinery's field.Error

    /** Reports fields that are none of {@code known}. */
    void only(Collection<String> known) {
        for (Tree.Entry entry : entries()) {
            if (!known.contains(entry.key())) {
                String field = pathOf(Tree.shown(entry.key()));
                Optional<String> nearest = Spelling.nearest(entry.key(), known);
                String hint =
                        nearest.isPresent()
                                ? "; did you mean \"" + nearest.get() + "\"?"
                                : known.size() <= 8
                                        ? "; fields here are "
                                                + list(known.stream().sorted().toList())
                                        : "";
                report(entry.line(), field, "unknown field \"" + field + "\"" + hint);
            }
        }
    }

    /**
     * {@return the paths of fields that are none of {@code known}, each warned of}
     *
     * @param consequence what is done about it
     */
    List<String> unknown(Collection<String> known, String consequence) {
        List<String> unknown = new ArrayList<>();
        for (Tree.Entry entry : entries()) {
            if (!known.contains(entry.key()) && !Tree.isNull(entry.value())) {
                String field = pathOf(Tree.shown(entry.key()));
                Source at = new Source(owner.file(), entry.line());
                String reason = "unknown field \"" + field + "\"; " + consequence;
                owner.report().warn(new Problem(at, owner.name(), field, reason));
                unknown.add(field);
            }
        }
        return unknown;
    }

    /** Adds what the user should know, and what is no error. */
    void warn(String reason) {
        owner.report().warn(new Problem(source(), owner.name(), path, reason));
    }

    void problem(String reason) {
        report(line, path, reason);
    }

    void required(String detail) {
        report(line, path, "Required value" + (detail.isEmpty() ? "" : ": " + detail));
    }

    /** Reports a missing child at the line of this field. */
    void missing(String key, String detail) {
        report(line, pathOf(key), "Required value" + (detail.isEmpty() ? "" : ": " + detail));
    }

    void invalid(String detail) {
        report(line, path, "Invalid value: " + tree.quoted() + ": " + detail);
    }

    void unsupported(Collection<String> supported) {
        report(
                line,
                path,
                "Unsupported value: " + tree.quoted() + ": supported values: " + list(supported));
    }

    void forbidden(String detail) {
        report(line, path, "Forbidden: " + detail);
    }

    void duplicate(String detail) {
        report(
                line,
                path,
                "Duplicate value: " + tree.quoted() + (detail.isEmpty() ? "" : ": " + detail));
    }

    /** Reports a list or mapping with more than {@code most} items. */
    void tooMany(int actual, int most) {
        report(line, path, "Too many: " + actual + ": must have at most " + most + " items");
    }

    /** Reports a string of more than {@code most} characters. */
    void tooLong(int most) {
        report(line, path, "Too long: may not be more than " + most + " bytes");
    }

    void notFound(String detail) {
        report(line, path, "Not found: " + tree.quoted() + (detail.isEmpty() ? "" : ": " + detail));
    }

    /** {@return whether nothing is {@code wrong}; reports it otherwise} */
    boolean ok(Optional<String> wrong) {
        wrong.ifPresent(this::invalid);
        return wrong.isEmpty();
    }

    private void report(int at, String field, String reason) {
        owner.report().add(new Problem(new Source(owner.file(), at), owner.name(), field, reason));
    }

    static String list(Collection<String> words) {
        return words.stream().map(w -> "\"" + w + "\"").collect(Collectors.joining(", "));
    }
}
