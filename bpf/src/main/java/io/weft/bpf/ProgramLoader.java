package io.weft.bpf;

import io.weft.kernel.Errno;
import io.weft.kernel.Fd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** PROG_LOAD: fills in map descriptors, adds function and line records, explains refusals. */
final class ProgramLoader {
    private static final int LOG_LEVEL = 24;
    private static final int LOG_SIZE = 28;
    private static final int LOG_BUFFER = 32;
    private static final int LOG_ROOM = 4 << 20;
    private static final int FUNC_INFO_SIZE = 8;
    private static final int LINE_INFO_SIZE = 16;

    /** {@code 12: (71) r1 = *(u8 *)(r2 +0)}: the verifier looks at slot 12. */
    private static final Pattern STEP = Pattern.compile("^(\\d+): \\([0-9a-f]{2}\\)");

    private final ObjectSpec spec;
    private final Map<String, BpfMap> maps;
    private final Optional<Fd> btf;
    private final LoadOptions options;

    ProgramLoader(
            ObjectSpec spec, Map<String, BpfMap> maps, Optional<Fd> btf, LoadOptions options) {
        this.spec = spec;
        this.maps = maps;
        this.btf = btf;
        this.options = options;
    }

    BpfProgram load(ProgramSpec program) {
        if (program.type() == ProgramType.UNSPECIFIED) {
            throw new ObjectFormatException(
                    "section %s does not say what program %s is: use withProgramType"
                            .formatted(program.section(), program.name()));
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = Bpf.attr(arena, 128);
            Bpf.put(attr, 0, program.type().code());
            Bpf.put(attr, 4, program.instructions().size());
            Bpf.put(attr, 8, instructions(arena, program));
            Bpf.put(attr, 16, arena.allocateFrom(spec.license()));
            Bpf.putName(attr, 48, program.name());
            program.attachType().ifPresent(type -> Bpf.put(attr, 68, type.code()));
            btf.ifPresent(types -> debugInfo(arena, attr, program, types));
            String log = "";
            long result;
            if (options.logLevel() == 0) {
                result = Bpf.call(Bpf.PROG_LOAD, attr);
            } else {
                MemorySegment text = arena.allocate(LOG_ROOM, 8);
                result =
                        VerifierLog.call(
                                Bpf.PROG_LOAD,
                                attr,
                                LOG_BUFFER,
                                LOG_SIZE,
                                LOG_LEVEL,
                                options.logLevel(),
                                text);
                log = VerifierLog.read(text);
            }
            if (result < 0) {
                throw failure(program, attr, (int) -result, log);
            }
            return new BpfProgram(
                    Fd.own((int) result, "program " + program.name()),
                    program.name(),
                    program.attachType(),
                    log);
        }
    }

    private MemorySegment instructions(Arena arena, ProgramSpec program) {
        List<Instruction> all = program.instructions();
        MemorySegment slots = arena.allocate((long) all.size() * Instruction.SIZE, 8);
        for (int i = 0; i < all.size(); i++) {
            Bpf.put(slots, (long) i * Instruction.SIZE, all.get(i).encoded());
        }
        for (MapReference reference : program.references()) {
            BpfMap map = maps.get(reference.map());
            if (map == null) {
                throw new ObjectFormatException(
                        "program %s uses map %s, which is left out"
                                .formatted(program.name(), reference.map()));
            }
            long at = (long) reference.instruction() * Instruction.SIZE;
            Bpf.put(slots, at + 4, map.fd().number());
            Bpf.put(slots, at + 12, reference.offset());
        }
        return slots;
    }

    /** Callbacks and global functions are known to the verifier only by their func_info. */
    private static void debugInfo(Arena arena, MemorySegment attr, ProgramSpec program, Fd types) {
        List<FunctionSpec> functions = program.functions();
        if (functions.stream().anyMatch(f -> f.typeId() == 0)) {
            return;
        }
        Bpf.put(attr, 72, types.number());
        MemorySegment funcInfo = arena.allocate((long) functions.size() * FUNC_INFO_SIZE, 8);
        for (int i = 0; i < functions.size(); i++) {
            Bpf.put(funcInfo, (long) i * FUNC_INFO_SIZE, functions.get(i).start());
            Bpf.put(funcInfo, (long) i * FUNC_INFO_SIZE + 4, functions.get(i).typeId());
        }
        Bpf.put(attr, 76, FUNC_INFO_SIZE);
        Bpf.put(attr, 80, funcInfo);
        Bpf.put(attr, 88, functions.size());
        List<SourceLine> lines = program.lines();
        if (lines.isEmpty()) {
            return;
        }
        MemorySegment lineInfo = arena.allocate((long) lines.size() * LINE_INFO_SIZE, 8);
        for (int i = 0; i < lines.size(); i++) {
            SourceLine line = lines.get(i);
            long at = (long) i * LINE_INFO_SIZE;
            Bpf.put(lineInfo, at, line.instruction());
            Bpf.put(lineInfo, at + 4, line.fileOffset());
            Bpf.put(lineInfo, at + 8, line.textOffset());
            Bpf.put(lineInfo, at + 12, line.line() << 10 | line.column());
        }
        Bpf.put(attr, 92, LINE_INFO_SIZE);
        Bpf.put(attr, 96, lineInfo);
        Bpf.put(attr, 104, lines.size());
    }

    private static BpfException failure(
            ProgramSpec program, MemorySegment attr, int errno, String knownLog) {
        boolean ask = knownLog.isEmpty() && errno != Errno.EPERM;
        String log =
                ask
                        ? VerifierLog.of(Bpf.PROG_LOAD, attr, LOG_BUFFER, LOG_SIZE, LOG_LEVEL)
                        : knownLog;
        if (log.isBlank()) {
            return new BpfSyscallException(
                    "load program " + program.name() + " (" + program.type() + ")",
                    errno,
                    Explain.programLoad(program.type(), errno));
        }
        return new VerifierException(
                program.name(), errno, log + Explain.verifier(log), lastLine(program, log));
    }

    /** {@return the line of the last slot that the verifier names} */
    static Optional<SourceLine> lastLine(ProgramSpec program, String log) {
        int last = -1;
        for (String line : log.split("\n", -1)) {
            Matcher step = STEP.matcher(line);
            if (step.find()) {
                last = Integer.parseInt(step.group(1));
            }
        }
        return last < 0 ? Optional.empty() : program.lineOf(last);
    }
}
