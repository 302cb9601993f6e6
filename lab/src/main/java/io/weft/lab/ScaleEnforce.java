package io.weft.lab;

import io.weft.compiler.Compilation;
import io.weft.compiler.Compiler;
import io.weft.datapath.Datapath;
import io.weft.datapath.KernelTables;
import io.weft.datapath.Limits;
import io.weft.model.Delta;
import io.weft.model.Ref;
import io.weft.model.Snapshot;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * From a change to the moment when every packet of a node is judged by it: what the node does on
 * {@code apply}, compile and make the kernel's maps equal, for 200 pods of its own in a large
 * cluster. The pods have slots in the maps and no interfaces: neither step looks at those.
 */
final class ScaleEnforce implements AutoCloseable {
    private static final int LOCAL_PODS = 200;
    private static final double BAR_MILLIS = 10;
    private static final int WARM_UP = 20;

    /** Milliseconds of one kind of change. */
    private static final class Times {
        final List<Double> compile = new ArrayList<>();
        final List<Double> write = new ArrayList<>();
        final List<Double> both = new ArrayList<>();
        final List<Double> written = new ArrayList<>();
    }

    private final ScaleWorld world;
    private final Datapath datapath;
    private final Map<Ref, Integer> slots = new HashMap<>();
    private Compilation current;

    private ScaleEnforce(ScaleWorld world) {
        this.world = world;
        for (int slot = 0; slot < LOCAL_PODS; slot++) {
            slots.put(world.scattered(slot).ref(), slot);
        }
        current = Compiler.compile(Snapshot.of(world.resources()), Set.of());
        datapath = Datapath.open(Pins.of("enforce-" + world.policies()), Limits.DEFAULT);
    }

    static Report.Table measure(
            boolean quick, Consumer<String> progress, List<Report.Bar> bars, List<String> notes) {
        int pods = quick ? 1_000 : 10_000;
        int rounds = quick ? 20 : 100;
        List<List<String>> rows = new ArrayList<>();
        for (int policies : quick ? new int[] {100} : new int[] {1_000, 5_000}) {
            progress.accept("enforce %,d pods, %,d policies".formatted(pods, policies));
            try (Opened opened = new Opened()) {
                ScaleEnforce node = opened.add(new ScaleEnforce(new ScaleWorld(pods, policies)));
                double first = node.load();
                Map<ScaleWorld.Change, Times> times = node.changes(rounds);
                double worst = 0;
                for (Map.Entry<ScaleWorld.Change, Times> entry : times.entrySet()) {
                    rows.add(node.row(entry.getKey().text, entry.getValue()));
                    worst = Math.max(worst, Statistics.of(entry.getValue().both).median());
                }
                rows.add(node.row("a policy, right after another", node.backToBack(rounds)));
                bars.add(
                        Report.Bar.atMost(
                                "one change in force, %,d pods, %,d policies, ms"
                                        .formatted(pods, policies),
                                BAR_MILLIS,
                                worst));
                notes.add(
                        String.format(
                                Locale.ROOT,
                                "%,d policies: %,d policy entries and all identities written from"
                                        + " nothing in %.0f ms",
                                policies,
                                node.entries(),
                                first));
            }
        }
        notes.add(
                "in force: from the call until the revision is stored, on a node with "
                        + LOCAL_PODS
                        + " pods that have slots in the maps and no interfaces; the bar counts the"
                        + " slowest kind of a change to settled tables; a pod's label: of pods of"
                        + " this node; right after another: waits for the grace period of the one"
                        + " before");
        return new Report.Table(
                "until enforced: %,d pods in all, %d on this node, milliseconds"
                        .formatted(pods, LOCAL_PODS),
                List.of("policies", "change", "entries", "compile", "write, switch", "in force"),
                rows);
    }

    private double load() {
        long start = System.nanoTime();
        datapath.tables().apply(current.tables(), slots);
        double millis = (System.nanoTime() - start) / 1e6;
        datapath.tables().awaitSettled();
        return millis;
    }

    private long entries() {
        return datapath.usage().stream()
                .filter(u -> u.map().equals("weft_policy"))
                .mapToLong(u -> u.used())
                .sum();
    }

    private Map<ScaleWorld.Change, Times> changes(int rounds) {
        Map<ScaleWorld.Change, Times> all = new EnumMap<>(ScaleWorld.Change.class);
        for (int i = 0; i < WARM_UP + rounds; i++) {
            for (ScaleWorld.Change change : ScaleWorld.Change.values()) {
                ScaleWorld.Step step = world.step(change, i % LOCAL_PODS);
                Times times =
                        i < WARM_UP ? new Times() : all.computeIfAbsent(change, _ -> new Times());
                apply(step.there(), times);
                datapath.tables().awaitSettled();
                apply(step.back(), change == ScaleWorld.Change.POD_ADDED ? new Times() : times);
                datapath.tables().awaitSettled();
            }
        }
        return all;
    }

    private Times backToBack(int rounds) {
        Times times = new Times();
        for (int i = 0; i < rounds; i++) {
            ScaleWorld.Step step = world.step(ScaleWorld.Change.POLICY, i);
            apply(step.there(), times);
            apply(step.back(), times);
        }
        datapath.tables().awaitSettled();
        return times;
    }

    private void apply(Delta delta, Times times) {
        long start = System.nanoTime();
        Compilation next = current.next(delta);
        long compiled = System.nanoTime();
        KernelTables.Applied applied = datapath.tables().apply(next.tables(), slots);
        long end = System.nanoTime();
        current = next;
        times.compile.add((compiled - start) / 1e6);
        times.write.add((end - compiled) / 1e6);
        times.both.add((end - start) / 1e6);
        times.written.add(
                (double) applied.identities() + applied.policyEntries() + applied.endpoints());
    }

    private List<String> row(String change, Times times) {
        return List.of(
                String.format(Locale.ROOT, "%,d", world.policies()),
                change,
                String.format(Locale.ROOT, "%.0f", Statistics.of(times.written).median()),
                Statistics.spread(times.compile),
                Statistics.spread(times.write),
                Statistics.spread(times.both));
    }

    @Override
    public void close() {
        datapath.close();
        Datapath.unpin(datapath.pins());
    }
}
