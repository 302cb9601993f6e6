package io.weft.bpf;

/**
 * An instruction that needs the address of a map, which is known only once the map is made.
 *
 * @param instruction index of the first slot of a {@link Instruction#LOAD_IMMEDIATE_64}
 * @param map name in {@link ObjectSpec#maps()}
 * @param kind the map itself, or its only value ({@code .rodata}, {@code .data}, {@code .bss})
 * @param offset bytes into the value; 0 for the map itself
 */
public record MapReference(int instruction, String map, Kind kind, int offset) {
    /** What is wanted of the map. */
    public enum Kind {
        MAP,
        VALUE
    }

    MapReference at(int newInstruction) {
        return new MapReference(newInstruction, map, kind, offset);
    }
}
