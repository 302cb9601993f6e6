package io.weft.lab;

import io.weft.kernel.KernelException;
import io.weft.netlink.NetlinkException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** What a workload costs its host before it sends a packet, and how many fit. */
public final class Workloads implements Experiment {
    private static final List<Supplier<Filler>> FILLERS =
            List.of(Filler::namespaces, Filler::bridge, Filler::macvlan, Filler::weft);

    @Override
    public String name() {
        return "workloads";
    }

    @Override
    public String question() {
        return "What do workloads cost a host: memory of the kernel, time to set up, and how many fit?";
    }

    @Override
    public String method() {
        return "Workloads added one by one, each with a namespace, an interface and an address, up to a bound"
                + " that is no limit of the machine. Memory: growth of the kernel's own memory (Slab, Percpu"
                + " and VmallocUsed of /proc/meminfo) over the first hundred, once what was before"
                + " has been given back; no process runs in them. Set-up: median, of the first hundred and of"
                + " the last.";
    }

    @Override
    public List<String> tables() {
        return List.of("9.1", "9.2");
    }

    @Override
    public int usualSeconds(boolean quick) {
        return quick ? 15 : 75;
    }

    @Override
    public Report run(Run run) {
        int bound = run.pick(60, 1_100);
        int counted = run.pick(50, 100);
        int rounds = run.pick(1, 3);
        Findings findings = new Findings();
        List<List<String>> rows = new ArrayList<>();
        for (int f = 0; f < FILLERS.size(); f++) {
            List<Double> memory = new ArrayList<>();
            List<Double> early = new ArrayList<>();
            List<Double> late = new ArrayList<>();
            int reached = 0;
            String stopped = "the bound of this experiment";
            String name = "";
            String subject = "";
            for (int round = 0; round < rounds; round++) {
                boolean whole = round == rounds - 1;
                double before = KernelMemory.settled();
                try (Filler filler = FILLERS.get(f).get()) {
                    name = filler.name();
                    subject = filler.subject();
                    run.step(
                            f * rounds + round,
                            FILLERS.size() * rounds,
                            "%s, round %d of %d".formatted(name, round + 1, rounds));
                    filler.add(0); // what the first brings is the host's
                    double one = KernelMemory.settled();
                    early.addAll(fill(filler, 1, counted));
                    memory.add((KernelMemory.settled() - one) / counted);
                    if (whole) {
                        try {
                            for (int i = counted + 1; i < bound; i++) {
                                List<Double> millis = fill(filler, i, 1);
                                reached = i + 1;
                                if (i >= bound - counted) {
                                    late.addAll(millis);
                                }
                                if (i % 100 == 0) {
                                    run.say(name + ": " + i + " of " + bound);
                                }
                            }
                        } catch (NetlinkException | KernelException e) {
                            stopped = String.valueOf(e.getMessage());
                        }
                    }
                }
                if (before < 0) {
                    throw new IllegalStateException("no memory is used");
                }
            }
            findings.add(subject + ".memory", "MB", memory);
            findings.add(subject + ".setup", "ms", early);
            if (!subject.equals("namespace")) {
                findings.add(
                        (subject.equals("pod") ? "weft" : subject) + ".per-host",
                        "pods/host",
                        reached);
            }
            rows.add(
                    List.of(
                            name,
                            kilobytes(memory),
                            Statistics.spread(early),
                            late.isEmpty() ? "-" : Statistics.spread(late),
                            String.format(Locale.ROOT, "%,d", reached),
                            stopped));
        }
        return new Report(
                name(),
                run.machine().describe(),
                List.of(
                        "workload",
                        "kernel memory kB",
                        "set-up ms, first",
                        "set-up ms, last",
                        "reached",
                        "ended by"),
                rows,
                List.of(),
                List.of(
                        "the bound is %,d workloads, to save time: nothing is said of what would fit beyond it. Weft's maps have fixed sizes, made with the node, and are not counted; nor is the heap of its agent"
                                .formatted(bound)),
                findings);
    }

    private static List<Double> fill(Filler filler, int from, int count) {
        List<Double> millis = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            Ending.check();
            long start = System.nanoTime();
            filler.add(i);
            millis.add((System.nanoTime() - start) / 1e6);
        }
        return millis;
    }

    private static String kilobytes(List<Double> megabytes) {
        return Statistics.spread(megabytes.stream().map(mb -> mb * 1_000).toList());
    }
}
