package io.weft.lab;

import io.weft.compiler.Compilation;
import io.weft.compiler.Compiler;
import io.weft.model.Snapshot;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Compiles worlds of growing size, from nothing and after one change. Each change starts from the
 * same compilation, so none builds upon another.
 */
final class ScaleCompile {
    /** A world is left out when the one before suggests that it takes longer than this. */
    private static final double MAX_SECONDS = 60;

    private static final int ROUNDS_OF_WARM_UP = 20;

    private final boolean quick;
    private final Consumer<String> progress;
    private final List<List<String>> rows = new ArrayList<>();
    private double secondsPerUnit;

    private ScaleCompile(boolean quick, Consumer<String> progress) {
        this.quick = quick;
        this.progress = progress;
    }

    static Report.Table measure(boolean quick, Consumer<String> progress) {
        ScaleCompile measuring = new ScaleCompile(quick, progress);
        for (int pods : quick ? new int[] {1_000} : new int[] {1_000, 10_000, 50_000}) {
            for (int policies : quick ? new int[] {100} : new int[] {100, 1_000, 5_000}) {
                measuring.add(new ScaleWorld(pods, policies));
            }
        }
        List<String> columns =
                new ArrayList<>(
                        List.of("pods", "policies", "entries", "heap MB", "from nothing ms"));
        for (ScaleWorld.Change change : ScaleWorld.Change.values()) {
            columns.add(change.text + " ms");
        }
        return new Report.Table(
                "compile: the whole cluster's tables, one thread, milliseconds",
                columns,
                measuring.rows);
    }

    private void add(ScaleWorld world) {
        String name = "%,d pods, %,d policies".formatted(world.pods(), world.policies());
        double units = (double) world.pods() + world.policies();
        if (secondsPerUnit * units > MAX_SECONDS) {
            skip(world, "left out: about %.0f s".formatted(secondsPerUnit * units));
            return;
        }
        progress.accept("compile " + name);
        try {
            rows.add(row(world));
        } catch (OutOfMemoryError e) {
            long most = Runtime.getRuntime().maxMemory() >> 20;
            skip(world, "left out: not within a heap of " + most + " MB");
        }
    }

    private void skip(ScaleWorld world, String why) {
        List<String> row = new ArrayList<>(List.of(count(world.pods()), count(world.policies())));
        row.add("-");
        row.add("-");
        row.add(why);
        for (ScaleWorld.Change _ : ScaleWorld.Change.values()) {
            row.add("-");
        }
        rows.add(row);
    }

    private List<String> row(ScaleWorld world) {
        Snapshot snapshot = Snapshot.of(world.resources());
        long heapBefore = usedHeap();
        List<Double> fromNothing = new ArrayList<>();
        Compilation compiled = null;
        for (int i = 0; i < (quick ? 2 : 4); i++) {
            compiled = null; // two of the largest need not fit
            long start = System.nanoTime();
            compiled = Compiler.compile(snapshot, Set.of());
            double millis = (System.nanoTime() - start) / 1e6;
            if (i > 0 || rows.isEmpty()) {
                fromNothing.add(millis);
            }
            secondsPerUnit = millis / 1e3 / ((double) world.pods() + world.policies());
        }
        if (compiled == null) {
            throw new IllegalStateException("nothing was compiled");
        }
        long heap = usedHeap() - heapBefore;
        long entries =
                compiled.tables().groups().values().stream()
                        .mapToLong(group -> group.entries().size())
                        .sum();
        List<String> row =
                new ArrayList<>(
                        List.of(
                                count(world.pods()),
                                count(world.policies()),
                                count(entries),
                                count(heap >> 20),
                                Statistics.spread(fromNothing)));
        changes(world, compiled).values().forEach(millis -> row.add(Statistics.spread(millis)));
        return row;
    }

    /** In turn: one of each kind, and again. */
    private Map<ScaleWorld.Change, List<Double>> changes(ScaleWorld world, Compilation from) {
        Map<ScaleWorld.Change, List<Double>> millis = new EnumMap<>(ScaleWorld.Change.class);
        int rounds = quick ? 30 : 150;
        for (int i = 0; i < ROUNDS_OF_WARM_UP + rounds; i++) {
            for (ScaleWorld.Change change : ScaleWorld.Change.values()) {
                ScaleWorld.Step step = world.step(change, i);
                long start = System.nanoTime();
                Compilation next = from.next(step.there());
                long end = System.nanoTime();
                if (next.tables().pods().isEmpty()) {
                    throw new IllegalStateException("the pods are gone after " + change.text);
                }
                if (i >= ROUNDS_OF_WARM_UP) {
                    millis.computeIfAbsent(change, _ -> new ArrayList<>()).add((end - start) / 1e6);
                }
            }
        }
        return millis;
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@return bytes that live on after a collection} */
    private static long usedHeap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
