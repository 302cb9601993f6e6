package io.weft.model;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * One mapping of a file that is no Kubernetes object, read field by field with the words and places
 * of manifests. A getter that meets a wrong value reports it and answers as if it were missing;
 * {@link #check} throws all that was reported.
 *
 * <pre>
 *   SettingsReader need = SettingsReader.read(Path.of("need.yaml"), "need");
 *   need.only(List.of("team", "instances"));
 *   OptionalInt instances = need.integer("instances", 1, 1_000_000);
 *   need.check();
 * </pre>
 */
public final class SettingsReader {
    /** The largest file, in bytes. */
    public static final int MAX_FILE_BYTES = 1 << 20;

    private final Report report;
    private final Field field;

    private SettingsReader(Report report, Field field) {
        this.report = report;
        this.field = field;
    }

    /**
     * Reads a file of one document.
     *
     * @param what it holds, for messages: {@code need}
     * @throws ManifestException when it cannot be read, is no YAML, or no mapping
     */
    public static SettingsReader read(Path file, String what) {
        Report report = new Report();
        Source source = new Source(file.toString(), 0);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                report.add(source, "exceeds " + (MAX_FILE_BYTES >> 20) + " MiB");
            }
            Optional<String> text = ManifestReader.text(file.toString(), bytes, report);
            report.check();
            return parse(file.toString(), text.orElse(""), what);
        } catch (NoSuchFileException e) {
            report.add(source, "no such file or directory");
        } catch (IOException e) {
            report.add(source, "cannot read: " + e.getMessage());
        }
        report.check();
        throw new IllegalStateException(file.toString());
    }

    /**
     * Parses a text of one document; an empty one is an empty mapping.
     *
     * @param file its name in messages
     * @throws ManifestException when it is no YAML, or no mapping
     */
    public static SettingsReader parse(String file, String text, String what) {
        Report report = new Report();
        List<Tree> documents = YamlTree.parse(file, text, report);
        if (documents.size() > 1) {
            report.add(
                    new Source(file, documents.get(1).line()), "must hold one document, not more");
        }
        report.check();
        Tree tree = documents.isEmpty() ? new Tree.Mapping(List.of(), 1, 1) : documents.getFirst();
        Field root = Field.root(new Field.Owner(report, file, what), "", tree);
        root.isObject();
        report.check();
        return new SettingsReader(report, root);
    }

    /** {@return the mapping; an empty one when it is missing} */
    public SettingsReader object(String key) {
        return new SettingsReader(report, field.object(key));
    }

    /** {@return the mappings of a list} */
    public List<SettingsReader> objects(String key) {
        return field.objects(key).stream().map(f -> new SettingsReader(report, f)).toList();
    }

    public boolean has(String key) {
        return field.has(key);
    }

    /** {@return whether the field is a mapping} */
    public boolean isObject(String key) {
        return field.child(key).filter(f -> f.tree() instanceof Tree.Mapping).isPresent();
    }

    /** {@return the keys of this mapping, in written order} */
    public List<String> keys() {
        return field.entries().stream().map(Tree.Entry::key).toList();
    }

    public Optional<String> text(String key) {
        return field.filled(key);
    }

    /** {@return a string or a number as it was written: {@code 20us}, {@code 20}} */
    public Optional<String> scalar(String key) {
        Optional<Field> child = field.child(key);
        if (child.isPresent() && child.get().isNumber()) {
            return Optional.of(((Tree.Scalar) child.get().tree()).text());
        }
        return child.flatMap(Field::text);
    }

    public List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        field.items(key).forEach(item -> item.text().ifPresent(texts::add));
        return texts;
    }

    public Optional<String> oneOf(String key, List<String> supported) {
        return field.oneOf(key, supported);
    }

    public Optional<Boolean> flag(String key) {
        return field.has(key) ? Optional.of(field.flag(key)) : Optional.empty();
    }

    /** {@return a number from {@code least} to {@code most}, both allowed} */
    public OptionalDouble number(String key, double least, double most) {
        Optional<Field> child = field.child(key);
        if (child.isEmpty()) {
            return OptionalDouble.empty();
        }
        try {
            if (child.get().isNumber()) {
                double number =
                        Double.parseDouble(
                                ((Tree.Scalar) child.get().tree()).text().replace("_", ""));
                if (number >= least && number <= most) {
                    return OptionalDouble.of(number);
                }
            }
        } catch (NumberFormatException e) {
            // such as 0x10: reported below
        }
        child.get().invalid("must be a number from " + plain(least) + " to " + plain(most));
        return OptionalDouble.empty();
    }

    private static String plain(double number) {
        return java.math.BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
    }

    /** {@return a whole number from {@code least} to {@code most}, both allowed} */
    public OptionalInt integer(String key, int least, int most) {
        OptionalInt number = field.integer(key);
        if (number.isPresent() && (number.getAsInt() < least || number.getAsInt() > most)) {
            invalid(key, "must be from " + least + " to " + most);
            return OptionalInt.empty();
        }
        return number;
    }

    /** Reports a missing field. */
    public void required(String key, String detail) {
        if (!field.has(key)) {
            field.missing(key, detail);
        }
    }

    /** Reports fields that are none of {@code known}, with the one that was probably meant. */
    public void only(Collection<String> known) {
        field.only(known);
    }

    /** Reports a field's value. */
    public void invalid(String key, String detail) {
        field.child(key).ifPresent(f -> f.invalid(detail));
    }

    /**
     * @throws ManifestException with every problem of the file
     */
    public void check() {
        report.check();
    }
}
