package io.weft.lab;

import io.weft.compiler.Compilation;
import io.weft.compiler.Compiler;
import io.weft.datapath.Datapath;
import io.weft.datapath.Limits;
import io.weft.model.Delta;
import io.weft.model.Snapshot;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/**
 * So many services, from a snapshot to the kernel's maps, and then one change. Maps are new for
 * each load from nothing. Processor time is that of the whole process, collecting garbage and
 * compiling this very code included.
 */
final class ServiceLoad implements AutoCloseable {
    private static final double BAR_LOAD_SECONDS = 0.5;
    private static final int BAR_LOAD_SERVICES = 10_000;
    private static final double BAR_CHANGE_MILLIS = 2;
    private static final int BAR_CHANGE_SERVICES = 50_000;
    private static final int WARM_UP = 100;

    /** Seconds of loads from nothing, milliseconds of changes. */
    private static final class Times {
        final List<Double> compile = new ArrayList<>();
        final List<Double> apply = new ArrayList<>();
        final List<Double> both = new ArrayList<>();

        void add(long start, long compiled, long end, double unit) {
            compile.add((compiled - start) / unit);
            apply.add((end - compiled) / unit);
            both.add((end - start) / unit);
        }
    }

    private final int services;
    private final Times cpu = new Times();
    private final Times wall = new Times();
    private final Times added = new Times();
    private final Times replaced = new Times();
    private final Snapshot snapshot;
    private Compilation current;
    private Datapath datapath;

    private ServiceLoad(int services) {
        this.services = services;
        snapshot = Snapshot.of(ServiceWorld.services(0, services));
        datapath = open();
        current = Compiler.compile(Snapshot.EMPTY, Set.of());
    }

    private Datapath open() {
        return Datapath.open(Pins.of("services-" + services), Limits.DEFAULT);
    }

    static Report.Table measure(
            boolean quick,
            Consumer<String> progress,
            List<Report.Bar> bars,
            List<String> notes,
            Findings findings) {
        List<List<String>> rows = new ArrayList<>();
        warmUp(progress);
        for (int services : ServiceScale.sizes(quick)) {
            progress.accept("load %,d services".formatted(services));
            try (ServiceLoad load = new ServiceLoad(services)) {
                for (int i = 0; i < (quick ? 2 : 5); i++) {
                    load.fromNothing();
                }
                load.changes(quick ? 50 : 300);
                rows.add(load.row());
                load.addBars(bars);
                findings.add("service.load." + services, "s", load.wall.both);
                findings.add("service.update." + services, "ms", load.added.both);
            }
        }
        double first = Double.parseDouble(FirstLoad.run(BAR_LOAD_SERVICES));
        notes.add(
                String.format(
                        Locale.ROOT,
                        "load: %,d services as the first thing that a new process does: %.2f s CPU;"
                                + " the table, and the bar, are of a process that has done it before",
                        BAR_LOAD_SERVICES,
                        first));
        notes.add(
                "load: processor time of all threads, to 10 ms; changes: from the call until the"
                        + " maps are written, with the snapshot's own step, after %d to warm up"
                                .formatted(WARM_UP));
        return new Report.Table(
                "load: from a snapshot to the kernel's maps, 10 endpoints each",
                List.of(
                        "services",
                        "compile CPU s",
                        "maps CPU s",
                        "full load CPU s",
                        "wall s",
                        "one added: compile ms",
                        "maps ms",
                        "in force ms",
                        "endpoint replaced ms"),
                rows);
    }

    /** What a process does first is slow; {@link FirstLoad} shows how much. */
    private static void warmUp(Consumer<String> progress) {
        progress.accept("load 5,000 services, to warm up");
        try (ServiceLoad load = new ServiceLoad(5_000)) {
            for (int i = 0; i < 8; i++) {
                load.fromNothing();
            }
        }
    }

    /** {@return seconds of processor time of one load in this process} */
    static double once(int services) {
        try (ServiceLoad load = new ServiceLoad(services)) {
            load.fromNothing();
            return load.cpu.both.getFirst();
        }
    }

    private void fromNothing() {
        datapath.close();
        Datapath.unpin(datapath.pins());
        datapath = open();
        current = Compiler.compile(Snapshot.EMPTY, Set.of());
        System.gc();
        long cpuStart = cpu();
        long start = System.nanoTime();
        current = Compiler.compile(snapshot, Set.of());
        long cpuCompiled = cpu();
        long compiled = System.nanoTime();
        datapath.services().apply(current.tables().services());
        long end = System.nanoTime();
        cpu.add(cpuStart, cpuCompiled, cpu(), 1e9);
        wall.add(start, compiled, end, 1e9);
    }

    private void changes(int rounds) {
        for (int i = 0; i < WARM_UP + rounds; i++) {
            Times none = new Times();
            change(ServiceWorld.added(services), i < WARM_UP ? none : added);
            change(ServiceWorld.removed(services), none);
            int service = (int) (i * 7919L % services);
            change(ServiceWorld.replaced(service, 1), i < WARM_UP ? none : replaced);
            change(ServiceWorld.replaced(service, 0), none);
        }
    }

    private void change(Delta delta, Times times) {
        long start = System.nanoTime();
        Compilation next = current.next(delta);
        long compiled = System.nanoTime();
        datapath.services().apply(next.tables().services());
        times.add(start, compiled, System.nanoTime(), 1e6);
        current = next;
    }

    /** {@return nanoseconds} */
    private static long cpu() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean bean
                ? bean.getProcessCpuTime()
                : 0;
    }

    private List<String> row() {
        return List.of(
                String.format(Locale.ROOT, "%,d", services),
                Statistics.spread(cpu.compile),
                Statistics.spread(cpu.apply),
                Statistics.spread(cpu.both),
                Statistics.spread(wall.both),
                Statistics.spread(added.compile),
                Statistics.spread(added.apply),
                Statistics.spread(added.both),
                Statistics.spread(replaced.both));
    }

    private void addBars(List<Report.Bar> bars) {
        if (services == BAR_LOAD_SERVICES) {
            bars.add(
                    Report.Bar.atMost(
                            "full load of %,d services, s CPU".formatted(services),
                            BAR_LOAD_SECONDS,
                            Statistics.of(cpu.both).median()));
        }
        if (services == BAR_CHANGE_SERVICES) {
            bars.add(
                    Report.Bar.atMost(
                            "one service added until in force, %,d services, ms"
                                    .formatted(services),
                            BAR_CHANGE_MILLIS,
                            Statistics.of(added.both).median()));
        }
    }

    @Override
    public void close() {
        datapath.close();
        Datapath.unpin(datapath.pins());
    }
}
