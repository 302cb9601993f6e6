package io.weft.bpf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns values into bytes with a fixed layout and back. Integers are in host byte order unless the
 * codec says otherwise.
 */
public interface Codec<T> {
    /** {@return bytes that every value takes} */
    int size();

    /** Writes all {@link #size} bytes, padding included, from offset 0. */
    void write(MemorySegment to, T value);

    /** {@return the value at offset 0} */
    T read(MemorySegment from);

    /** {@code __u32}; the Java int has the same bits. */
    Codec<Integer> U32 =
            new Codec<>() {
                @Override
                public int size() {
                    return 4;
                }

                @Override
                public void write(MemorySegment to, Integer value) {
                    to.set(ValueLayout.JAVA_INT_UNALIGNED, 0, value);
                }

                @Override
                public Integer read(MemorySegment from) {
                    return from.get(ValueLayout.JAVA_INT_UNALIGNED, 0);
                }
            };

    /** {@code __u64}; the Java long has the same bits. */
    Codec<Long> U64 =
            new Codec<>() {
                @Override
                public int size() {
                    return 8;
                }

                @Override
                public void write(MemorySegment to, Long value) {
                    to.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
                }

                @Override
                public Long read(MemorySegment from) {
                    return from.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
                }
            };

    /** {@return {@code __u8[size]}} */
    static Codec<Bytes> bytes(int size) {
        return new Codec<>() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public void write(MemorySegment to, Bytes value) {
                if (value.length() != size) {
                    throw new IllegalArgumentException(
                            "%d bytes wanted, not %d".formatted(size, value.length()));
                }
                MemorySegment.copy(value.segment(), 0, to, 0, size);
            }

            @Override
            public Bytes read(MemorySegment from) {
                return Bytes.copyOf(from.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE));
            }
        };
    }

    /** {@return the value of a per-CPU map: one {@code element} for each possible CPU} */
    static <T> Codec<List<T>> perCpu(Codec<T> element) {
        int slot = BpfMap.slot(element.size());
        int cpus = Cpus.possible();
        return new Codec<>() {
            @Override
            public int size() {
                return slot * cpus;
            }

            @Override
            public void write(MemorySegment to, List<T> value) {
                if (value.size() != cpus) {
                    throw new IllegalArgumentException(
                            "%d values for %d CPUs".formatted(value.size(), cpus));
                }
                for (int cpu = 0; cpu < cpus; cpu++) {
                    element.write(to.asSlice((long) cpu * slot, element.size()), value.get(cpu));
                }
            }

            @Override
            public List<T> read(MemorySegment from) {
                List<T> values = new ArrayList<>(cpus);
                for (int cpu = 0; cpu < cpus; cpu++) {
                    values.add(element.read(from.asSlice((long) cpu * slot, element.size())));
                }
                return List.copyOf(values);
            }
        };
    }
}
