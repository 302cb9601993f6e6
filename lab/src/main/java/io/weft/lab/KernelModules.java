package io.weft.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** How a part of the kernel that is off could be turned on. */
final class KernelModules {
    private static final Path RELEASE = Path.of("/proc/sys/kernel/osrelease");

    private KernelModules() {}

    /**
     * {@return the command that loads a module; of a kernel that was built without it, what kernel
     * would have it}
     */
    static Optional<String> enable(String module, String option) {
        return Optional.of(enable(modules(), module, option));
    }

    static String enable(List<String> modules, String module, String option) {
        boolean there =
                modules.stream()
                        .anyMatch(line -> line.matches(".*/" + module + "\\.ko(\\.[a-z]+)?(:.*)?"));
        return there ? "modprobe " + module : "boot a kernel with " + option + "=m";
    }

    private static List<String> modules() {
        try {
            String release = Files.readString(RELEASE).strip();
            return Files.readAllLines(Path.of("/lib/modules", release, "modules.dep"));
        } catch (IOException e) {
            return List.of(); // a kernel without modules
        }
    }
}
