package io.weft.lab;

import io.weft.kernel.NetNs;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Something that an experiment needs of the machine, found out by trying.
 *
 * @param name as people would say it
 * @param attempt tries it and takes it back; empty when it works, else why it does not
 */
public record Capability(String name, Supplier<Optional<String>> attempt) {
    /** To make network namespaces, which takes root. */
    public static final Capability NAMESPACES =
            new Capability(
                    "network namespaces",
                    () -> {
                        NetNs.createAnonymous().close();
                        return Optional.empty();
                    });

    /**
     * {@return a program in PATH}
     *
     * @param debian the package that has it
     */
    public static Capability program(String program, String debian) {
        return new Capability(
                program,
                () ->
                        Commands.isInstalled(program)
                                ? Optional.empty()
                                : Optional.of(
                                        program
                                                + " is not installed (Debian: apt-get install "
                                                + debian
                                                + ")"));
    }

    /** {@return why it cannot be had here; empty when it can} */
    public Optional<String> missing() {
        try {
            return attempt.get();
        } catch (RuntimeException e) {
            return Optional.of(e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    /** {@return what is missing of all of them, in one line; empty when nothing is} */
    static Optional<String> missing(List<Capability> all) {
        List<String> missing = all.stream().flatMap(c -> c.missing().stream()).distinct().toList();
        return missing.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", missing));
    }
}
