package io.weft.cni;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an install wrote, in a file of lines {@code SHA256 PATH} and {@code directory PATH}. It is
 * written before the files are, so that after a crash they are still known.
 */
final class InstallRecord {
    private static final String DIRECTORY = "directory";

    private final Path file;

    InstallRecord(Path file) {
        this.file = file;
    }

    private Set<String> lines() throws IOException {
        try {
            return new LinkedHashSet<>(Files.readAllLines(file, StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            return new LinkedHashSet<>();
        }
    }

    private void write(Set<String> lines) throws IOException {
        AtomicFile.write(
                file,
                (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8),
                "rw-r--r--");
    }

    private static String line(Path path, byte[] bytes) {
        return digest(bytes) + " " + path;
    }

    /** These will be written; those of before are known still. */
    void expect(Map<Path, byte[]> files, List<Path> directories) throws IOException {
        Set<String> lines = lines();
        files.forEach((path, bytes) -> lines.add(line(path, bytes)));
        directories.forEach(path -> lines.add(DIRECTORY + " " + path));
        write(lines);
    }

    /** These are there; older ones are forgotten. */
    void keep(Map<Path, byte[]> files) throws IOException {
        Set<String> lines = lines();
        lines.removeIf(line -> !line.startsWith(DIRECTORY + " "));
        files.forEach((path, bytes) -> lines.add(line(path, bytes)));
        write(lines);
    }

    /** {@return whether the file is as an install left it} */
    boolean isOurs(Path path) throws IOException {
        return lines().contains(line(path, Files.readAllBytes(path)));
    }

    /**
     * Removes those files that are as they were left, the directories that were made and are empty,
     * and itself.
     */
    List<Path> remove(List<Path> files, List<String> notes) throws IOException {
        List<Path> removed = new ArrayList<>();
        Set<String> lines = lines();
        for (Path path : files) {
            if (!Files.exists(path)) {
                continue;
            }
            if (isOurs(path)) {
                Files.delete(path);
                removed.add(path);
            } else {
                notes.add(path + " is not as an install of weft left it: kept");
            }
        }
        Files.deleteIfExists(file);
        for (String line : lines) {
            if (line.startsWith(DIRECTORY + " ")) {
                Path directory = Path.of(line.substring(DIRECTORY.length() + 1));
                try {
                    if (Files.deleteIfExists(directory)) {
                        removed.add(directory);
                    }
                } catch (DirectoryNotEmptyException _) {
                    // others use it
                }
            }
        }
        return removed;
    }

    static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
