package io.weft.datapath;

import io.weft.bpf.BpfMap;
import io.weft.bpf.MapSpec;
import io.weft.bpf.MapType;

/**
 * Waits until every program that runs now has ended. User space has no call for it; but the kernel
 * does wait, in synchronize_rcu(), before it returns from an update of a map of maps
 * (kernel/bpf/syscall.c, maybe_wait_bpf_programs).
 */
final class GracePeriod implements AutoCloseable {
    private static final MapSpec INNER = MapSpec.of("weft_grace_in", MapType.ARRAY, 4, 4, 1, 0);

    private final BpfMap inner = BpfMap.create(INNER);
    private final BpfMap outer;

    GracePeriod() {
        try {
            outer =
                    BpfMap.create(
                            MapSpec.of("weft_grace", MapType.ARRAY_OF_MAPS, 4, 4, 1, 0)
                                    .withInner(INNER));
        } catch (RuntimeException e) {
            inner.close();
            throw e;
        }
    }

    void await() {
        outer.setMap(new byte[4], inner);
    }

    @Override
    public void close() {
        outer.close();
        inner.close();
    }
}
