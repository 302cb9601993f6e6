package io.weft.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Reads the frames of a file one after another. */
final class FrameReader {
    private static final int WINDOW = 256 << 10;

    private final Disk.Input file;
    private final int salt;
    private final long size;
    private byte[] window = new byte[WINDOW];
    private long windowAt;
    private int windowBytes;
    private long position = LogFile.HEADER_BYTES;
    private int bodyLength;

    FrameReader(Disk.Input file, int salt) throws IOException {
        this.file = file;
        this.salt = salt;
        this.size = file.size();
    }

    /** {@return where the next frame begins} */
    long position() {
        return position;
    }

    boolean atEnd() {
        return position == size;
    }

    long remaining() {
        return size - position;
    }

    int bodyLength() {
        return bodyLength;
    }

    /** {@return the body of the next frame at 0, or nothing when it is not whole and good} */
    byte @Nullable [] next(long sequence) throws IOException {
        int length = good(position, sequence, sequence);
        if (length < 0) {
            return null;
        }
        byte[] body = new byte[length];
        System.arraycopy(
                window, (int) (position - windowAt) + LogFile.FRAME_HEADER_BYTES, body, 0, length);
        bodyLength = length;
        position += LogFile.FRAME_HEADER_BYTES + length;
        return body;
    }

    /** {@return where a good frame lies behind the bad one of this sequence} */
    OptionalLong goodBehind(long sequence) throws IOException {
        for (long at = position + 1; at + LogFile.FRAME_HEADER_BYTES < size; at++) {
            if (good(at, sequence + 1, sequence + size) >= 0) {
                return OptionalLong.of(at);
            }
        }
        return OptionalLong.empty();
    }

    /** {@return the length of the body of a good frame at {@code at}, or -1} */
    private int good(long at, long least, long most) throws IOException {
        if (size - at < LogFile.FRAME_HEADER_BYTES) {
            return -1;
        }
        load(at, LogFile.FRAME_HEADER_BYTES);
        ByteBuffer in = ByteBuffer.wrap(window);
        int offset = (int) (at - windowAt);
        int length = in.getInt(offset);
        int crc = in.getInt(offset + 4);
        long sequence = in.getLong(offset + 8);
        if (sequence < least
                || sequence > most
                || !LogFile.plausible(length)
                || length > size - at - LogFile.FRAME_HEADER_BYTES) {
            return -1;
        }
        load(at, LogFile.FRAME_HEADER_BYTES + length);
        int body = (int) (at - windowAt) + LogFile.FRAME_HEADER_BYTES;
        return LogFile.checksum(salt, length, sequence, window, body) == crc ? length : -1;
    }

    /** Has the window hold these bytes, which are in the file. */
    private void load(long at, int count) throws IOException {
        if (at >= windowAt && at + count <= windowAt + windowBytes) {
            return;
        }
        if (count > window.length) {
            window = new byte[Math.max(count, 2 * window.length)];
        }
        windowAt = at;
        windowBytes = file.read(at, window, 0, (int) Math.min(window.length, size - at));
        if (windowBytes < count) {
            throw new IOException("the file became shorter while it was read");
        }
    }
}
