package io.weft.bpf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where control groups are. */
public final class Cgroups {
    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

    private Cgroups() {}

    /** {@return where cgroup2 is mounted, also beside version 1; empty when it is not} */
    public static Optional<Path> root() {
        try {
            return root(Files.readAllLines(MOUNTS));
        } catch (IOException e) {
            throw new UncheckedIOException("read " + MOUNTS, e);
        }
    }

    /**
     * Reads lines such as {@code 31 24 0:27 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw}: the
     * mount point is the fifth field, the type follows the lone dash; proc_pid_mountinfo(5).
     */
    static Optional<Path> root(List<String> mountinfo) {
        for (String line : mountinfo) {
            int dash = line.indexOf(" - ");
            if (dash >= 0 && line.startsWith("cgroup2 ", dash + 3)) {
                String[] fields = line.substring(0, dash).split(" ", -1);
                if (fields.length > 4) {
                    return Optional.of(Path.of(unescape(fields[4])));
                }
            }
        }
        return Optional.empty();
    }

    /** Space, tab, newline and backslash are written as three octal digits. */
    private static String unescape(String field) {
        return field.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
