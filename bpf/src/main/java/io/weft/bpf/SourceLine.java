package io.weft.bpf;

/**
 * Where an instruction comes from: one record of line_info.
 *
 * @param instruction index into {@link ProgramSpec#instructions()}, counting 8-byte slots
 * @param line from 1; 0 when the compiler made the instruction up
 * @param fileOffset of {@code file} in the BTF strings, as the kernel wants it
 * @param textOffset of {@code text} in the BTF strings
 */
public record SourceLine(
        int instruction,
        String file,
        int line,
        int column,
        String text,
        int fileOffset,
        int textOffset) {
    SourceLine at(int newInstruction) {
        return new SourceLine(newInstruction, file, line, column, text, fileOffset, textOffset);
    }

    /** {@return {@code file.c:12: text of the line}} */
    @Override
    public String toString() {
        return file + ":" + line + ": " + text.strip();
    }
}
