package io.weft.bpf;

import io.weft.kernel.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Likely reasons of a refusal, found after it happened. Empty when there is nothing to add. */
final class Explain {
    private static final int CAP_NET_ADMIN = 12;
    private static final int CAP_SYS_ADMIN = 21;
    private static final int CAP_BPF = 39;
    private static final KernelVersion MEMORY_BY_CGROUP = new KernelVersion(5, 11);
    private static final KernelVersion TCX = new KernelVersion(6, 6);
    private static final Pattern HELPER =
            Pattern.compile(
                    "(?:unknown|invalid) func (\\S*)#(\\d+)|cannot use helper (\\S+)#(\\d+)");

    private Explain() {}

    /** What an error means wherever it comes from. */
    static String errno(int errno) {
        return switch (errno) {
            case Errno.EPERM -> permission();
            case Errno.ENOMEM ->
                    "no memory, or more than the memory cgroup allows: ask for fewer entries";
            case Errno.EEXIST -> "it is there already; remove it or choose another name";
            default -> "";
        };
    }

    private static String permission() {
        long capabilities = effectiveCapabilities();
        boolean admin = has(capabilities, CAP_SYS_ADMIN);
        if (!admin && !has(capabilities, CAP_BPF)) {
            return "this process lacks CAP_BPF (and CAP_SYS_ADMIN): run as root"
                    + read("/proc/sys/kernel/unprivileged_bpf_disabled")
                            .map(v -> "; kernel.unprivileged_bpf_disabled is " + v)
                            .orElse("");
        }
        if (!admin && !has(capabilities, CAP_NET_ADMIN)) {
            return "this process lacks CAP_NET_ADMIN, which network programs need";
        }
        if (KernelVersion.running().compareTo(MEMORY_BY_CGROUP) < 0) {
            return "locked memory may be too small: raise RLIMIT_MEMLOCK (ulimit -l)";
        }
        return "the capabilities suffice: a container's seccomp profile, a security module or"
                + " kernel lockdown forbids bpf(2)";
    }

    private static boolean has(long capabilities, int capability) {
        return (capabilities >> capability & 1) != 0;
    }

    private static long effectiveCapabilities() {
        String status = read("/proc/self/status").orElse("");
        for (String line : status.split("\n", -1)) {
            if (line.startsWith("CapEff:")) {
                return Long.parseUnsignedLong(line.substring(7).strip(), 16);
            }
        }
        return 0;
    }

    private static Optional<String> read(String file) {
        try {
            return Optional.of(Files.readString(Path.of(file)).strip());
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    static String mapCreation(MapSpec spec, int errno) {
        if (errno != Errno.EINVAL) {
            return errno == Errno.E2BIG ? "keys, values or entries are too large" : errno(errno);
        }
        boolean known;
        try {
            known = FeatureProbe.supports(spec.type());
        } catch (IllegalArgumentException | BpfException undecided) {
            return "";
        }
        if (!known) {
            return "Linux %s has no maps of type %s, which came with %s"
                    .formatted(KernelVersion.running(), spec.type(), spec.type().since());
        }
        return switch (spec.type()) {
            case LPM_TRIE ->
                    (spec.flags() & MapSpec.NO_PREALLOC) == 0
                            ? "LPM tries need the flag BPF_F_NO_PREALLOC"
                            : "the key of an LPM trie has 5 to 260 bytes";
            case RINGBUF ->
                    "max_entries of a ring buffer is its size: a power of 2 and at least a page ("
                            + Page.SIZE
                            + "); it has neither key nor value";
            default ->
                    spec.maxEntries() == 0
                            ? "max_entries is 0"
                            : "the type does not take these sizes or flags";
        };
    }

    static String mapOperation(MapInfo info, long result) {
        return switch ((int) -result) {
            case Errno.E2BIG ->
                    switch (info.type()) {
                        case ARRAY, PERCPU_ARRAY, PROG_ARRAY, ARRAY_OF_MAPS ->
                                "the index is not below " + info.maxEntries();
                        default -> "the map is full: " + info.maxEntries() + " entries";
                    };
            case Errno.ENOSPC -> "the map is full: " + info.maxEntries() + " entries";
            case Errno.EEXIST -> "the key is there already";
            case Errno.ENOENT -> "the key is not there";
            case Errno.EPERM -> "the map is frozen, or was opened for reading only";
            case Errno.ENOTSUPP, Errno.EOPNOTSUPP -> info.type() + " has no such operation";
            case Errno.EINVAL ->
                    info.type().isMapOfMaps()
                            ? "the inner map differs from the declared one in type, sizes or flags"
                            : "";
            default -> errno((int) -result);
        };
    }

    static String attach(AttachType type, int errno) {
        boolean tcx = type == AttachType.TCX_INGRESS || type == AttachType.TCX_EGRESS;
        KernelVersion running = KernelVersion.running();
        if (tcx && errno == Errno.EINVAL && running.compareTo(TCX) < 0) {
            return "tcx came with Linux %s, this is %s: attach by clsact over netlink"
                    .formatted(TCX, running);
        }
        return switch (errno) {
            case Errno.EBUSY -> "another program holds that place";
            case Errno.ENODEV -> "no such interface in this thread's network namespace";
            case Errno.EPERM ->
                    type.name().startsWith("CGROUP_")
                            ? "a program above in the hierarchy allows no others, or: "
                                    + permission()
                            : permission();
            default -> errno(errno);
        };
    }

    static String programLoad(ProgramType type, int errno) {
        if (errno == Errno.EINVAL) {
            try {
                if (!FeatureProbe.supports(type)) {
                    return "Linux %s has no programs of type %s, which came with %s"
                            .formatted(KernelVersion.running(), type, type.since());
                }
            } catch (IllegalArgumentException | BpfException undecided) {
                return "";
            }
        }
        return errno(errno);
    }

    /** {@return a line to add to the verifier's log} */
    static String verifier(String log) {
        Matcher matcher = HELPER.matcher(log);
        if (!matcher.find()) {
            return "";
        }
        int number =
                Integer.parseInt(
                        Optional.ofNullable(matcher.group(2))
                                .orElseGet(() -> String.valueOf(matcher.group(4))));
        return "\nhelper %d %s; this is Linux %s"
                .formatted(
                        number,
                        FeatureProbe.helperSince(number)
                                .map(v -> "came with Linux " + v + ", for some program types")
                                .orElse("is newer than this loader"),
                        KernelVersion.running());
    }
}
