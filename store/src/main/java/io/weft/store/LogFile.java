package io.weft.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The bytes of a log and of a snapshot, big-endian.
 *
 * <pre>
 *   file    header frame*
 *   header  "WEFTLDGR" | version 4 | kind 4 | generation 8 | first sequence 8 | salt 4 | crc32c 4
 *   frame   length of body 4 | crc32c 4 | sequence 8 | body
 *   body    change*
 *   change  1 put    | length of key 2 | key | length of value 4 | value
 *           2 remove | length of key 2 | key
 *           3 end    | number of entries 8       the last of a snapshot
 * </pre>
 *
 * <p>A frame holds the batches that were written and synced together, so the one after it is begun
 * only when it is durable. What a power failure leaves of an unfinished write, in whatever order
 * the disk wrote its pages, is therefore one bad frame at the end and nothing good behind it; a bad
 * frame with a good one behind it is damage. The sequence grows by one from frame to frame, through
 * all logs. The salt is in each checksum and differs from file to file, so that neither a value
 * which looks like a frame nor an old file's bytes in a new file's blocks pass for a frame.
 */
final class LogFile {
    static final int HEADER_BYTES = 40;
    static final int FRAME_HEADER_BYTES = 16;

    /** Batches are gathered into a frame until it has this many bytes. */
    static final int FRAME_BYTES = 4 << 20;

    private static final int MAX_BODY_BYTES = FRAME_BYTES + Batch.MAX_BYTES;
    private static final long MAGIC = 0x574546544c444752L; // WEFTLDGR
    private static final int VERSION = 1;
    private static final byte PUT = 1;
    private static final byte REMOVE = 2;
    private static final byte END = 3;

    enum Kind {
        LOG(0, "log-"),
        SNAPSHOT(1, "snapshot-");

        private final int number;
        private final String prefix;

        Kind(int number, String prefix) {
            this.number = number;
            this.prefix = prefix;
        }

        String file(long generation) {
            return prefix + generation;
        }

        /** {@return the generation of a file of this kind} */
        Optional<Long> generation(String file) {
            String digits = file.startsWith(prefix) ? file.substring(prefix.length()) : "";
            return digits.matches("0|[1-9][0-9]{0,17}")
                    ? Optional.of(Long.parseLong(digits))
                    : Optional.empty();
        }
    }

    /**
     * @param firstSequence of the first frame in the log of this generation
     */
    record Header(Kind kind, long generation, long firstSequence, int salt) {
        ByteBuffer encode() {
            ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES);
            bytes.putLong(MAGIC).putInt(VERSION).putInt(kind.number);
            bytes.putLong(generation).putLong(firstSequence).putInt(salt);
            CRC32C crc = new CRC32C();
            crc.update(bytes.array(), 0, HEADER_BYTES - 4);
            return bytes.putInt((int) crc.getValue()).flip();
        }

        /** {@return the header, or nothing when these are not the bytes of one} */
        static Optional<Header> decode(byte[] bytes) {
            CRC32C crc = new CRC32C();
            crc.update(bytes, 0, HEADER_BYTES - 4);
            ByteBuffer in = ByteBuffer.wrap(bytes);
            boolean ours = in.getLong() == MAGIC && in.getInt(8) == VERSION;
            int kind = in.getInt(12);
            if (!ours
                    || kind < 0
                    || kind > 1
                    || in.getInt(HEADER_BYTES - 4) != (int) crc.getValue()) {
                return Optional.empty();
            }
            return Optional.of(
                    new Header(
                            kind == 0 ? Kind.LOG : Kind.SNAPSHOT,
                            in.getLong(16),
                            in.getLong(24),
                            in.getInt(32)));
        }
    }

    private LogFile() {}

    /** {@return the checksum of a frame} */
    static int checksum(int salt, int length, long sequence, byte[] body, int offset) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(16).putInt(salt).putInt(length).putLong(sequence).flip());
        crc.update(body, offset, length);
        return (int) crc.getValue();
    }

    static boolean plausible(int length) {
        return length > 0 && length <= MAX_BODY_BYTES;
    }

    /** Puts the header before a body that lies at {@link #FRAME_HEADER_BYTES}. */
    static ByteBuffer seal(ByteBuffer frame, int salt, long sequence) {
        frame.flip();
        int length = frame.limit() - FRAME_HEADER_BYTES;
        int crc =
                checksum(
                        salt,
                        length,
                        sequence,
                        frame.array(),
                        frame.arrayOffset() + FRAME_HEADER_BYTES);
        return frame.putInt(0, length).putInt(4, crc).putLong(8, sequence);
    }

    static void encode(Batch batch, ByteBuffer into) {
        for (Batch.Change change : batch.changes()) {
            into.put(change.value() == null ? REMOVE : PUT);
            into.putShort((short) change.key().length).put(change.key());
            if (change.value() != null) {
                into.putInt(change.value().length).put(change.value());
            }
        }
    }

    static void encodeEnd(long entries, ByteBuffer into) {
        into.put(END).putLong(entries);
    }

    /**
     * Applies a body to a map.
     *
     * @return how many entries the end of a snapshot tells of; nothing when it holds none
     * @throws IllegalArgumentException when it is malformed, though its checksum is right
     */
    static Optional<Long> apply(byte[] body, int length, Map<String, byte[]> map) {
        ByteBuffer in = ByteBuffer.wrap(body, 0, length);
        while (in.hasRemaining()) {
            byte kind = in.get();
            if (kind == END) {
                return Optional.of(in.getLong());
            }
            if (kind != PUT && kind != REMOVE) {
                throw new IllegalArgumentException("unknown change " + kind);
            }
            int keyLength = Short.toUnsignedInt(in.getShort());
            String key = new String(body, in.position(), keyLength, StandardCharsets.UTF_8);
            in.position(in.position() + keyLength);
            if (kind == PUT) {
                byte[] value = new byte[in.getInt()];
                in.get(value);
                map.put(key, value);
            } else {
                map.remove(key);
            }
        }
        return Optional.empty();
    }
}
