package io.weft.agent;

import io.weft.dns.DnsCounts;
import io.weft.dns.DnsException;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The names of a node: a DNS server at its own addresses, and how each pod finds it. The pods'
 * resolv.conf files are in the run directory and end with the node.
 */
final class NodeNames implements AutoCloseable {
    /** What the C library reads. */
    static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");

    private static final System.Logger LOG = System.getLogger(NodeNames.class.getName());

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
        try {
            DnsServer server =
                    inHost(
                            config,
                            () ->
                                    DnsServer.open(
                                            gateways,
                                            DnsServer.PORT,
                                            settings,
                                            Forwarder.Settings.of(host)));
            server.warnings().forEach(warning -> LOG.log(Level.WARNING, "DNS: " + warning));
            return new NodeNames(config, files, host, gateways, Optional.of(server));
        } catch (DnsException e) {
            LOG.log(
                    Level.WARNING,
                    "no DNS for pods: " + e.getMessage() + "; they use the machine's resolv.conf");
            return new NodeNames(config, files, host, List.of(), Optional.empty());
        }
    }

    private static DnsServer inHost(NodeConfig config, Supplier<DnsServer> opening) {
        return config.host().map(host -> host.call(opening::get)).orElseGet(opening);
    }

    /** Answers from {@code after} from now on. */
    void publish(Snapshot after, Delta delta) {
        server.ifPresent(s -> s.publish(after, delta));
    }

    /** {@return what its processes find, which services there are among it} */
    ProcessContext context(Pod pod, Snapshot snapshot) {
        return new ProcessContext(
                config.launcher(), ServiceEnvironment.of(pod, snapshot), resolvConf(pod));
    }

    /** {@return how a pod asks for names} */
    ResolvConf settings(Pod pod) {
        ResolvConf settings = ResolvConf.of(pod, config.services().clusterDomain(), servers, host);
        settings.warnings()
                .forEach(warning -> LOG.log(Level.WARNING, pod.ref() + ": DNS: " + warning));
        return settings;
    }

    private Optional<Path> resolvConf(Pod pod) {
        if (!Files.exists(RESOLV_CONF)) {
            return Optional.empty(); // nothing is there that a file could take the place of
        }
        ResolvConf content = settings(pod);
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
