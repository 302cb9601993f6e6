package io.weft.bpf;

import io.weft.kernel.Errno;
import io.weft.kernel.Fd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Repeats a refused load with room for the kernel's log. */
final class VerifierLog {
    private static final int LEAST = 64 << 10;
    private static final int MOST = 4 << 20;

    private VerifierLog() {}

    /**
     * @param attr of the call that failed; the log fields are overwritten
     * @param buffer offset of the 64-bit pointer
     * @param size offset of the 32-bit size
     * @param level offset of the 32-bit level
     * @return the log, or its part that fits 4 MiB
     */
    static String of(int command, MemorySegment attr, int buffer, int size, int level) {
        for (int room = LEAST; ; room *= 4) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment text = arena.allocate(room, 8);
                long result = call(command, attr, buffer, size, level, 1, text);
                if (result >= 0) {
                    // it passes now: what refused it was not the program
                    Fd.own((int) result, "surplus").close();
                    return "";
                }
                if (result == -Errno.ENOSPC && room < MOST) {
                    continue;
                }
                return read(text);
            }
        }
    }

    static long call(
            int command,
            MemorySegment attr,
            int buffer,
            int size,
            int level,
            int logLevel,
            MemorySegment text) {
        Bpf.put(attr, buffer, text);
        Bpf.put(attr, size, (int) text.byteSize());
        Bpf.put(attr, level, logLevel);
        return Bpf.call(command, attr);
    }

    /** {@return the last {@code lines} lines} */
    static String tail(String log, int lines) {
        String[] all = log.strip().split("\n", -1);
        return String.join(
                "\n", Arrays.asList(all).subList(Math.max(0, all.length - lines), all.length));
    }

    static String read(MemorySegment text) {
        long end = 0;
        while (end < text.byteSize() && text.get(ValueLayout.JAVA_BYTE, end) != 0) {
            end++;
        }
        return new String(
                text.asSlice(0, end).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }
}
