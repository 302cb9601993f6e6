package io.weft.cli;

import io.weft.lab.Experiment;
import io.weft.lab.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How far the experiments have come, on stderr: a bar with the time left where that is a terminal,
 * else a line for each step.
 */
final class LabProgress implements Run.Listener {
    private static final int BAR = 24;
    private static final double LEAST_FRACTION = 0.1; // less says too little of the whole

    private final Progress lines = new Progress();
    private final boolean terminal;
    private final boolean quick;
    private final List<Experiment> all;
    private int current = -1;
    private long started;

    LabProgress(List<Experiment> all, boolean quick) {
        this(all, quick, isTerminal());
    }

    LabProgress(List<Experiment> all, boolean quick, boolean terminal) {
        this.all = all;
        this.quick = quick;
        this.terminal = terminal;
    }

    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException e) {
            return false;
        }
    }

    /** The next experiment begins. */
    void next() {
        current++;
        started = System.nanoTime();
    }

    @Override
    public void step(String what, Optional<Double> fraction) {
        if (terminal) {
            double elapsed = (System.nanoTime() - started) / 1e9;
            System.err.print("\r\033[K" + line(what, fraction, elapsed));
            System.err.flush();
        } else {
            lines.say(all.get(current).name() + ": " + what);
        }
    }

    /** The bar makes room for what follows. */
    void clear() {
        if (terminal) {
            System.err.print("\r\033[K");
            System.err.flush();
        }
    }

    /**
     * {@return {@code [######------] 2/5 dns: repetition 3 of 7, about 40 s left}}
     *
     * @param elapsed seconds of this experiment
     */
    String line(String what, Optional<Double> fraction, double elapsed) {
        Experiment now = all.get(current);
        double left =
                fraction.filter(f -> f >= LEAST_FRACTION)
                        .map(f -> elapsed / f - elapsed)
                        .orElseGet(() -> Math.max(1, now.usualSeconds(quick) - elapsed));
        double before = 0;
        for (int i = 0; i < all.size(); i++) {
            if (i < current) {
                before += all.get(i).usualSeconds(quick);
            } else if (i > current) {
                left += all.get(i).usualSeconds(quick);
            }
        }
        double done = before + elapsed;
        int filled = (int) Math.round(BAR * done / Math.max(1, done + left));
        return String.format(
                Locale.ROOT,
                "[%s%s] %d/%d %s: %s, about %s left",
                "#".repeat(filled),
                "-".repeat(BAR - filled),
                current + 1,
                all.size(),
                now.name(),
                what,
                left < 100
                        ? Math.round(left) + " s"
                        : String.format(Locale.ROOT, "%.0f min", Math.ceil(left / 60)));
    }
}
