package io.weft.lab;

import io.weft.agent.Node;
import io.weft.kernel.NetNs;
import io.weft.model.Pod;
import io.weft.model.Ref;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A node in a JVM with the agent's options, that wires pods one after the other and times each. */
final class WiringProcess {
    private static final String PAIR = "pod ";
    private static final String DELETE = "delete ";
    private static final int SAY_EVERY = 50;

    /**
     * What it measured, in milliseconds.
     *
     * @param add of each pod, with its namespace
     * @param namespace of a bare one made beside each
     * @param delete of a pod, all in one call
     */
    record Times(List<Double> add, List<Double> namespace, double delete) {}

    private WiringProcess() {}

    /**
     * @param progress told how far it has come
     */
    static Times run(int warmUp, int counted, Consumer<String> progress) {
        List<Double> add = new ArrayList<>();
        List<Double> namespace = new ArrayList<>();
        List<Double> delete = new ArrayList<>();
        String prefix = "weft-lab-" + ProcessHandle.current().pid() + "-";
        boolean done = false;
        try {
            OwnProcess.run(
                    OwnProcess.command(
                            Child.class,
                            OwnProcess.agentOptions(),
                            List.of(prefix, Integer.toString(warmUp + counted))),
                    line -> {
                        if (line.startsWith(PAIR)) {
                            String[] nanos = line.substring(PAIR.length()).split(" ", -1);
                            add.add(Long.parseLong(nanos[0]) / 1e6);
                            namespace.add(Long.parseLong(nanos[1]) / 1e6);
                            if (add.size() % SAY_EVERY == 0) {
                                progress.accept("pod " + add.size() + " of " + (warmUp + counted));
                            }
                        } else if (line.startsWith(DELETE)) {
                            delete.add(Long.parseLong(line.substring(DELETE.length())) / 1e6);
                        }
                    });
            done = true;
        } finally {
            if (!done) {
                takeBack(prefix);
            }
        }
        return new Times(
                List.copyOf(add.subList(warmUp, add.size())),
                List.copyOf(namespace.subList(warmUp, namespace.size())),
                delete.getFirst());
    }

    /** What a process that was killed left: the next node of its name takes back what was its. */
    private static void takeBack(String prefix) {
        try (NetNs host = NetNs.createAnonymous()) {
            WeftPath.startNode(host).close();
        }
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> there = Files.newDirectoryStream(NetNs.NAMES, prefix + "*")) {
            there.forEach(path -> names.add(String.valueOf(path.getFileName())));
        } catch (IOException e) {
            throw new UncheckedIOException("list " + NetNs.NAMES, e);
        }
        names.forEach(NetNs::delete);
    }

    /** The process itself: prints nanoseconds. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) {
            String prefix = arguments[0];
            int pods = Integer.parseInt(arguments[1]);
            List<Ref> wired = new ArrayList<>();
            List<String> empty = new ArrayList<>();
            try (Opened opened = new Opened()) {
                Node node = opened.add(WeftPath.startNode(opened.add(NetNs.createAnonymous())));
                for (int i = 0; i < pods; i++) {
                    Pod pod = LabPods.pod("lab-" + i, Map.of("app", "lab"));
                    long start = System.nanoTime();
                    node.apply(List.of(pod));
                    long end = System.nanoTime();
                    wired.add(pod.ref());
                    NetNs.create(prefix + i).close();
                    long made = System.nanoTime();
                    empty.add(prefix + i); // ended later: that takes locks the next would wait for
                    System.out.println(PAIR + (end - start) + " " + (made - end));
                }
                long start = System.nanoTime();
                node.delete(wired);
                System.out.println(DELETE + (System.nanoTime() - start) / wired.size());
            } finally {
                empty.forEach(NetNs::delete);
            }
        }
    }
}
