package io.weft.store;

import io.weft.store.LogFile.Header;
import io.weft.store.LogFile.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** The log that is being written. One thread at a time. */
final class LogWriter {
    private final Disk disk;
    private Header header;
    private Disk.Output file;
    private long nextSequence;
    private long length;
    private ByteBuffer buffer = ByteBuffer.allocate(64 << 10);

    private LogWriter(Disk disk, Header header, Disk.Output file, long nextSequence, long length) {
        this.disk = disk;
        this.header = header;
        this.file = file;
        this.nextSequence = nextSequence;
        this.length = length;
    }

    /**
     * Goes on with the log that was found, all of which is durable afterwards; or makes the first.
     */
    static LogWriter open(Disk disk, Recovery.Found found) throws IOException {
        if (found.length() == 0) {
            Disk.Output first = create(disk, found.header());
            return new LogWriter(
                    disk, found.header(), first, found.nextSequence(), LogFile.HEADER_BYTES);
        }
        Disk.Output file = disk.write(Kind.LOG.file(found.header().generation()), found.length());
        file.sync(); // a process that was killed may have left it in memory only
        return new LogWriter(disk, found.header(), file, found.nextSequence(), found.length());
    }

    private static Disk.Output create(Disk disk, Header header) throws IOException {
        String name = Kind.LOG.file(header.generation());
        Disk.Output file = disk.write(name + Recovery.UNFINISHED, 0);
        try {
            file.write(header.encode());
            file.sync();
            disk.rename(name + Recovery.UNFINISHED, name);
            disk.sync();
            return file;
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    long generation() {
        return header.generation();
    }

    long length() {
        return length;
    }

    /** Writes batches as one frame and syncs it. */
    void append(List<Batch> batches) throws IOException {
        int bytes = LogFile.FRAME_HEADER_BYTES + batches.stream().mapToInt(Batch::bytes).sum();
        if (buffer.capacity() < bytes) {
            buffer = ByteBuffer.allocate(bytes);
        }
        buffer.clear().position(LogFile.FRAME_HEADER_BYTES);
        batches.forEach(batch -> LogFile.encode(batch, buffer));
        file.write(LogFile.seal(buffer, header.salt(), nextSequence));
        file.sync();
        nextSequence++;
        length += bytes;
        if (buffer.capacity() > 256 << 10) {
            buffer = ByteBuffer.allocate(64 << 10);
        }
    }

    /** Begins the next log. {@return the header of the snapshot that belongs to it} */
    Header next(int salt) throws IOException {
        Header next = new Header(Kind.LOG, header.generation() + 1, nextSequence, salt);
        Disk.Output created = create(disk, next);
        file.close();
        file = created;
        header = next;
        length = LogFile.HEADER_BYTES;
        return new Header(Kind.SNAPSHOT, next.generation(), nextSequence, ~salt);
    }

    void close() throws IOException {
        file.close();
    }
}
