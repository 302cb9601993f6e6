package io.weft.bpf;

import io.weft.kernel.Fd;
import io.weft.kernel.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * bpf(2): its commands, and {@code union bpf_attr} as zeroed native memory that is filled by
 * offset. Offsets are those of include/uapi/linux/bpf.h, which never change.
 */
final class Bpf {
    static final int MAP_CREATE = 0;
    static final int MAP_LOOKUP = 1;
    static final int MAP_UPDATE = 2;
    static final int MAP_DELETE = 3;
    static final int MAP_NEXT_KEY = 4;
    static final int PROG_LOAD = 5;
    static final int OBJ_PIN = 6;
    static final int OBJ_GET = 7;
    static final int PROG_TEST_RUN = 10;
    static final int PROG_GET_FD_BY_ID = 13;
    static final int MAP_GET_FD_BY_ID = 14;
    static final int OBJ_GET_INFO = 15;
    static final int BTF_LOAD = 18;
    static final int MAP_LOOKUP_AND_DELETE = 21;
    static final int MAP_FREEZE = 22;
    static final int MAP_LOOKUP_BATCH = 24;
    static final int MAP_LOOKUP_AND_DELETE_BATCH = 25;
    static final int MAP_UPDATE_BATCH = 26;
    static final int MAP_DELETE_BATCH = 27;
    static final int LINK_CREATE = 28;
    static final int LINK_UPDATE = 29;
    static final int LINK_DETACH = 34;

    private static final int MAX_NAME = 15;

    private Bpf() {}

    /** {@return zeroes for {@code union bpf_attr}} */
    static MemorySegment attr(Arena arena, int size) {
        return arena.allocate(size, 8);
    }

    static void put(MemorySegment attr, long offset, int value) {
        attr.set(ValueLayout.JAVA_INT, offset, value);
    }

    static void put(MemorySegment attr, long offset, long value) {
        attr.set(ValueLayout.JAVA_LONG, offset, value);
    }

    static void put(MemorySegment attr, long offset, MemorySegment pointer) {
        attr.set(ValueLayout.JAVA_LONG, offset, pointer.address());
    }

    static int getInt(MemorySegment attr, long offset) {
        return attr.get(ValueLayout.JAVA_INT, offset);
    }

    static long getLong(MemorySegment attr, long offset) {
        return attr.get(ValueLayout.JAVA_LONG, offset);
    }

    /** Writes a name the way the kernel accepts it: 15 bytes of letters, digits, _ and dot. */
    static void putName(MemorySegment attr, long offset, String name) {
        for (int i = 0; i < Math.min(name.length(), MAX_NAME); i++) {
            char c = name.charAt(i);
            boolean good =
                    (c >= 'a' && c <= 'z')
                            || (c >= 'A' && c <= 'Z')
                            || (c >= '0' && c <= '9')
                            || c == '_'
                            || c == '.';
            attr.set(ValueLayout.JAVA_BYTE, offset + i, (byte) (good ? c : '_'));
        }
    }

    /** {@return the result, or the negated errno} */
    static long call(int command, MemorySegment attr) {
        return Linux.bpf(command, attr);
    }

    /** {@return the result} */
    static long check(int command, MemorySegment attr, String operation) {
        long result = call(command, attr);
        if (result < 0) {
            throw new BpfSyscallException(operation, (int) -result, Explain.errno((int) -result));
        }
        return result;
    }

    /** OBJ_PIN. The directory must be on a bpffs. */
    static void pin(Fd fd, Path path) {
        BpfFs.require(path);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = attr(arena, 16);
            put(attr, 0, arena.allocateFrom(path.toString()));
            put(attr, 8, fd.number());
            check(OBJ_PIN, attr, "pin " + fd + " at " + path);
        }
    }

    /** OBJ_GET. */
    static Fd openPinned(Path path, String what) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = attr(arena, 16);
            put(attr, 0, arena.allocateFrom(path.toString()));
            return Fd.own((int) check(OBJ_GET, attr, "open pinned " + what + " " + path), what);
        }
    }

    static Fd openById(int command, int id, String what) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = attr(arena, 12);
            put(attr, 0, id);
            return Fd.own((int) check(command, attr, "open " + what + " with id " + id), what);
        }
    }

    /** OBJ_GET_INFO_BY_FD into {@code size} bytes; what an older kernel does not know stays 0. */
    static MemorySegment info(Arena arena, Fd fd, int size) {
        MemorySegment info = arena.allocate(size, 8);
        MemorySegment attr = attr(arena, 16);
        put(attr, 0, fd.number());
        put(attr, 4, size);
        put(attr, 8, info);
        check(OBJ_GET_INFO, attr, "info of " + fd);
        return info;
    }

    /** {@return the fixed-size, zero-padded name at {@code offset}} */
    static String name(MemorySegment info, long offset) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i <= MAX_NAME; i++) {
            byte b = info.get(ValueLayout.JAVA_BYTE, offset + i);
            if (b == 0) {
                break;
            }
            name.append((char) (b & 0xff));
        }
        return name.toString();
    }
}
