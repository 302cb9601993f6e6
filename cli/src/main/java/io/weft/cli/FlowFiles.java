package io.weft.cli;

import io.weft.flow.FlowHistory;
import io.weft.flow.FlowJsonReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** Recorded flows: the lines of {@code weft observe -o json}, or of Hubble's. */
final class FlowFiles {
    private FlowFiles() {}

    /**
     * @param path a file, or {@code -} for standard input
     * @param since nothing older counts
     * @throws io.weft.flow.FlowFileException when a line is no flow
     * @throws IllegalArgumentException when it cannot be read
     */
    static FlowHistory read(String path, Optional<Instant> since) {
        if (path.equals("-")) {
            return FlowJsonReader.read(
                    "-",
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)),
                    since);
        }
        try (BufferedReader in = Files.newBufferedReader(Path.of(path))) {
            return FlowJsonReader.read(path, in, since);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(path + ": no such file", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(path + ": cannot read: " + e.getMessage(), e);
        }
    }
}
