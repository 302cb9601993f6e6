package io.weft.netlink;

import io.weft.kernel.Fd;

/**
 * A BPF program to attach at a link's clsact hook in direct-action mode: its return value is the
 * verdict. Link, direction, priority and handle are its identity; attaching to the same identity
 * replaces the program, and every packet meets the old or the new one.
 *
 * @param link ifindex
 * @param priority 1 to 65535, lower runs first
 * @param handle 1 and up
 * @param name what {@code tc filter show} prints, up to 255 bytes
 * @param program descriptor of a BPF_PROG_TYPE_SCHED_CLS program
 */
public record BpfFilter(
        int link, Direction direction, int priority, int handle, String name, Fd program) {

    /** As seen from the link: a veth's host end receives on ingress what the pod sends. */
    public enum Direction {
        INGRESS(0xfffffff2),
        EGRESS(0xfffffff3);

        private final int parent;

        Direction(int parent) {
            this.parent = parent;
        }

        /** TC_H_CLSACT with TC_H_MIN_INGRESS or TC_H_MIN_EGRESS. */
        int parent() {
            return parent;
        }
    }

    /**
     * A filter of kind bpf that is in force.
     *
     * @param handle 1 and up
     * @param programId of the BPF program, as in {@code bpftool prog show id}
     * @param tag 16 hexadecimal digits: a digest of the program's instructions
     * @param directAction whether the program's return value is the verdict
     */
    public record Attached(
            int link,
            Direction direction,
            int priority,
            int handle,
            String name,
            int programId,
            String tag,
            boolean directAction) {}

    public BpfFilter {
        check(priority, handle);
    }

    static void check(int priority, int handle) {
        if (priority < 1 || priority > 0xffff || handle < 1) {
            throw new IllegalArgumentException(
                    "filter priority " + priority + " (1 to 65535), handle " + handle + " (1 up)");
        }
    }
}
