package io.weft.datapath;

import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.tables.Abi;
import io.weft.tables.WorkloadValue;
import java.util.List;
import java.util.Optional;

/**
 * What the programs must know about the workload behind an interface.
 *
 * @param slot index of its policy, below {@link Abi#MAX_WORKLOADS}; unique and stable while wired
 * @param mac of the workload's own interface
 * @param gateway of the host-side interface
 * @param ips its addresses: at most one of each family, at least one
 * @param link what its interface leads to
 */
public record Workload(int slot, Mac mac, Mac gateway, List<Ip> ips, Link link) {
    /** What the interface of a workload leads to. */
    public enum Link {
        /** The node alone, which answers for all others. */
        ROUTED(0),
        /** A bridge: there are others, and the node. */
        SWITCHED(WorkloadValue.SWITCHED);

        private final int flags;

        Link(int flags) {
            this.flags = flags;
        }

        int flags() {
            return flags;
        }

        /** {@return the one of a workload that is wired} */
        public static Link of(WorkloadValue workload) {
            return (workload.flags() & WorkloadValue.SWITCHED) != 0 ? SWITCHED : ROUTED;
        }
    }

    /** Of one that is alone with the node. */
    public Workload(int slot, Mac mac, Mac gateway, List<Ip> ips) {
        this(slot, mac, gateway, ips, Link.ROUTED);
    }

    public Workload {
        ips = List.copyOf(ips);
        if (slot < 0 || slot >= Abi.MAX_WORKLOADS) {
            throw new IllegalArgumentException(
                    "slot " + slot + ": a node holds " + Abi.MAX_WORKLOADS + " workloads");
        }
        long v4 = ips.stream().filter(Ip::isV4).count();
        if (ips.isEmpty() || v4 > 1 || ips.size() - v4 > 1) {
            throw new IllegalArgumentException(
                    "addresses " + ips + ": one of each family at most, and at least one");
        }
    }

    Optional<Ip> ip4() {
        return ips.stream().filter(Ip::isV4).findFirst();
    }

    Optional<Ip> ip6() {
        return ips.stream().filter(ip -> !ip.isV4()).findFirst();
    }
}
