package io.weft.store;

import io.weft.store.LogFile.Header;
import io.weft.store.LogFile.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Writes a snapshot aside, gives it its name, and removes what it replaces. */
final class SnapshotWriter {
    private static final int FRAME_BYTES = 64 << 10;

    private final Header header;
    private final Disk.Output file;
    private ByteBuffer buffer = ByteBuffer.allocate(2 * FRAME_BYTES);
    private long sequence = 1;

    private SnapshotWriter(Header header, Disk.Output file) {
        this.header = header;
        this.file = file;
    }

    /**
     * @param stop says, now and then, whether to give up
     * @return whether it is there
     */
    static boolean write(Disk disk, Header header, Entries entries, BooleanSupplier stop)
            throws IOException {
        String name = Kind.SNAPSHOT.file(header.generation());
        String unfinished = name + Recovery.UNFINISHED;
        boolean named = false;
        try (Disk.Output file = disk.write(unfinished, 0)) {
            if (!new SnapshotWriter(header, file).fill(entries, stop)) {
                return false;
            }
            disk.rename(unfinished, name);
            named = true;
        } finally {
            if (!named) {
                disk.delete(unfinished);
            }
        }
        disk.sync();
        for (String file : disk.names()) {
            boolean old =
                    Kind.SNAPSHOT.generation(file).filter(g -> g < header.generation()).isPresent()
                            || Kind.LOG
                                    .generation(file)
                                    .filter(g -> g < header.generation())
                                    .isPresent();
            if (old) {
                disk.delete(file);
            }
        }
        return true;
    }

    private boolean fill(Entries entries, BooleanSupplier stop) throws IOException {
        file.write(header.encode());
        buffer.position(LogFile.FRAME_HEADER_BYTES);
        for (int i = 0; i < entries.size(); i++) {
            try (Batch batch = new Batch().put(entries.key(i), entries.value(i))) {
                if (buffer.remaining() < batch.bytes()) {
                    ByteBuffer larger =
                            ByteBuffer.allocate(buffer.position() + batch.bytes() + FRAME_BYTES);
                    buffer = larger.put(buffer.flip());
                }
                LogFile.encode(batch, buffer);
            }
            if (buffer.position() >= FRAME_BYTES) {
                flush();
                if (stop.getAsBoolean()) {
                    return false;
                }
            }
        }
        if (buffer.remaining() < 9) {
            flush();
        }
        LogFile.encodeEnd(entries.size(), buffer);
        flush();
        file.sync();
        return true;
    }

    private void flush() throws IOException {
        file.write(LogFile.seal(buffer, header.salt(), sequence++));
        buffer.clear().position(LogFile.FRAME_HEADER_BYTES);
    }

    /** The entries of a map at one moment. */
    static final class Entries {
        private final String[] keys;
        private final byte[][] values;

        Entries(Map<String, byte[]> map) {
            keys = new String[map.size()];
            values = new byte[map.size()][];
            int i = 0;
            for (Map.Entry<String, byte[]> entry : map.entrySet()) {
                keys[i] = entry.getKey();
                values[i++] = entry.getValue();
            }
        }

        int size() {
            return keys.length;
        }

        String key(int i) {
            return keys[i];
        }

        byte[] value(int i) {
            return values[i];
        }
    }
}
