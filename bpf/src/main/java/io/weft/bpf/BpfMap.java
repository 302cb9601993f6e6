package io.weft.bpf;

import io.weft.kernel.Errno;
import io.weft.kernel.Fd;
import io.weft.kernel.Linux;
import io.weft.kernel.Mapping;
import io.weft.kernel.SparseMapping;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A map in the kernel. Keys and values are bytes in the layout of the C structs; {@link #typed}
 * gives them Java types. Segments must be native memory of at least {@link #keySize} or {@link
 * #valueBytes} bytes; byte arrays are copied and must have exactly that length.
 *
 * <p>The value of a per-CPU map is one slot of {@code valueSize} rounded up to 8 bytes for each of
 * {@link Cpus#possible}.
 *
 * <p>Safe for use by several threads; the kernel orders their operations.
 */
public final class BpfMap implements AutoCloseable {
    private final Fd fd;
    private final String name;
    private final MapInfo info;
    private final int valueBytes;
    private final MapBatch batch = new MapBatch(this);

    BpfMap(Fd fd, String name) {
        this.fd = fd;
        this.name = name;
        try {
            this.info = MapInfo.of(fd);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
        this.valueBytes =
                info.type().isPerCpu()
                        ? Math.multiplyExact(slot(info.valueSize()), Cpus.possible())
                        : info.valueSize();
    }

    private BpfMap(Fd fd, BpfMap same) {
        this.fd = fd;
        this.name = same.name;
        this.info = same.info;
        this.valueBytes = same.valueBytes;
    }

    /** {@return {@code valueSize} as per-CPU maps round it} */
    static int slot(int valueSize) {
        return Math.addExact(valueSize, 7) & ~7;
    }

    /** Makes a map without an object around it; pinning and initial content are not looked at. */
    public static BpfMap create(MapSpec spec) {
        return MapCreation.create(spec, Optional.empty());
    }

    /**
     * Opens a map that was pinned.
     *
     * @throws BpfSyscallException ENOENT when nothing is there, EINVAL when it is no map
     */
    public static BpfMap openPinned(Path path) {
        return new BpfMap(Bpf.openPinned(path, "map"), String.valueOf(path.getFileName()));
    }

    /** Opens a map by {@link MapInfo#id}, as values of maps of maps are read. */
    public static BpfMap openById(int id) {
        return new BpfMap(Bpf.openById(Bpf.MAP_GET_FD_BY_ID, id, "map"), "#" + id);
    }

    /** {@return the name in the object; for an opened one its file name or id} */
    public String name() {
        return name;
    }

    /** {@return as the kernel said when this was opened} */
    public MapInfo info() {
        return info;
    }

    public MapType type() {
        return info.type();
    }

    public int keySize() {
        return info.keySize();
    }

    /** {@return bytes of one value as these operations read and write it, all CPUs included} */
    public int valueBytes() {
        return valueBytes;
    }

    public int maxEntries() {
        return info.maxEntries();
    }

    public Fd fd() {
        return fd;
    }

    /** {@return a second owner of the same map} */
    public BpfMap duplicate() {
        return new BpfMap(fd.duplicate(), this);
    }

    /** {@return a view with Java types} */
    public <K, V> TypedMap<K, V> typed(Codec<K> keys, Codec<V> values) {
        return new TypedMap<>(this, keys, values);
    }

    private MemorySegment nativeMemory(MemorySegment segment, int size, String what) {
        if (!segment.isNative() || segment.byteSize() < size) {
            throw new IllegalArgumentException(
                    "%s of map %s needs %d bytes of native memory, not %s"
                            .formatted(what, name, size, segment));
        }
        return segment;
    }

    MemorySegment key(MemorySegment segment) {
        return nativeMemory(segment, keySize(), "key");
    }

    MemorySegment value(MemorySegment segment) {
        return nativeMemory(segment, valueBytes, "value");
    }

    private MemorySegment copy(Arena arena, byte[] bytes, int size, String what) {
        if (bytes.length != size) {
            throw new IllegalArgumentException(
                    "%s of map %s has %d bytes, not %d".formatted(what, name, bytes.length, size));
        }
        MemorySegment segment = arena.allocate(Math.max(size, 1), 8);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, segment, 0, size);
        return segment;
    }

    private long element(int command, MemorySegment key, MemorySegment value, long flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = Bpf.attr(arena, 32);
            Bpf.put(attr, 0, fd.number());
            Bpf.put(attr, 8, key);
            Bpf.put(attr, 16, value);
            Bpf.put(attr, 24, flags);
            return Bpf.call(command, attr);
        }
    }

    BpfSyscallException failure(String operation, long result) {
        return new BpfSyscallException(
                operation + " map " + name, (int) -result, Explain.mapOperation(info, result));
    }

    private boolean found(String operation, long result) {
        if (result == -Errno.ENOENT) {
            return false;
        }
        if (result < 0) {
            throw failure(operation, result);
        }
        return true;
    }

    /** Reads the value of {@code key} into {@code value}. {@return whether there is one} */
    public boolean lookup(MemorySegment key, MemorySegment value) {
        return found("look up in", element(Bpf.MAP_LOOKUP, key(key), value(value), 0));
    }

    /** {@return the value of {@code key}} */
    public Optional<byte[]> lookup(byte[] key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(valueBytes, 8);
            return lookup(copy(arena, key, keySize(), "key"), value)
                    ? Optional.of(value.toArray(ValueLayout.JAVA_BYTE))
                    : Optional.empty();
        }
    }

    /** Writes an element. */
    public void update(MemorySegment key, MemorySegment value, UpdateMode mode) {
        long result = element(Bpf.MAP_UPDATE, key(key), value(value), mode.code());
        if (result < 0) {
            throw failure("update", result);
        }
    }

    /** Writes an element. */
    public void update(byte[] key, byte[] value, UpdateMode mode) {
        try (Arena arena = Arena.ofConfined()) {
            update(
                    copy(arena, key, keySize(), "key"),
                    copy(arena, value, valueBytes, "value"),
                    mode);
        }
    }

    /** Puts a program or a map into a slot of an array of them. */
    void updateFd(int key, Fd value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment k = arena.allocate(Math.max(4, keySize()), 8);
            MemorySegment v = arena.allocate(4, 8);
            Bpf.put(k, 0, key);
            Bpf.put(v, 0, value.number());
            update(k, v, UpdateMode.ANY);
        }
    }

    /** Puts a program into slot {@code index} of a program array. */
    public void setProgram(int index, BpfProgram program) {
        updateFd(index, program.fd());
    }

    /** Puts a map into a map of maps; its shape must be that of the declared inner map. */
    public void setMap(byte[] key, BpfMap inner) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment v = arena.allocate(4, 8);
            Bpf.put(v, 0, inner.fd.number());
            update(copy(arena, key, keySize(), "key"), v, UpdateMode.ANY);
        }
    }

    /** {@return the map at {@code key} of a map of maps; the caller closes it} */
    public Optional<BpfMap> innerMap(byte[] key) {
        return lookup(key).map(id -> openById(MemorySegments.int32(id)));
    }

    /** Removes an element. {@return whether there was one} */
    public boolean delete(MemorySegment key) {
        return found("delete from", element(Bpf.MAP_DELETE, key(key), MemorySegment.NULL, 0));
    }

    /** Removes an element. {@return whether there was one} */
    public boolean delete(byte[] key) {
        try (Arena arena = Arena.ofConfined()) {
            return delete(copy(arena, key, keySize(), "key"));
        }
    }

    /**
     * Removes an element and reads its last value, in one step. Hash maps since 5.14; queues and
     * stacks have no key: give {@link MemorySegment#NULL}.
     *
     * @return whether there was one
     */
    public boolean lookupAndDelete(MemorySegment key, MemorySegment value) {
        MemorySegment k = keySize() == 0 ? key : key(key);
        return found("take from", element(Bpf.MAP_LOOKUP_AND_DELETE, k, value(value), 0));
    }

    /** As {@link #lookupAndDelete(MemorySegment, MemorySegment)}. */
    public Optional<byte[]> lookupAndDelete(byte[] key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(valueBytes, 8);
            return lookupAndDelete(copy(arena, key, keySize(), "key"), value)
                    ? Optional.of(value.toArray(ValueLayout.JAVA_BYTE))
                    : Optional.empty();
        }
    }

    /**
     * Steps through the keys, in no order. When {@code key} has gone meanwhile, hash maps begin
     * again: callers bound their steps, as {@link #batch} does.
     *
     * @param key {@link MemorySegment#NULL} for the first
     * @return whether there is a next one
     */
    public boolean nextKey(MemorySegment key, MemorySegment next) {
        MemorySegment k = key.address() == 0 ? key : key(key);
        return found("next key of", element(Bpf.MAP_NEXT_KEY, k, key(next), 0));
    }

    /** {@return operations on many elements at once} */
    public MapBatch batch() {
        return batch;
    }

    /** Forbids user space to write, for good; programs may still. */
    public void freeze() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = Bpf.attr(arena, 4);
            Bpf.put(attr, 0, fd.number());
            Bpf.check(Bpf.MAP_FREEZE, attr, "freeze map " + name);
        }
    }

    /**
     * Shares the values of an array made with {@link MapSpec#MMAPABLE}: element i begins at i times
     * the value size rounded up to 8.
     */
    public Mapping map(boolean writable) {
        return Linux.map(fd, 0, mappedBytes(), protection(writable));
    }

    /** As {@link #map}, for a large array of which little is in use. */
    public SparseMapping mapSparsely(boolean writable) {
        return new SparseMapping(fd, mappedBytes(), protection(writable));
    }

    private long mappedBytes() {
        long length = (long) slot(info.valueSize()) * maxEntries();
        return (length + Page.SIZE - 1) / Page.SIZE * Page.SIZE;
    }

    private static int protection(boolean writable) {
        return writable ? Linux.PROT_READ | Linux.PROT_WRITE : Linux.PROT_READ;
    }

    /** Gives it a name on a bpffs; it then outlives this process. EEXIST when the name is taken. */
    public void pin(Path path) {
        Bpf.pin(fd, path);
    }

    @Override
    public void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return name + ": " + info.shape();
    }
}
