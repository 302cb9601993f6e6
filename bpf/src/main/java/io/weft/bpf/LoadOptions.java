package io.weft.bpf;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How {@link ObjectSpec#load} works.
 *
 * @param pinDirectory on a bpffs: maps that ask for pinning are taken from there when they are
 *     there and equal, else made and pinned there
 * @param replacements maps to use instead of making those of these names; they stay the caller's
 * @param logLevel of the verifier, kept in {@link BpfProgram#verifierLog}: 0 none, 1 brief, 2 every
 *     step, 4 statistics
 */
public record LoadOptions(
        Optional<Path> pinDirectory, Map<String, BpfMap> replacements, int logLevel) {
    public static final LoadOptions DEFAULT = new LoadOptions(Optional.empty(), Map.of(), 0);

    public LoadOptions {
        replacements = Map.copyOf(replacements);
    }

    public LoadOptions withPinDirectory(Path directory) {
        return new LoadOptions(Optional.of(directory), replacements, logLevel);
    }

    /** Uses {@code map} in place of the object's map {@code name}; it must have the same shape. */
    public LoadOptions withMap(String name, BpfMap map) {
        Map<String, BpfMap> all = new LinkedHashMap<>(replacements);
        all.put(name, map);
        return new LoadOptions(pinDirectory, all, logLevel);
    }

    public LoadOptions withLogLevel(int level) {
        return new LoadOptions(pinDirectory, replacements, level);
    }
}
