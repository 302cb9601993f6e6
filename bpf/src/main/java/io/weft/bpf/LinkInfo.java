package io.weft.bpf;

import io.weft.kernel.Fd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What the kernel says about a link: {@code struct bpf_link_info}. */
public sealed interface LinkInfo {
    /** {@return number of the link, unique until the machine restarts} */
    int id();

    /** {@return number of the program that hangs there now} */
    int programId();

    /**
     * @param ifindex 0 when the interface is gone
     */
    record Xdp(int id, int programId, int ifindex) implements LinkInfo {}

    /**
     * @param ifindex 0 when the interface is gone
     * @param attachType number in {@link AttachType}
     */
    record Tcx(int id, int programId, int ifindex, int attachType) implements LinkInfo {}

    /**
     * @param cgroupId inode of the directory; 0 when it is gone
     */
    record Cgroup(int id, int programId, long cgroupId, int attachType) implements LinkInfo {}

    /**
     * @param inode of the namespace; 0 when it is gone
     */
    record Netns(int id, int programId, int inode, int attachType) implements LinkInfo {}

    /**
     * @param type number in {@code enum bpf_link_type}
     */
    record Other(int id, int programId, int type) implements LinkInfo {}

    static LinkInfo of(Fd fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = Bpf.info(arena, fd, 64);
            int type = Bpf.getInt(info, 0);
            int id = Bpf.getInt(info, 4);
            int program = Bpf.getInt(info, 8);
            int first = Bpf.getInt(info, 16);
            int second = Bpf.getInt(info, 20);
            return switch (type) {
                case 3 -> new Cgroup(id, program, Bpf.getLong(info, 16), Bpf.getInt(info, 24));
                case 5 -> new Netns(id, program, first, second);
                case 6 -> new Xdp(id, program, first);
                case 11 -> new Tcx(id, program, first, second);
                default -> new Other(id, program, type);
            };
        }
    }
}
