package io.weft.datapath;

import io.weft.bpf.BpfMap;
import io.weft.kernel.Mapping;
import io.weft.tables.Abi;
import io.weft.tables.PlaceValue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * {@code weft_places}: where the workload of each slot is, for packets of open connections. A
 * program that reads a place while it changes, before or after, sees that it did, or nothing new.
 */
final class Places implements AutoCloseable {
    private static final VarHandle SEQUENCE = ValueLayout.JAVA_INT.varHandle();

    private final Mapping mapping;

    Places(BpfMap map) {
        if (map.maxEntries() != Abi.MAX_WORKLOADS) {
            throw new IllegalArgumentException(map + " has " + map.maxEntries() + " entries");
        }
        mapping = map.map(true);
    }

    void put(int slot, int ifindex, Workload workload) {
        PlaceValue place =
                new PlaceValue(
                        ifindex,
                        workload.mac(),
                        workload.gateway(),
                        workload.ip4(),
                        workload.ip6());
        write(slot, () -> place.writeAllButSequence(mapping.segment(), offset(slot)));
    }

    /** Clears the place, unless the workload of another interface has it by now. */
    void clear(int slot, int ifindex) {
        if (PlaceValue.ifindex(mapping.segment(), offset(slot)) == ifindex) {
            write(slot, () -> PlaceValue.writeNobody(mapping.segment(), offset(slot)));
        }
    }

    private void write(int slot, Runnable body) {
        MemorySegment segment = mapping.segment();
        long at = offset(slot) + PlaceValue.SEQUENCE_OFFSET;
        int odd = (int) SEQUENCE.getVolatile(segment, at) | 1; // odd already: the writer died
        SEQUENCE.setVolatile(segment, at, odd);
        VarHandle.fullFence();
        body.run();
        SEQUENCE.setVolatile(segment, at, odd + 1);
    }

    private static long offset(int slot) {
        return (long) slot * PlaceValue.SIZE;
    }

    @Override
    public void close() {
        mapping.close();
    }
}
