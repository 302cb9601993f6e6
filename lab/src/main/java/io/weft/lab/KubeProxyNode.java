package io.weft.lab;

import io.weft.kernel.NetNs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@link ServiceNode} that routes, with rules laid out as kube-proxy does. */
final class KubeProxyNode implements ServiceNode {
    private static final String POD = "10.78.2.2";
    private static final int MOST_SECONDS = 60;

    /** USER_HZ of every architecture that we run on. */
    private static final double TICKS_PER_SECOND = 100;

    /** How rules are written. */
    interface Rules {
        String name();

        /** {@return the program that reads rules, and its version} */
        String version(NetNs node);

        /** Takes all services away. */
        void clear(NetNs node);

        /** {@return the command that reads {@link #all}} */
        String load();

        /** {@return so many services, in one piece or several; the last one leads to the pod} */
        List<String> all(int services, String pod);

        /** {@return the command that reads {@link #one}} */
        String add();

        /** {@return what kube-proxy writes when there is one more than {@code services}} */
        String one(int services);
    }

    private final Opened opened = new Opened();
    private final Rules rules;
    private final NetNs node;
    private final NetNs client;
    private final NetNs server;

    private KubeProxyNode(Rules rules) {
        this.rules = rules;
        try {
            node = opened.add(NetNs.createAnonymous());
            client = opened.add(NetNs.createAnonymous());
            server = opened.add(NetNs.createAnonymous());
            Topology.forward(node);
            Topology.wire(node, client, 1);
            Topology.wire(node, server, 2);
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    static KubeProxyNode create(Rules rules) {
        return new KubeProxyNode(rules);
    }

    /** {@return rules in what is read for so many services} */
    long rules(int services) {
        return rules.all(services, POD).stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith("-A ") || line.startsWith("add rule "))
                .count();
    }

    String version() {
        return rules.version(node);
    }

    @Override
    public Cost load(int services) {
        rules.clear(node);
        List<String> texts = rules.all(services, POD);
        double cpu = cpuOfChildren();
        long start = System.nanoTime();
        for (String text : texts) {
            Commands.run(node, "timeout -s KILL %d %s".formatted(MOST_SECONDS, rules.load()), text);
        }
        return new Cost(cpuOfChildren() - cpu, (System.nanoTime() - start) / 1e9);
    }

    @Override
    public double add(int service) {
        String text = rules.one(service);
        long start = System.nanoTime();
        Commands.run(node, "timeout -s KILL %d %s".formatted(MOST_SECONDS, rules.add()), text);
        return (System.nanoTime() - start) / 1e6;
    }

    /** {@return seconds of all children that have ended, proc_pid_stat(5): cutime, cstime} */
    private static double cpuOfChildren() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return (Long.parseLong(fields[13]) + Long.parseLong(fields[14])) / TICKS_PER_SECOND;
        } catch (IOException e) {
            throw new UncheckedIOException("read /proc/self/stat", e);
        }
    }

    @Override
    public String name() {
        return rules.name();
    }

    @Override
    public NetNs client() {
        return client;
    }

    @Override
    public NetNs server() {
        return server;
    }

    @Override
    public String pod() {
        return POD;
    }

    @Override
    public void close() {
        opened.close();
    }
}
