package io.weft.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** What the kernel keeps for itself: memory that belongs to no process and no file. */
final class KernelMemory {
    /** Lines of /proc/meminfo, proc_meminfo(5). */
    private static final Set<String> KINDS = Set.of("Slab", "Percpu", "VmallocUsed");

    private static final double KILOBYTES = 1_024 / 1e6; // MB
    private static final double SETTLED = 0.3; // MB between two looks
    private static final int LOOKS = 40;
    private static final long PAUSE_NANOS = 250_000_000;

    private KernelMemory() {}

    /** {@return MB now} */
    static double now() {
        try {
            return parse(Files.readAllLines(Path.of("/proc/meminfo")));
        } catch (IOException e) {
            throw new UncheckedIOException("read /proc/meminfo", e);
        }
    }

    static double parse(List<String> meminfo) {
        return meminfo.stream()
                .map(line -> line.split("[: ]+", -1))
                .filter(fields -> KINDS.contains(fields[0]))
                .mapToDouble(fields -> Long.parseLong(fields[1]) * KILOBYTES)
                .sum();
    }

    /** {@return MB once what ended before has been given back, as far as that can be seen} */
    static double settled() {
        double before = now();
        for (int i = 0; i < LOOKS; i++) {
            LockSupport.parkNanos(PAUSE_NANOS);
            Ending.check();
            double after = now();
            if (Math.abs(after - before) < SETTLED) {
                return after;
            }
            before = after;
        }
        return before;
    }
}
