package io.weft.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The names of what this node has made or is about to make: one line each, {@code + KIND NAME}
 * before making and {@code - KIND NAME} after removing. It lies on a tmpfs: a restart of the
 * machine ends the file and the things together.
 */
final class Journal implements AutoCloseable {
    /** What a line is about. */
    enum Thing {
        /** A name in /run/netns; its links end with it. */
        NAMESPACE,
        /** A directory of pins on the BPF file system. */
        PINS,
        /** An address of the node, on its loopback interface. */
        ADDRESS,
        /** What is here is an agent's, and stays when it ends; the run directory. */
        AGENT
    }

    record Entry(Thing thing, String name) {}

    private static final long COMPACT_BYTES = 1 << 20;

    private final Path path;
    private FileChannel channel;
    private final Set<Entry> open;

    private Journal(Path path, FileChannel channel, Set<Entry> open) {
        this.path = path;
        this.channel = channel;
        this.open = open;
    }

    /**
     * Reads what the last run left. A last line without its end was never acted upon: it is cut
     * off.
     *
     * @throws NodeException when a line is not one of a journal
     */
    static Journal open(Path directory) {
        Path path = directory.resolve("journal");
        Set<Entry> open = new LinkedHashSet<>();
        try {
            FileChannel channel = appendTo(path);
            try {
                String text = Files.readString(path);
                String whole = text.substring(0, text.lastIndexOf('\n') + 1);
                channel.truncate(whole.getBytes(StandardCharsets.UTF_8).length);
                int number = 0;
                for (String line : whole.lines().toList()) {
                    read(path, ++number, line, open);
                }
                return new Journal(path, channel, open);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("read journal " + path, e);
        }
    }

    private static void read(Path path, int number, String line, Set<Entry> open) {
        String[] words = line.split(" ", 3);
        if (words.length == 3) {
            for (Thing thing : Thing.values()) {
                if (thing.name().equals(words[1])) {
                    Entry entry = new Entry(thing, words[2]);
                    if (words[0].equals("+")) {
                        open.add(entry);
                    } else {
                        open.remove(entry);
                    }
                    return;
                }
            }
        }
        throw new NodeException(
                NodeException.Cause.MACHINE,
                path
                        + ":"
                        + number
                        + ": not a line of a journal: '"
                        + line
                        + "'; remove what it names, then the file");
    }

    /** {@return what exists or may exist, newest first} */
    List<Entry> leftovers() {
        return new ArrayList<>(open).reversed();
    }

    boolean holds(Thing thing) {
        return open.stream().anyMatch(entry -> entry.thing() == thing);
    }

    /** To be called before making it. */
    void making(Thing thing, String name) {
        open.add(new Entry(thing, name));
        append("+ " + thing + " " + name);
    }

    /** To be called after it is gone. */
    void gone(Thing thing, String name) {
        open.remove(new Entry(thing, name));
        append("- " + thing + " " + name);
        compactWhenLong();
    }

    /** Keeps the file in proportion to what exists, however many pods come and go. */
    private void compactWhenLong() {
        try {
            if (open.isEmpty()) {
                channel.truncate(0);
            } else if (channel.size() > COMPACT_BYTES) {
                Path next = path.resolveSibling("journal.next");
                StringBuilder lines = new StringBuilder();
                open.forEach(e ->
                        lines.append("+ ")
                                .append(e.thing())
                                .append(' ')
                                .append(e.name())
                                .append('\n'));
                Files.writeString(next, lines);
                channel.close();
                Files.move(
                        next,
                        path,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
                channel = appendTo(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("compact journal " + path, e);
        }
    }

    private static FileChannel appendTo(Path path) throws IOException {
        return FileChannel.open(
                path,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.APPEND);
    }

    private void append(String line) {
        try {
            channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException("write journal " + path, e);
        }
    }

    /** An empty journal leaves no file. */
    @Override
    public void close() {
        try {
            channel.close();
            if (open.isEmpty()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("close journal " + path, e);
        }
    }
}
