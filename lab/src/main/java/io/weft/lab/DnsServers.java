package io.weft.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The servers and the client of {@link DnsRate}, as processes of two namespaces. */
final class DnsServers implements AutoCloseable {
    /** Each program, and Debian's package that has it. */
    static final Map<String, String> TOOLS =
            Map.of("dnsmasq", "dnsmasq-base", "dnsperf", "dnsperf", "taskset", "util-linux");

    private static final int CLIENT_CPU =
            Math.max(0, Runtime.getRuntime().availableProcessors() - 1);
    private static final int FIRST_PORT = 5300;

    private final Topology topology;
    private final Path files;
    private final Deque<Process> processes = new ArrayDeque<>();

    DnsServers(Topology topology) {
        this.topology = topology;
        try {
            this.files = Files.createTempDirectory("weft-lab-dns");
        } catch (IOException e) {
            throw new UncheckedIOException("make a directory for names", e);
        }
    }

    /** {@return the port of a dnsmasq that knows so many names} */
    int dnsmasq(int size) {
        int port = FIRST_PORT + processes.size();
        Path hosts = files.resolve("hosts-" + size);
        DnsRate.write(hosts, DnsRate.hosts(size));
        List<String> command =
                List.of(
                        "dnsmasq",
                        "--keep-in-foreground",
                        "--conf-file=/dev/null",
                        "--log-facility=-",
                        "--pid-file=",
                        "--user=root",
                        "--no-resolv",
                        "--no-hosts",
                        "--addn-hosts=" + hosts,
                        "--local=/cluster.local/",
                        "--local-ttl=5",
                        "--bind-interfaces",
                        "--listen-address=" + topology.address(),
                        "--port=" + port);
        start(command, hosts.toString()); // it says that it has read them
        return port;
    }

    /** {@return the port of a Weft that knows so many names} */
    int weft(int size) {
        int port = FIRST_PORT + processes.size();
        start(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        DnsPeer.class.getName(),
                        topology.address(),
                        Integer.toString(port),
                        Integer.toString(size)),
                "ready");
        return port;
    }

    /** Starts a server on the first processor, and waits until it says {@code sign}. */
    private void start(List<String> command, String sign) {
        List<String> pinned = new ArrayList<>(List.of("taskset", "-c", "0"));
        pinned.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(pinned).redirectErrorStream(true);
        Process process = topology.server().call(builder::start);
        processes.push(process);
        List<String> said = new ArrayList<>();
        try {
            BufferedReader output = process.inputReader();
            String line = output.readLine();
            while (line != null && !line.contains(sign)) {
                said.add(line);
                line = output.readLine();
            }
            if (line == null) {
                throw new Commands.ToolException(
                        command.getFirst() + " does not serve: " + String.join("; ", said));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("read from " + command.getFirst(), e);
        }
    }

    /** Asks for all names again and again. {@return what dnsperf prints} */
    String dnsperf(int port, int size, String more) {
        Path names = files.resolve("names-" + size);
        if (!Files.exists(names)) {
            DnsRate.write(names, DnsRate.questions(size));
        }
        Path output = files.resolve("dnsperf");
        String line =
                "taskset -c %d dnsperf -s %s -p %d -d %s -c 8 -T 1%s"
                        .formatted(CLIENT_CPU, topology.address(), port, names, more);
        try {
            Process process =
                    topology.client()
                            .call(() ->
                                    new ProcessBuilder(line.split(" ", -1))
                                            .redirectErrorStream(true)
                                            .redirectOutput(Redirect.to(output.toFile()))
                                            .start());
            int code = process.onExit().join().exitValue();
            String said = Files.readString(output);
            if (code != 0) {
                throw new Commands.ToolException(line + ": exit code " + code + ": " + said);
            }
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException("read what dnsperf measured", e);
        }
    }

    /** {@return which dnsmasq and dnsperf, and where they run} */
    String how() {
        String dnsmasq =
                Commands.run(topology.server(), "dnsmasq --version")
                        .lines()
                        .findFirst()
                        .orElse("dnsmasq");
        return "%s; servers pinned to processor 0, dnsperf (one thread, 8 sockets) to processor %d"
                .formatted(dnsmasq.split("  ", 2)[0], CLIENT_CPU);
    }

    @Override
    public void close() {
        while (!processes.isEmpty()) {
            Process process = processes.pop();
            process.destroyForcibly();
            process.onExit().join();
        }
        try (Stream<Path> all = Files.walk(files)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("delete " + files, e);
        }
    }
}
