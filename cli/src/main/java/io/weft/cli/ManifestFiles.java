package io.weft.cli;

import io.weft.model.ManifestException;
import io.weft.model.ManifestReader;
import io.weft.model.Problem;
import io.weft.model.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The texts of manifests, to be sent to a node; it reads and judges them. */
final class ManifestFiles {
    private ManifestFiles() {}

    /**
     * @param paths files, directories, or {@code -} for standard input
     * @throws ManifestException when one cannot be read
     */
    static List<Map<String, String>> load(List<String> paths) {
        List<Map<String, String>> files = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        for (String path : paths) {
            try {
                if (path.equals("-")) {
                    files.add(
                            file(
                                    "-",
                                    new String(System.in.readAllBytes(), StandardCharsets.UTF_8)));
                    continue;
                }
                for (Path file : ManifestReader.files(List.of(Path.of(path)))) {
                    files.add(file(file.toString(), Files.readString(file)));
                }
            } catch (IOException e) {
                problems.add(
                        new Problem(new Source(path, 0), "", "", "cannot read: " + e.getMessage()));
            }
        }
        if (!problems.isEmpty()) {
            throw new ManifestException(problems);
        }
        return files;
    }

    private static Map<String, String> file(String name, String text) {
        return Map.of("name", name, "text", text);
    }
}
