package io.weft.bpf;

/**
 * A function inside a program: the main one comes first, called ones follow.
 *
 * @param start index of its first slot in {@link ProgramSpec#instructions()}
 * @param length in slots
 * @param typeId its FUNC in the BTF; 0 without BTF
 */
public record FunctionSpec(String name, int start, int length, int typeId) {}
