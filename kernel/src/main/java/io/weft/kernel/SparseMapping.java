package io.weft.kernel;

import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.Objects;

/**
 * Memory shared with the kernel, of which each piece is mapped when it is first asked for. Some
 * drivers map all pages at once, BPF arrays among them (remap_vmalloc_range() of mm/vmalloc.c), and
 * all count as resident in this process, used or not.
 *
 * <p>The whole range of addresses is reserved, so what is asked for may reach over several pieces.
 *
 * <p>Not for more than one thread at a time.
 */
public final class SparseMapping implements AutoCloseable {
    /** Bytes that are mapped together: a multiple of every page size of Linux. */
    public static final long PIECE = 256 << 10;

    private final Fd fd;
    private final int protection;
    private final Mapping reserved;
    private final BitSet mapped = new BitSet();
    private long mappedBytes;

    /**
     * @param fd what is mapped; it stays open as long as this
     * @param length bytes, a multiple of the page size
     * @param protection {@link Linux#PROT_READ}, {@link Linux#PROT_WRITE}
     */
    public SparseMapping(Fd fd, long length, int protection) {
        this.fd = fd;
        this.protection = protection;
        this.reserved = Linux.reserve(length, protection);
    }

    /**
     * {@return {@code length} bytes from {@code offset} on, mapped; they stay so until {@link
     * #close}}
     *
     * @throws KernelException when mmap(2) fails
     */
    public MemorySegment at(long offset, long length) {
        MemorySegment all = reserved.segment();
        Objects.checkFromIndexSize(offset, length, all.byteSize());
        long end = offset + length;
        for (long from = offset / PIECE * PIECE; from < end; from += PIECE) {
            int piece = (int) (from / PIECE);
            if (!mapped.get(piece)) {
                long bytes = Math.min(PIECE, all.byteSize() - from);
                Linux.mapAt(all.address() + from, fd, from, bytes, protection);
                mapped.set(piece);
                mappedBytes += bytes;
            }
        }
        return all.asSlice(offset, length);
    }

    /** {@return bytes that are mapped by now} */
    public long mappedBytes() {
        return mappedBytes;
    }

    @Override
    public void close() {
        reserved.close();
    }
}
