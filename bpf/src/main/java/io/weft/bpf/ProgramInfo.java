package io.weft.bpf;

import io.weft.kernel.Fd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/**
 * What the kernel says about a program: {@code struct bpf_prog_info}.
 *
 * @param name at most 15 bytes of the name that it was loaded with
 * @param tag hash of the instructions, 16 hex digits
 * @param translatedBytes of instructions after the verifier rewrote them
 * @param jitedBytes of machine code; 0 when the kernel interprets
 * @param verifiedInstructions that the verifier walked; 0 before 5.16
 */
public record ProgramInfo(
        int id,
        String name,
        ProgramType type,
        String tag,
        int translatedBytes,
        int jitedBytes,
        int verifiedInstructions) {
    static ProgramInfo of(Fd fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = Bpf.info(arena, fd, 224);
            byte[] tag = info.asSlice(8, 8).toArray(ValueLayout.JAVA_BYTE);
            return new ProgramInfo(
                    Bpf.getInt(info, 4),
                    Bpf.name(info, 64),
                    ProgramType.of(Bpf.getInt(info, 0)),
                    HexFormat.of().formatHex(tag),
                    Bpf.getInt(info, 20),
                    Bpf.getInt(info, 16),
                    Bpf.getInt(info, 216));
        }
    }
}
