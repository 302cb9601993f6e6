package io.weft.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a node needs of its machine, asked before anything is made: one line for what is missing.
 */
final class MachineCheck {
    private static final int CAP_NET_ADMIN = 12;
    private static final int CAP_SYS_ADMIN = 21;
    private static final int CAP_BPF = 39;
    private static final int LEAST_MAJOR = 6;
    private static final int LEAST_MINOR = 1;

    private MachineCheck() {}

    /**
     * @throws NodeException with {@link NodeException.Cause#MACHINE}
     */
    static void require() {
        missing(read("/proc/self/status"), read("/proc/sys/kernel/osrelease"))
                .ifPresent(m -> {
                    throw new NodeException(NodeException.Cause.MACHINE, m);
                });
    }

    /** {@return what is missing, of a machine with these files} */
    static Optional<String> missing(String status, String release) {
        Matcher version = Pattern.compile("^(\\d+)\\.(\\d+)").matcher(release);
        if (!version.find()) {
            return Optional.of("this is not Linux: Weft needs a Linux kernel 6.1 or newer");
        }
        int major = Integer.parseInt(version.group(1));
        int minor = Integer.parseInt(version.group(2));
        if (major < LEAST_MAJOR || (major == LEAST_MAJOR && minor < LEAST_MINOR)) {
            return Optional.of(
                    "kernel "
                            + release.strip()
                            + " is too old: Weft needs 6.1 or newer; boot a newer kernel");
        }
        Matcher effective = Pattern.compile("(?m)^CapEff:\\s*([0-9a-f]+)").matcher(status);
        long capabilities = effective.find() ? Long.parseUnsignedLong(effective.group(1), 16) : 0;
        for (Capability c :
                List.of(
                        new Capability(CAP_NET_ADMIN, "CAP_NET_ADMIN", "wire interfaces"),
                        new Capability(CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "make namespaces"),
                        new Capability(CAP_BPF, "CAP_BPF", "load eBPF programs"))) {
            if ((capabilities >>> c.bit & 1) == 0) {
                return Optional.of(
                        "missing "
                                + c.name
                                + " (needed to "
                                + c.purpose
                                + "): run as root, e.g. with sudo");
            }
        }
        return Optional.empty();
    }

    private record Capability(int bit, String name, String purpose) {}

    private static String read(String path) {
        try {
            return Files.readString(Path.of(path));
        } catch (IOException e) {
            return "";
        }
    }
}
