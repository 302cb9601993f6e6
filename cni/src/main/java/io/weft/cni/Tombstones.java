package io.weft.cni;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * DELs that were answered while no agent was there, a file each. An agent listens first and looks
 * for them then: a client that leaves one tries the agent once more afterwards, so none is missed.
 */
public final class Tombstones {
    /** Where files go that are none. */
    static final String QUARANTINE = "corrupt";

    private static final Duration UNFINISHED = Duration.ofHours(1);

    private final Path directory;

    /** One DEL. */
    public static final class Tombstone {
        private final Path file;
        private final Wire request;

        private Tombstone(Path file, Wire request) {
            this.file = file;
            this.request = request;
        }

        public Path file() {
            return file;
        }

        public Map<String, String> variables() {
            return request.variables();
        }

        /** {@return for {@link CniDispatcher#dispatch}, without namespace} */
        byte[] stdin() {
            return request.stdin().bytes();
        }
    }

    public Tombstones(Path directory) {
        this.directory = directory;
    }

    /**
     * {@return all, oldest first}
     *
     * <p>A file that is no tombstone goes to {@code corrupt/}. One that a client was killed over
     * while it wrote is deleted when it is an hour old: its DEL was not answered.
     *
     * @param warn told of each file that was moved, and why
     */
    public List<Tombstone> list(Instant now, Consumer<String> warn) {
        List<Path> files;
        try (Stream<Path> entries = Files.list(directory)) {
            files = entries.filter(Files::isRegularFile).sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("list " + directory, e);
        }
        List<Tombstone> found = new ArrayList<>();
        for (Path file : files) {
            try {
                if (String.valueOf(file.getFileName()).startsWith(".")) {
                    Instant written = Files.getLastModifiedTime(file).toInstant();
                    if (written.plus(UNFINISHED).isBefore(now)) {
                        Files.deleteIfExists(file);
                    }
                    continue;
                }
                Optional<Wire> request =
                        Files.size(file) > Wire.MAX_REQUEST
                                ? Optional.empty()
                                : Wire.read(Files.readAllBytes(file));
                if (request.filter(Tombstones::isDelete).isPresent()) {
                    found.add(new Tombstone(file, request.get()));
                } else {
                    warn.accept(quarantine(file));
                }
            } catch (NoSuchFileException _) {
                // its client reached the agent after all
            } catch (IOException e) {
                throw new UncheckedIOException("read " + file, e);
            }
        }
        return found;
    }

    private static boolean isDelete(Wire request) {
        return "DEL".equals(request.variables().get("CNI_COMMAND"));
    }

    private String quarantine(Path file) throws IOException {
        Path to = directory.resolve(QUARANTINE).resolve(String.valueOf(file.getFileName()));
        Files.createDirectories(directory.resolve(QUARANTINE));
        Files.move(file, to, StandardCopyOption.REPLACE_EXISTING);
        AtomicFile.sync(directory);
        return file + " is no tombstone of a DEL: moved to " + to + "; delete it when looked at";
    }

    /** Forgets one that was honoured, durably. */
    public void remove(Tombstone tombstone) {
        try {
            Files.deleteIfExists(tombstone.file);
            AtomicFile.sync(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("remove " + tombstone.file, e);
        }
    }

    /**
     * Honours all: each DEL is done, and its tombstone removed when that succeeds.
     *
     * @return how many were
     */
    public int replay(CniDispatcher dispatcher, Instant now, Consumer<String> warn) {
        int done = 0;
        for (Tombstone tombstone : list(now, warn)) {
            CniAnswer answer =
                    dispatcher.dispatch(tombstone.variables(), tombstone.stdin(), Optional.empty());
            if (answer.exitCode() == 0) {
                remove(tombstone);
                done++;
            } else {
                warn.accept(
                        "the DEL of "
                                + tombstone.file
                                + " failed and will be tried again: "
                                + answer.stdout());
            }
        }
        return done;
    }

    /** Leaves one; durable when this returns. {@return its file} */
    Path write(byte[] request, Instant now, long pid) {
        String name = String.format("%d.%09d-%d", now.getEpochSecond(), now.getNano(), pid);
        Path file = directory.resolve(name);
        try {
            Files.createDirectories(directory);
            AtomicFile.write(file, request, "rw-------");
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("leave a tombstone in " + directory, e);
        }
    }
}
