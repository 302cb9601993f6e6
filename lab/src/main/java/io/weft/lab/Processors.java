package io.weft.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleSupplier;

/** Processor time as /proc/stat counts it, in hundredths of a second: proc_stat(5). */
final class Processors {
    /**
     * Time of all processors together, hundredths of a second.
     *
     * @param busyTicks user, nice, system, interrupts, soft interrupts and stolen
     */
    record Times(long busyTicks, long totalTicks) {
        Times since(Times before) {
            return new Times(busyTicks - before.busyTicks, totalTicks - before.totalTicks);
        }

        /** {@return seconds} */
        double busy() {
            return busyTicks / TICKS_PER_SECOND;
        }

        /** {@return seconds} */
        double total() {
            return totalTicks / TICKS_PER_SECOND;
        }

        /** {@return the busy part, 0 to 1} */
        double share() {
            return totalTicks == 0 ? 0 : (double) busyTicks / totalTicks;
        }
    }

    private static final double TICKS_PER_SECOND = 100;
    private static final int IDLE = 3;
    private static final int IOWAIT = 4;
    private static final int STEAL = 7;
    private static final int SETTLING_SAMPLES = 20;
    private static final int IN_A_ROW = 3;
    private static final long SAMPLE_NANOS = 400_000_000;

    private Processors() {}

    static Times now() {
        try {
            return parse(Files.readAllLines(Path.of("/proc/stat")));
        } catch (IOException e) {
            throw new UncheckedIOException("read /proc/stat", e);
        }
    }

    /** Reads the line of all processors. */
    static Times parse(List<String> stat) {
        String[] fields = stat.getFirst().strip().split(" +", -1);
        long busy = 0;
        long total = 0;
        for (int i = 0; i <= STEAL; i++) {
            long ticks = Long.parseLong(fields[i + 1]); // guest time is in user's
            total += ticks;
            if (i != IDLE && i != IOWAIT) {
                busy += ticks;
            }
        }
        return new Times(busy, total);
    }

    /** {@return what share of all processors' time others use, while this thread waits} */
    static double busyShare() {
        Times before = now();
        long end = System.nanoTime() + SAMPLE_NANOS;
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
        return now().since(before).share();
    }

    /**
     * {@return that share, the greatest of three in a row: the first three that are at most {@code
     * enough}, else those after some seconds}
     *
     * <p>The kernel takes namespaces and interfaces down for a while after their end: what is left
     * of the experiment itself, or of the one before, is nobody else's work.
     */
    static double settledShare(double enough) {
        return settled(Processors::busyShare, enough);
    }

    static double settled(DoubleSupplier shares, double enough) {
        double[] last = new double[IN_A_ROW];
        double greatest = 1;
        for (int i = 0; i < SETTLING_SAMPLES && (i < IN_A_ROW || greatest > enough); i++) {
            last[i % IN_A_ROW] = shares.getAsDouble();
            greatest = Arrays.stream(last).max().orElseThrow();
        }
        return greatest;
    }
}
