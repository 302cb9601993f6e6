package io.weft.lab;

import io.weft.kernel.NetNs;
import io.weft.netlink.Netlink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A TCP proxy of one kind beside the client and one beside the server: {@code client →
 * 127.0.0.1:port → server:port → 127.0.0.1:5001}.
 */
final class Sidecars implements AutoCloseable {
    /** A program that forwards bytes between two connections. */
    enum Kind {
        HAPROXY("proxy-haproxy", "haproxy, tcp", 15_100),
        NGINX("proxy-nginx", "nginx, stream", 15_200),
        JAVA("proxy-java", "Java, a thread a direction", 15_300);

        private final String subject;
        private final String title;
        private final int port;

        Kind(String subject, String title, int port) {
            this.subject = subject;
            this.title = title;
            this.port = port;
        }

        String subject() {
            return subject;
        }

        String title() {
            return title;
        }

        /** {@return what it needs} */
        Capability program() {
            return switch (this) {
                case HAPROXY -> Capability.program("haproxy", "haproxy");
                case NGINX -> Capability.program("nginx", "nginx-light libnginx-mod-stream");
                case JAVA -> Capability.NAMESPACES;
            };
        }
    }

    private static final long PATIENCE_NANOS = 10_000_000_000L;
    private static final long LOOK_NANOS = 20_000_000;
    private static final double KILOBYTES = 1_024 / 1e6;

    private final Kind kind;
    private final Path files;
    private final List<Process> processes = new ArrayList<>();

    private Sidecars(Kind kind) {
        this.kind = kind;
        try {
            files = Files.createTempDirectory("weft-lab-proxy");
        } catch (IOException e) {
            throw new UncheckedIOException("make a directory for a proxy", e);
        }
    }

    static Sidecars start(Kind kind, Topology path) {
        Sidecars sidecars = new Sidecars(kind);
        try {
            for (NetNs end : List.of(path.client(), path.server())) {
                try (Netlink netlink = Netlink.open(end)) {
                    netlink.links().setUp(netlink.links().require("lo").index());
                }
            }
            sidecars.proxy(path.server(), path.address(), "127.0.0.1", Peer.PORT);
            sidecars.proxy(path.client(), "127.0.0.1", path.address(), kind.port);
            return sidecars;
        } catch (RuntimeException e) {
            sidecars.close();
            throw e;
        }
    }

    int clientPort() {
        return kind.port;
    }

    private void proxy(NetNs namespace, String listen, String target, int targetPort) {
        String name = "proxy" + processes.size();
        List<String> command =
                new ArrayList<>(List.of("taskset", "-c", Integer.toString(PodToPod.CPU)));
        command.addAll(
                switch (kind) {
                    case HAPROXY -> {
                        Path file =
                                write(
                                        name,
                                        """
                                        global
                                          nbthread 1
                                          maxconn 2000
                                        defaults
                                          mode tcp
                                          timeout connect 5s
                                          timeout client 60s
                                          timeout server 60s
                                        listen lab
                                          bind %s:%d
                                          server one %s:%d
                                        """
                                                .formatted(listen, kind.port, target, targetPort));
                        yield List.of("haproxy", "-db", "-f", file.toString());
                    }
                    case NGINX -> {
                        Path file =
                                write(
                                        name,
                                        """
                                        load_module %s;
                                        user root;
                                        daemon off;
                                        worker_processes 1;
                                        pid %s/%s.pid;
                                        error_log stderr crit;
                                        events { worker_connections 2000; }
                                        stream {
                                          server {
                                            listen %s:%d;
                                            tcp_nodelay on;
                                            proxy_pass %s:%d;
                                          }
                                        }
                                        """
                                                .formatted(
                                                        module(),
                                                        files,
                                                        name,
                                                        listen,
                                                        kind.port,
                                                        target,
                                                        targetPort));
                        yield List.of("nginx", "-c", file.toString(), "-p", files.toString());
                    }
                    case JAVA ->
                            List.of(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-XX:+UseSerialGC",
                                    "-Xmx64m",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    ProxyPeer.class.getName(),
                                    listen,
                                    Integer.toString(kind.port),
                                    target,
                                    Integer.toString(targetPort));
                });
        Process process =
                namespace.call(() ->
                        new ProcessBuilder(command)
                                .redirectErrorStream(true)
                                .redirectOutput(files.resolve(name + ".log").toFile())
                                .start());
        processes.add(process);
        await(namespace, listen, process, name);
    }

    private static Path module() {
        return Path.of("/usr/lib/nginx/modules/ngx_stream_module.so");
    }

    private Path write(String name, String text) {
        try {
            return Files.writeString(files.resolve(name + ".conf"), text);
        } catch (IOException e) {
            throw new UncheckedIOException("write a proxy's configuration", e);
        }
    }

    private void await(NetNs namespace, String address, Process process, String name) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (System.nanoTime() < end && process.isAlive()) {
            Ending.check();
            boolean open =
                    namespace.call(() -> {
                        try (Socket socket = new Socket()) {
                            socket.connect(new InetSocketAddress(address, kind.port), 1_000);
                            return true;
                        } catch (IOException e) {
                            return false;
                        }
                    });
            if (open) {
                return;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        throw new Commands.ToolException(kind.title + " does not serve: " + log(name));
    }

    private String log(String name) {
        try {
            return Files.readString(files.resolve(name + ".log")).strip();
        } catch (IOException e) {
            return "it says nothing";
        }
    }

    /** {@return Pss of the client's proxy with its children} */
    double megabytes() {
        ProcessHandle proxy = processes.getLast().toHandle();
        return Stream.concat(Stream.of(proxy), proxy.descendants())
                .mapToDouble(p -> pss(p.pid()))
                .sum();
    }

    /** {@return MB of a process, shared pages by share; proc_pid_smaps(5)} */
    static double pss(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
            return lines.filter(l -> l.startsWith("Pss:"))
                    .mapToDouble(l -> Long.parseLong(l.split(" +", -1)[1]) * KILOBYTES)
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException("read the memory of process " + pid, e);
        }
    }

    @Override
    public void close() {
        for (Process process : processes) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            process.onExit().join();
        }
        deleteAll(files);
    }

    /** Deletes a directory of ours. */
    static void deleteAll(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("delete " + directory, e);
        }
    }

    @Override
    public String toString() {
        return kind.title.toLowerCase(Locale.ROOT);
    }
}
