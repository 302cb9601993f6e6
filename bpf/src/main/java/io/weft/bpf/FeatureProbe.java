package io.weft.bpf;

import io.weft.kernel.Errno;
import io.weft.kernel.Fd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Finds out what this kernel can do, by trying. Meant for explaining a failure, not for deciding
 * beforehand: try first.
 */
public final class FeatureProbe {
    private static final int MOVE_IMMEDIATE = 0xb7;
    private static final int EXIT = 0x95;
    private static final int LOG_ROOM = 4096;

    /** Each row: the kernel that brought the helpers up to that number. */
    private static final Object[][] HELPERS = {
        {3, "3.19"}, {11, "4.1"}, {16, "4.2"}, {22, "4.3"}, {25, "4.4"}, {26, "4.5"},
        {30, "4.6"}, {36, "4.8"}, {41, "4.9"}, {44, "4.10"}, {45, "4.11"}, {47, "4.12"},
        {50, "4.13"}, {53, "4.14"}, {57, "4.15"}, {59, "4.16"}, {64, "4.17"}, {80, "4.18"},
        {83, "4.19"}, {90, "4.20"}, {92, "5.0"}, {98, "5.1"}, {108, "5.2"}, {110, "5.3"},
        {115, "5.5"}, {119, "5.6"}, {124, "5.7"}, {135, "5.8"}, {141, "5.9"}, {155, "5.10"},
        {162, "5.11"}, {163, "5.12"}, {165, "5.13"}, {168, "5.14"}, {175, "5.15"}, {179, "5.16"},
        {185, "5.17"}, {193, "5.18"}, {203, "5.19"}, {207, "6.0"}, {209, "6.1"}, {211, "6.2"},
    };

    private FeatureProbe() {}

    /**
     * {@return whether programs of this type can be loaded}
     *
     * @throws BpfSyscallException EPERM without the privilege to find out
     * @throws IllegalArgumentException for types that need a target in the kernel to be tried
     */
    public static boolean supports(ProgramType type) {
        long result = tryLoad(type, Optional.empty()).result();
        return answer(result, "probe program type " + type);
    }

    /**
     * {@return whether programs of {@code type} may call helper {@code number}}
     *
     * @param number as in include/uapi/linux/bpf.h, such as 130 for bpf_ringbuf_output
     */
    public static boolean supportsHelper(ProgramType type, int number) {
        Attempt attempt = tryLoad(type, Optional.of(number));
        if (attempt.result() == -Errno.EPERM) {
            answer(attempt.result(), "probe helper " + number);
        }
        return attempt.result() >= 0
                || (!attempt.log().isEmpty()
                        && !attempt.log().contains("invalid func ")
                        && !attempt.log().contains("unknown func ")
                        && !attempt.log().contains("program of this type cannot use helper"));
    }

    /** {@return whether maps of this type can be made; see {@link #supports(ProgramType)}} */
    public static boolean supports(MapType type) {
        MapSpec smallest =
                switch (type) {
                    case RINGBUF, USER_RINGBUF -> of(type, 0, 0, Page.SIZE, 0);
                    case LPM_TRIE -> of(type, 8, 8, 1, MapSpec.NO_PREALLOC);
                    case QUEUE, STACK, BLOOM_FILTER -> of(type, 0, 4, 1, 0);
                    case STACK_TRACE -> of(type, 4, 8, 1, 0);
                    case ARRAY_OF_MAPS, HASH_OF_MAPS ->
                            of(type, 4, 4, 1, 0).withInner(of(MapType.ARRAY, 4, 4, 1, 0));
                    case CGROUP_STORAGE, PERCPU_CGROUP_STORAGE -> of(type, 16, 8, 0, 0);
                    case REUSEPORT_SOCKARRAY -> of(type, 4, 8, 1, 0);
                    case HASH,
                            ARRAY,
                            PROG_ARRAY,
                            PERF_EVENT_ARRAY,
                            PERCPU_HASH,
                            PERCPU_ARRAY,
                            CGROUP_ARRAY,
                            LRU_HASH,
                            LRU_PERCPU_HASH,
                            DEVMAP,
                            SOCKMAP,
                            CPUMAP,
                            XSKMAP,
                            SOCKHASH,
                            DEVMAP_HASH ->
                            of(type, 4, 4, 1, 0);
                    case SK_STORAGE, STRUCT_OPS, INODE_STORAGE, TASK_STORAGE, CGRP_STORAGE, ARENA ->
                            throw new IllegalArgumentException(type + " needs types to be tried");
                };
        try (BpfMap map = MapCreation.createQuietly(smallest)) {
            return map.type() == type;
        } catch (BpfSyscallException e) {
            return answer(-e.errno().code(), "probe map type " + type);
        }
    }

    private static MapSpec of(MapType type, int key, int value, int entries, int flags) {
        return MapSpec.of("probe", type, key, value, entries, flags);
    }

    /** {@return the least kernel that has helper {@code number}, where that is known} */
    public static Optional<String> helperSince(int number) {
        for (Object[] row : HELPERS) {
            if (number <= (int) row[0]) {
                return Optional.of((String) row[1]);
            }
        }
        return Optional.empty();
    }

    private static boolean answer(long result, String operation) {
        if (result == -Errno.EPERM) {
            throw new BpfSyscallException(operation, Errno.EPERM, Explain.errno(Errno.EPERM));
        }
        return result >= 0;
    }

    private record Attempt(long result, String log) {}

    private static Attempt tryLoad(ProgramType type, Optional<Integer> helper) {
        int attachType =
                switch (type) {
                    case CGROUP_SOCK_ADDR -> AttachType.CGROUP_INET4_CONNECT.code();
                    case CGROUP_SOCKOPT -> AttachType.CGROUP_GETSOCKOPT.code();
                    case SK_LOOKUP -> AttachType.SK_LOOKUP.code();
                    case NETFILTER -> AttachType.NETFILTER.code();
                    case UNSPECIFIED, TRACING, STRUCT_OPS, EXT, LSM ->
                            throw new IllegalArgumentException(
                                    type + " needs a target to be tried");
                    default -> 0;
                };
        try (Arena arena = Arena.ofConfined()) {
            int count = 2;
            MemorySegment code = arena.allocate((long) count * Instruction.SIZE, 8);
            Instruction first =
                    new Instruction(
                            helper.isPresent() ? Instruction.CALL : MOVE_IMMEDIATE,
                            0,
                            0,
                            (short) 0,
                            helper.orElse(1));
            Bpf.put(code, 0, first.encoded());
            Bpf.put(code, 8, new Instruction(EXIT, 0, 0, (short) 0, 0).encoded());
            MemorySegment attr = Bpf.attr(arena, 72);
            Bpf.put(attr, 0, type.code());
            Bpf.put(attr, 4, count);
            Bpf.put(attr, 8, code);
            Bpf.put(attr, 16, arena.allocateFrom("GPL"));
            Bpf.put(attr, 68, attachType);
            MemorySegment log = arena.allocate(LOG_ROOM, 8);
            long result = VerifierLog.call(Bpf.PROG_LOAD, attr, 32, 28, 24, 1, log);
            if (result >= 0) {
                Fd.own((int) result, "probe").close();
            }
            return new Attempt(result, VerifierLog.read(log));
        }
    }
}
