package io.weft.agent;

import io.weft.dns.ClusterZone;
import io.weft.dns.DnsCounts;
import io.weft.dns.DnsServer;
import io.weft.dns.Forwarder;
import io.weft.dns.HostResolvers;
import io.weft.dns.ResolvConf;
import io.weft.dns.ServiceEnvironment;
import io.weft.dns.ZoneSettings;
import io.weft.model.Delta;
import io.weft.model.Ip;
import io.weft.model.Pod;
import io.weft.model.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The names of a node: a DNS server at its own addresses, and how each pod finds it. The pods'
 * resolv.conf files are in the run directory and end with the node.
 */
final class NodeNames implements AutoCloseable {
    /** What the C library reads. */
    static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");

    private static final System.Logger LOG = System.getLogger(NodeNames.class.getName());
    private static final int PORT = 53;
    private static final int MOST_SOCKETS = 4; // of each address

    private final NodeConfig config;
    private final Path files;
    private final HostResolvers host;
    private final List<Ip> servers;
    private final Optional<DnsServer> server;

    private NodeNames(
            NodeConfig config,
            Path files,
            HostResolvers host,
            List<Ip> servers,
            Optional<DnsServer> server) {
        this.config = config;
        this.files = files;
        this.host = host;
        this.servers = servers;
        this.server = server;
    }

    /**
     * Serves at the node's own addresses. When something else does already, it says so, and pods
     * use what the machine does.
     */
    static NodeNames open(NodeConfig config, List<Ip> gateways) {
        Path files = config.runDirectory().resolve("resolv");
        removeFiles(files);
        HostResolvers host = HostResolvers.read();
        ZoneSettings settings =
                new ZoneSettings(
                        config.services().clusterDomain(),
                        ZoneSettings.DEFAULT.ttl(),
                        ZoneSettings.DEFAULT.negativeTtl(),
                        gateways);
        DnsServer server =
                new DnsServer(
                        ClusterZone.of(settings, Snapshot.EMPTY),
                        forwarder(host, gateways),
                        DnsServer.Limits.DEFAULT);
        try {
            for (Ip ip : gateways) {
                serve(config, server, new InetSocketAddress(ip.toString(), PORT));
            }
            return new NodeNames(config, files, host, gateways, Optional.of(server));
        } catch (IOException | UncheckedIOException e) {
            server.close();
            LOG.log(
                    Level.WARNING,
                    "no DNS for pods: " + e.getMessage() + "; they use the machine's resolv.conf");
            return new NodeNames(config, files, host, List.of(), Optional.empty());
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** What asks this server itself would go round in a circle. */
    private static Forwarder forwarder(HostResolvers host, List<Ip> own) {
        Forwarder.Settings settings = Forwarder.Settings.of(host);
        Set<InetSocketAddress> addresses = new HashSet<>();
        own.forEach(ip -> addresses.add(new InetSocketAddress(ip.toString(), PORT)));
        List<InetSocketAddress> others = new ArrayList<>(settings.upstreams());
        if (others.removeAll(addresses)) {
            LOG.log(
                    Level.WARNING,
                    RESOLV_CONF + " names this node's own DNS server, which is not asked");
        }
        return new Forwarder(
                new Forwarder.Settings(
                        others, settings.timeout(), settings.attempts(), settings.cacheBytes()),
                addresses,
                InstantSource.system());
    }

    private static void serve(NodeConfig config, DnsServer server, InetSocketAddress at)
            throws IOException {
        int sockets = Math.min(MOST_SOCKETS, Runtime.getRuntime().availableProcessors());
        try {
            for (int i = 0; i < sockets; i++) {
                server.serve(inHost(config, () -> udp(at)));
            }
            server.serve(inHost(config, () -> tcp(at)));
        } catch (IOException e) {
            throw new IOException(
                    "listen on " + at.getHostString() + " port 53: " + e.getMessage(), e);
        }
    }

    private interface Opening<T> {
        T open() throws IOException;
    }

    private static <T> T inHost(NodeConfig config, Opening<T> opening) throws IOException {
        if (config.host().isEmpty()) {
            return opening.open();
        }
        try {
            return config.host()
                    .get()
                    .call(() -> {
                        try {
                            return opening.open();
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static DatagramChannel udp(InetSocketAddress at) throws IOException {
        DatagramChannel socket =
                DatagramChannel.open(
                        at.getAddress() instanceof java.net.Inet4Address
                                ? StandardProtocolFamily.INET
                                : StandardProtocolFamily.INET6);
        try {
            return socket.setOption(StandardSocketOptions.SO_REUSEPORT, true).bind(at);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static ServerSocketChannel tcp(InetSocketAddress at) throws IOException {
        ServerSocketChannel socket = ServerSocketChannel.open();
        try {
            return socket.bind(at);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Answers from {@code after} from now on. */
    void publish(Snapshot after, Delta delta) {
        server.ifPresent(s -> s.zone(s.zone().next(after, delta)));
    }

    /** {@return what its processes find, which services there are among it} */
    ProcessContext context(Pod pod, Snapshot snapshot) {
        return new ProcessContext(
                config.launcher(), ServiceEnvironment.of(pod, snapshot), resolvConf(pod));
    }

    private Optional<Path> resolvConf(Pod pod) {
        if (!Files.exists(RESOLV_CONF)) {
            return Optional.empty(); // nothing is there that a file could take the place of
        }
        ResolvConf content = ResolvConf.of(pod, config.services().clusterDomain(), servers, host);
        content.warnings()
                .forEach(warning -> LOG.log(Level.WARNING, pod.ref() + ": DNS: " + warning));
        Path file = files.resolve(pod.namespace() + "." + pod.name());
        try {
            Files.createDirectories(files);
            Files.writeString(file, content.toString());
            return Optional.of(file);
        } catch (IOException e) {
            throw new UncheckedIOException("write " + file, e);
        }
    }

    void forget(Pod pod) {
        try {
            Files.deleteIfExists(files.resolve(pod.namespace() + "." + pod.name()));
        } catch (IOException e) {
            throw new UncheckedIOException("delete the resolv.conf of " + pod.ref(), e);
        }
    }

    /** {@return what the server did; empty when there is none} */
    Optional<DnsCounts> counts() {
        return server.map(DnsServer::counts);
    }

    private static void removeFiles(Path directory) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("remove " + directory, e);
        }
    }

    @Override
    public void close() {
        server.ifPresent(DnsServer::close);
        removeFiles(files);
    }
}
