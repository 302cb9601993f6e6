package io.weft.bpf;

import java.util.List;
import java.util.Optional;

/**
 * A program as the object file describes it, linked with the functions that it calls. Nothing here
 * depends on the machine.
 *
 * @param section such as {@code tc} or {@code cgroup/connect4}
 * @param type inferred from the section; {@link ProgramType#UNSPECIFIED} when it says nothing
 * @param instructions calls between functions are resolved; maps are not, see {@code references}
 * @param references instructions that need a map, in order
 * @param functions the program first, then what it reaches, each once
 * @param lines source lines in order of instruction; empty without -g
 */
public record ProgramSpec(
        String name,
        String section,
        ProgramType type,
        Optional<AttachType> attachType,
        List<Instruction> instructions,
        List<MapReference> references,
        List<FunctionSpec> functions,
        List<SourceLine> lines) {
    public ProgramSpec {
        instructions = List.copyOf(instructions);
        references = List.copyOf(references);
        functions = List.copyOf(functions);
        lines = List.copyOf(lines);
    }

    /** {@return the same program to be loaded as another type} */
    public ProgramSpec withType(ProgramType newType, Optional<AttachType> newAttachType) {
        return new ProgramSpec(
                name, section, newType, newAttachType, instructions, references, functions, lines);
    }

    /** {@return the line of C behind {@code instruction}} */
    public Optional<SourceLine> lineOf(int instruction) {
        SourceLine found = null;
        for (SourceLine line : lines) {
            if (line.instruction() > instruction) {
                break;
            }
            found = line;
        }
        return Optional.ofNullable(found);
    }
}
