package io.weft.model;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Reads manifests, YAML or JSON, and answers wrong ones as the Kubernetes API server would: with
 * the path of the field, in its words, and with file and line. All problems are reported at once.
 *
 * <pre>
 *   List&lt;Resource&gt; resources = new ManifestReader().readAll(List.of(Path.of("examples/shop")));
 *   Snapshot wanted = Snapshot.of(resources);
 * </pre>
 *
 * <p>{@code parse}, {@code parseTexts} and {@code parseAll} answer with warnings too.
 *
 * <p>A file may hold several documents and {@code v1 List} objects. Unknown fields, unknown kinds,
 * keys set twice and objects declared twice are errors. A mode is a reader of its own:
 *
 * <ul>
 *   <li>{@code new ManifestReader()} accepts only pods that Weft can run: each container has a
 *       command, there are no init containers, a readiness probe is a tcpSocket.
 *   <li>{@link #offline()} looks only at what verdicts need; pods have no {@link Pod#containers}.
 *   <li>{@link #strictReferences()} also wants every namespace and pod that is named.
 * </ul>
 */
public final class ManifestReader {
    /** The largest file, in bytes. */
    public static final int MAX_FILE_BYTES = 64 << 20;

    /** The most that one call reads, in bytes. */
    public static final int MAX_TOTAL_BYTES = 256 << 20;

    private static final int MAX_FILES = 100_000;

    private final boolean running;
    private final boolean strict;

    public ManifestReader() {
        this(true, false);
    }

    private ManifestReader(boolean running, boolean strict) {
        this.running = running;
        this.strict = strict;
    }

    /** {@return a reader that takes any pod of Kubernetes, for verdicts only} */
    public ManifestReader offline() {
        return new ManifestReader(false, strict);
    }

    /**
     * {@return a reader that refuses a namespace that none of the manifests declares, and an
     * expectation about a pod that none of them declares; {@code default} always exists}
     */
    public ManifestReader strictReferences() {
        return new ManifestReader(running, true);
    }

    /**
     * Reads the text of one file.
     *
     * @param file its name in messages
     * @throws ManifestException with every problem found
     */
    public List<Resource> read(String file, String text) {
        return parse(file, text).resources();
    }

    /** {@return the same, with warnings} */
    public Manifests parse(String file, String text) {
        Report report = new Report();
        ObjectReader objects = new ObjectReader(report, running);
        read(file, text, report, objects);
        return finish(report, objects);
    }

    /**
     * Reads the texts of several files as one set.
     *
     * @param files name in messages → text, read in the map's order
     * @throws ManifestException with every problem found
     */
    public List<Resource> readTexts(Map<String, String> files) {
        return parseTexts(files).resources();
    }

    /** {@return the same, with warnings} */
    public Manifests parseTexts(Map<String, String> files) {
        Report report = new Report();
        ObjectReader objects = new ObjectReader(report, running);
        files.forEach((file, text) -> read(file, text, report, objects));
        return finish(report, objects);
    }

    /**
     * {@return the files that {@link #readAll} would read}
     *
     * @throws ManifestException when a directory holds none or cannot be listed
     */
    public static List<Path> files(Collection<Path> paths) {
        Report report = new Report();
        Set<Path> files = files(paths, report);
        report.check();
        return List.copyOf(files);
    }

    /**
     * Reads files, and of directories their {@code *.yaml}, {@code *.yml} and {@code *.json} by
     * name, without those of directories inside, as {@code kubectl apply -f} does. A file that is
     * given twice is read once.
     *
     * @throws ManifestException with every problem found, also of files that cannot be read
     */
    public List<Resource> readAll(Collection<Path> paths) {
        return parseAll(paths).resources();
    }

    /** {@return the same, with warnings} */
    public Manifests parseAll(Collection<Path> paths) {
        Report report = new Report();
        ObjectReader objects = new ObjectReader(report, running);
        long total = 0;
        for (Path file : files(paths, report)) {
            Optional<byte[]> bytes = bytes(file, report);
            if (bytes.isEmpty()) {
                continue;
            }
            total += bytes.get().length;
            if (total > MAX_TOTAL_BYTES) {
                report.add(
                        new Source(file.toString(), 0),
                        "all files together exceed " + (MAX_TOTAL_BYTES >> 20) + " MiB");
                break;
            }
            text(file.toString(), bytes.get(), report)
                    .ifPresent(text -> read(file.toString(), text, report, objects));
        }
        return finish(report, objects);
    }

    private static void read(String file, String text, Report report, ObjectReader objects) {
        if (text.length() > MAX_FILE_BYTES) {
            report.add(new Source(file, 0), "exceeds " + (MAX_FILE_BYTES >> 20) + " MiB");
            return;
        }
        for (Tree document : YamlTree.parse(file, text, report)) {
            objects.read(file, document, "");
        }
    }

    private Manifests finish(Report report, ObjectReader objects) {
        List<Resource> resources = List.copyOf(objects.resources());
        if (strict) {
            References.check(resources, report);
        }
        report.check();
        return new Manifests(resources, report.warnings());
    }

    private static Set<Path> files(Collection<Path> paths, Report report) {
        Set<Path> files = new LinkedHashSet<>();
        for (Path path : paths) {
            if (!Files.isDirectory(path)) {
                files.add(path.normalize());
                continue;
            }
            Set<Path> found = new TreeSet<>();
            try (Stream<Path> children = Files.list(path)) {
                children.filter(ManifestReader::isManifest)
                        .limit(MAX_FILES + 1)
                        .forEach(p -> found.add(p.normalize()));
            } catch (IOException e) {
                report.add(new Source(path.toString(), 0), "cannot list: " + e.getMessage());
                continue;
            }
            if (found.isEmpty()) {
                report.add(
                        new Source(path.toString(), 0),
                        "has no *.yaml, *.yml or *.json file; directories inside are not read");
            }
            if (found.size() > MAX_FILES) {
                report.add(new Source(path.toString(), 0), "has more than " + MAX_FILES + " files");
                continue;
            }
            files.addAll(found);
        }
        return files;
    }

    private static boolean isManifest(Path path) {
        String name = path.getFileName().toString();
        return (name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json"))
                && !Files.isDirectory(path);
    }

    private static Optional<byte[]> bytes(Path file, Report report) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length <= MAX_FILE_BYTES) {
                return Optional.of(bytes);
            }
            report.add(
                    new Source(file.toString(), 0), "exceeds " + (MAX_FILE_BYTES >> 20) + " MiB");
        } catch (NoSuchFileException e) {
            report.add(new Source(file.toString(), 0), "no such file or directory");
        } catch (IOException e) {
            report.add(new Source(file.toString(), 0), "cannot read: " + e.getMessage());
        }
        return Optional.empty();
    }

    /** {@return the text of UTF-8 bytes} */
    static Optional<String> text(String file, byte[] bytes, Report report) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(in).toString());
        } catch (CharacterCodingException e) {
            int line = 1;
            for (int i = 0; i < in.position(); i++) {
                line += bytes[i] == '\n' ? 1 : 0;
            }
            report.add(new Source(file, line), "not UTF-8 text");
            return Optional.empty();
        }
    }
}
