package io.weft.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A directory, with what is durable made explicit. The bytes of a file are durable after {@link
 * Output#sync}; that a file exists, has its new name or is gone after {@link #sync}.
 */
interface Disk extends Closeable {
    /** {@return where it is, for messages} */
    String where();

    List<String> names() throws IOException;

    Input read(String name) throws IOException;

    /** Opens a file for writing at {@code length}, cutting off what lies behind; 0 makes it. */
    Output write(String name, long length) throws IOException;

    /** Replaces {@code to}, atomically. */
    void rename(String from, String to) throws IOException;

    void delete(String name) throws IOException;

    /** Makes names durable. */
    void sync() throws IOException;

    /** A file that is read. */
    interface Input extends Closeable {
        long size() throws IOException;

        /** {@return how many bytes were read, less than {@code count} only at the end} */
        int read(long position, byte[] into, int offset, int count) throws IOException;
    }

    /** A file that grows. */
    interface Output extends Closeable {
        /** Appends all of it. */
        void write(ByteBuffer bytes) throws IOException;

        /** Makes the bytes, and how many they are, durable. */
        void sync() throws IOException;
    }
}
