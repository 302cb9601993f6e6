package io.weft.bpf;

import io.weft.kernel.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Many elements of a map with few system calls (batch commands, Linux 5.6). Map types that know no
 * batch, and older kernels, are served element by element with the same result.
 *
 * <p>Elements lie behind each other without padding: {@link BpfMap#keySize} and {@link
 * BpfMap#valueBytes} apart.
 */
public final class MapBatch {
    private static final int LEAST_BATCH = 64;
    private static final int BATCH_BYTES = 1 << 20;

    /** Receives elements. */
    @FunctionalInterface
    public interface Visitor {
        /** The segments are valid during the call only. */
        void element(MemorySegment key, MemorySegment value);
    }

    private final BpfMap map;
    private volatile boolean supported = true;

    MapBatch(BpfMap map) {
        this.map = map;
    }

    private static boolean isUnsupported(long result) {
        return result == -Errno.ENOTSUPP || result == -Errno.EOPNOTSUPP;
    }

    private MemorySegment attr(
            Arena arena, MemorySegment keys, MemorySegment values, int count, long flags) {
        MemorySegment attr = Bpf.attr(arena, 56);
        Bpf.put(attr, 16, keys);
        Bpf.put(attr, 24, values);
        Bpf.put(attr, 32, count);
        Bpf.put(attr, 36, map.fd().number());
        Bpf.put(attr, 40, flags);
        return attr;
    }

    private static void checkSize(MemorySegment segment, long size) {
        if (!segment.isNative() || segment.byteSize() < size) {
            throw new IllegalArgumentException(
                    "%d bytes of native memory wanted, not %s".formatted(size, segment));
        }
    }

    private MemorySegment keyAt(MemorySegment keys, int index) {
        return keys.asSlice((long) index * map.keySize(), map.keySize());
    }

    private MemorySegment valueAt(MemorySegment values, int index) {
        return values.asSlice((long) index * map.valueBytes(), map.valueBytes());
    }

    /**
     * Writes {@code count} elements. When it throws, those before the refused one are written.
     *
     * @param mode {@link UpdateMode#ANY} or {@link UpdateMode#LOCK}: a batch knows no other
     */
    public void update(MemorySegment keys, MemorySegment values, int count, UpdateMode mode) {
        checkSize(keys, (long) count * map.keySize());
        checkSize(values, (long) count * map.valueBytes());
        if (count == 0) {
            return;
        }
        if (supported) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment attr = attr(arena, keys, values, count, mode.code());
                long result = Bpf.call(Bpf.MAP_UPDATE_BATCH, attr);
                if (result >= 0) {
                    return;
                }
                supported = !isUnsupported(result);
                if (supported && result != -Errno.EINVAL) {
                    throw map.failure(
                            "update element " + Bpf.getInt(attr, 32) + " of " + count + " of",
                            result);
                }
            }
        }
        for (int i = 0; i < count; i++) {
            map.update(keyAt(keys, i), valueAt(values, i), mode);
        }
    }

    /** Removes {@code count} keys. {@return how many of them were there} */
    public int delete(MemorySegment keys, int count) {
        checkSize(keys, (long) count * map.keySize());
        int deleted = 0;
        int at = 0;
        while (at < count && supported) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment rest = keys.asSlice((long) at * map.keySize());
                MemorySegment attr = attr(arena, rest, MemorySegment.NULL, count - at, 0);
                long result = Bpf.call(Bpf.MAP_DELETE_BATCH, attr);
                if (isUnsupported(result) || result == -Errno.EINVAL) {
                    supported = false;
                    break;
                }
                int done = Bpf.getInt(attr, 32);
                deleted += done;
                at += done;
                if (result == -Errno.ENOENT) {
                    at++; // this one is not there; go on behind it
                } else if (result < 0) {
                    throw map.failure("delete element " + at + " of " + count + " from", result);
                }
            }
        }
        for (; at < count; at++) {
            if (map.delete(keyAt(keys, at))) {
                deleted++;
            }
        }
        return deleted;
    }

    /**
     * Visits the elements, in no order. Elements that others add or remove meanwhile may be seen or
     * not; at most twice as many visits as the map has room are made.
     */
    public void forEach(Visitor visitor) {
        if (!supported || !visit(Bpf.MAP_LOOKUP_BATCH, visitor)) {
            oneByOne(visitor, false);
        }
    }

    /** Visits the elements and removes them; each is seen with its last value. */
    public void drain(Visitor visitor) {
        if (!supported || !visit(Bpf.MAP_LOOKUP_AND_DELETE_BATCH, visitor)) {
            oneByOne(visitor, true);
        }
    }

    /** {@return false when the kernel cannot, before anything was visited} */
    private boolean visit(int command, Visitor visitor) {
        int element = Math.max(1, map.keySize() + map.valueBytes());
        int batch =
                Math.max(
                        1,
                        Math.min(map.maxEntries(), Math.max(LEAST_BATCH, BATCH_BYTES / element)));
        long left = 2L * map.maxEntries();
        try (Arena cursors = Arena.ofConfined()) {
            MemorySegment in = cursors.allocate(Math.max(8, map.keySize()), 8);
            MemorySegment out = cursors.allocate(Math.max(8, map.keySize()), 8);
            boolean first = true;
            while (left > 0) {
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment keys = arena.allocate((long) batch * map.keySize(), 8);
                    MemorySegment values = arena.allocate((long) batch * map.valueBytes(), 8);
                    MemorySegment attr = attr(arena, keys, values, batch, 0);
                    Bpf.put(attr, 0, first ? MemorySegment.NULL : in);
                    Bpf.put(attr, 8, out);
                    long result = Bpf.call(command, attr);
                    if (first && (isUnsupported(result) || result == -Errno.EINVAL)) {
                        return false;
                    }
                    if (result == -Errno.ENOSPC && batch < 2L * map.maxEntries()) {
                        batch *= 2; // a bucket of the hash table has more elements
                        continue;
                    }
                    if (result < 0 && result != -Errno.ENOENT) {
                        throw map.failure("read a batch of", result);
                    }
                    int count = Bpf.getInt(attr, 32);
                    for (int i = 0; i < count; i++) {
                        visitor.element(keyAt(keys, i), valueAt(values, i));
                    }
                    if (result == -Errno.ENOENT) {
                        return true;
                    }
                    left -= Math.max(1, count);
                    first = false;
                    in.copyFrom(out);
                }
            }
        }
        return true;
    }

    private void oneByOne(Visitor visitor, boolean delete) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(Math.max(1, map.keySize()), 8);
            MemorySegment next = arena.allocate(Math.max(1, map.keySize()), 8);
            MemorySegment value = arena.allocate(Math.max(1, map.valueBytes()), 8);
            boolean more = map.nextKey(MemorySegment.NULL, key);
            for (long i = 0; more && i < 2L * map.maxEntries(); i++) {
                boolean there = map.lookup(key, value);
                if (delete) {
                    map.delete(key);
                }
                if (there) {
                    visitor.element(
                            key.asSlice(0, map.keySize()), value.asSlice(0, map.valueBytes()));
                }
                more = map.nextKey(delete ? MemorySegment.NULL : key, next);
                key.copyFrom(next);
            }
        }
    }
}
