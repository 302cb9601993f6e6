package io.weft.store;

import io.weft.store.LedgerException.Code;
import io.weft.store.LogFile.Header;
import io.weft.store.LogFile.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * Reads what the last process left, mends what a crash left unfinished, refuses what is damaged.
 */
final class Recovery {
    static final String UNFINISHED = ".tmp";

    /**
     * @param header of the log to go on with
     * @param length of it; 0: there is none yet
     * @param nextSequence of the frame to come
     * @param replayed bytes of all logs that are not in a snapshot yet
     * @param notices what was mended
     */
    record Found(
            Header header, long length, long nextSequence, long replayed, List<String> notices) {}

    private final Disk disk;
    private final Map<String, byte[]> map;
    private final List<String> notices = new ArrayList<>();
    private long sequence = 1;
    private long replayed;

    Recovery(Disk disk, Map<String, byte[]> map) {
        this.disk = disk;
        this.map = map;
    }

    Found run(int salt) throws IOException {
        NavigableSet<Long> snapshots = new TreeSet<>();
        NavigableSet<Long> logs = new TreeSet<>();
        for (String name : disk.names()) {
            Kind.SNAPSHOT.generation(name).ifPresent(snapshots::add);
            Kind.LOG.generation(name).ifPresent(logs::add);
        }
        long base = snapshots.isEmpty() ? 0 : snapshots.last();
        if (!snapshots.isEmpty()) {
            readSnapshot(base);
        }
        long last = logs.isEmpty() ? 0 : logs.last();
        boolean none = snapshots.isEmpty() && logs.isEmpty();
        for (long generation = base; !none && generation <= Math.max(base, last); generation++) {
            if (!logs.contains(generation)) {
                throw damaged(
                        Kind.LOG.file(generation) + " is missing", "bring it back, if you have it");
            }
        }
        Header header = new Header(Kind.LOG, last, sequence, salt);
        long length = 0;
        for (long generation = base; !none && generation <= last; generation++) {
            String name = Kind.LOG.file(generation);
            try (Disk.Input file = disk.read(name)) {
                header = header(file, name, Kind.LOG, generation);
                length = readLog(file, name, header, generation == last);
            }
        }
        clean(base);
        return new Found(header, length, sequence, replayed, List.copyOf(notices));
    }

    private Header header(Disk.Input file, String name, Kind kind, long generation)
            throws IOException {
        byte[] bytes = new byte[LogFile.HEADER_BYTES];
        file.read(0, bytes, 0, bytes.length);
        return Header.decode(bytes)
                .filter(h -> h.kind() == kind && h.generation() == generation)
                .orElseThrow(() ->
                        damaged(name + " does not begin as a ledger's file of that name", RESTORE));
    }

    private void readSnapshot(long generation) throws IOException {
        String name = Kind.SNAPSHOT.file(generation);
        try (Disk.Input file = disk.read(name)) {
            Header header = header(file, name, Kind.SNAPSHOT, generation);
            FrameReader frames = new FrameReader(file, header.salt());
            long entries = -1;
            for (long n = 1; entries < 0; n++) {
                long at = frames.position();
                byte[] body = frames.next(n);
                if (body == null) {
                    throw damaged(name + " is damaged at byte " + at, RESTORE);
                }
                entries = apply(name, at, body).orElse(-1L);
            }
            if (!frames.atEnd() || entries != map.size()) {
                throw damaged(
                        name + " holds " + map.size() + " entries, and should " + entries, RESTORE);
            }
            sequence = header.firstSequence();
        }
    }

    /** {@return how many bytes of it are good} */
    private long readLog(Disk.Input file, String name, Header header, boolean last)
            throws IOException {
        if (header.firstSequence() != sequence) {
            throw damaged(
                    name
                            + " begins with frame "
                            + header.firstSequence()
                            + ", and "
                            + sequence
                            + " should come next",
                    RESTORE);
        }
        FrameReader frames = new FrameReader(file, header.salt());
        while (!frames.atEnd()) {
            long at = frames.position();
            byte[] body = frames.next(sequence);
            if (body == null) {
                cut(frames, name, last);
                break;
            }
            apply(name, at, body);
            sequence++;
        }
        replayed += frames.position();
        return frames.position();
    }

    private void cut(FrameReader frames, String name, boolean last) throws IOException {
        long at = frames.position();
        OptionalLong good = frames.goodBehind(sequence);
        if (good.isPresent()) {
            throw damaged(
                    name
                            + " is damaged at byte "
                            + at
                            + ": a good record follows at byte "
                            + good.getAsLong(),
                    RESTORE);
        }
        if (!last) {
            throw damaged(name + " is damaged at byte " + at + ": a newer log follows", RESTORE);
        }
        notices.add(
                disk.where()
                        + "/"
                        + name
                        + ": cut off "
                        + frames.remaining()
                        + " bytes at byte "
                        + at
                        + ", a write that was never finished");
    }

    private Optional<Long> apply(String name, long at, byte[] body) {
        try {
            return LogFile.apply(body, body.length, map);
        } catch (RuntimeException e) {
            throw damaged(name + " is malformed at byte " + at + ": " + e.getMessage(), RESTORE);
        }
    }

    /** Removes what a newer snapshot replaces and what was never finished. */
    private void clean(long base) throws IOException {
        disk.sync(); // the snapshot has its name durably before what it replaces goes
        for (String name : disk.names()) {
            boolean old =
                    Kind.SNAPSHOT.generation(name).filter(g -> g < base).isPresent()
                            || Kind.LOG.generation(name).filter(g -> g < base).isPresent();
            if (old || name.endsWith(UNFINISHED)) {
                disk.delete(name);
            }
        }
    }

    private static final String RESTORE =
            "the disk or another program changed what was written; restore the directory from a"
                    + " backup, or move it away to begin with an empty ledger";

    private LedgerException damaged(String what, String next) {
        return new LedgerException(
                Code.CORRUPT, "ledger " + disk.where() + ": " + what + "; " + next);
    }
}
