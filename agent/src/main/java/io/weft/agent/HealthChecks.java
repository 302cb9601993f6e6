package io.weft.agent;

import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.model.Ref;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import io.weft.tables.BackendSet;
import io.weft.tables.ServiceTable;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.System.Logger.Level;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Answers load balancers outside on the healthCheckNodePort of each service with
 * externalTrafficPolicy Local: 200 while this node has an endpoint, else 503. As kube-proxy's
 * answers: {@code {"service": {"namespace": "shop", "name": "web"}, "localEndpoints": 2}}.
 */
final class HealthChecks implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(HealthChecks.class.getName());
    private static final int TIMEOUT_MILLIS = 5_000;
    private static final int LONGEST_LINE = 8192;
    private static final int AT_ONCE = 256;

    private record Port(Ref service, ServerSocket socket) {}

    private final Optional<NetNs> host;
    private final Supplier<Snapshot> snapshot;
    private final Supplier<ServiceTable> table;
    private final Map<Integer, Port> ports = new HashMap<>();
    private final Semaphore places = new Semaphore(AT_ONCE);

    HealthChecks(Optional<NetNs> host, Supplier<Snapshot> snapshot, Supplier<ServiceTable> table) {
        this.host = host;
        this.snapshot = snapshot;
        this.table = table;
    }

    /** Opens and closes ports as the services say; one that is taken is only told of. */
    void update(Snapshot before, Snapshot after, Set<Ref> changed) {
        Set<Integer> gone = new HashSet<>();
        Map<Integer, Ref> come = new HashMap<>();
        for (Ref ref : changed) {
            port(before, ref).ifPresent(gone::add);
            port(after, ref).ifPresent(number -> come.put(number, ref));
        }
        gone.removeAll(come.keySet());
        gone.forEach(this::close);
        come.forEach((number, ref) -> {
            Port there = ports.get(number);
            if (there == null || !there.service.equals(ref)) {
                close(number);
                open(number, ref);
            }
        });
    }

    private static Optional<Integer> port(Snapshot snapshot, Ref ref) {
        Service service = snapshot.services().get(ref);
        return service == null || service.routing().healthCheckNodePort().isEmpty()
                ? Optional.empty()
                : Optional.of(service.routing().healthCheckNodePort().getAsInt());
    }

    private void open(int number, Ref service) {
        try {
            ServerSocket socket =
                    host.isPresent()
                            ? host.get().call(() -> new ServerSocket(number))
                            : new ServerSocket(number);
            ports.put(number, new Port(service, socket));
            Thread.ofVirtual().name("health-check " + number).start(() -> serve(socket, service));
        } catch (IOException | RuntimeException e) {
            LOG.log(
                    Level.WARNING,
                    "{0}: spec.healthCheckNodePort {1}: cannot listen: {2}",
                    service,
                    Integer.toString(number),
                    e.getMessage());
        }
    }

    private void serve(ServerSocket socket, Ref service) {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                if (!places.tryAcquire()) {
                    client.close();
                    continue;
                }
                Thread.ofVirtual().start(() -> answer(client, service));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void answer(Socket client, Ref service) {
        try (client) {
            client.setSoTimeout(TIMEOUT_MILLIS);
            BufferedReader in =
                    new BufferedReader(
                            new InputStreamReader(
                                    client.getInputStream(), StandardCharsets.ISO_8859_1),
                            LONGEST_LINE);
            in.mark(LONGEST_LINE);
            if (in.readLine() == null) {
                return;
            }
            long local = localEndpoints(service);
            String body =
                    "{\"service\": {\"namespace\": \"%s\", \"name\": \"%s\"}, \"localEndpoints\": %d}\n"
                            .formatted(service.namespace(), service.name(), local);
            String answer =
                    "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                            .formatted(
                                    local > 0 ? "200 OK" : "503 Service Unavailable",
                                    body.length(),
                                    body);
            client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException gone) {
            // whoever asked went away
        } finally {
            places.release();
        }
    }

    /** {@return how many different endpoints of the service are on this node and may be used} */
    private long localEndpoints(Ref service) {
        Service found = snapshot.get().services().get(service);
        if (found == null) {
            return 0;
        }
        ServiceTable now = table.get();
        Set<Ip> local = new HashSet<>();
        for (Service.Port port : found.ports()) {
            for (Ip cluster : found.clusterIps()) {
                BackendSet set =
                        now.sets()
                                .get(
                                        new BackendSet.Id(
                                                service,
                                                port.name(),
                                                port.protocol(),
                                                cluster.isV4(),
                                                BackendSet.Scope.LOCAL));
                if (set != null) {
                    set.backends().forEach(backend -> local.add(backend.ip()));
                }
            }
        }
        return local.size();
    }

    private void close(int number) {
        Port port = ports.remove(number);
        if (port != null) {
            try {
                port.socket.close();
            } catch (IOException e) {
                LOG.log(Level.WARNING, "close health check port " + number, e);
            }
        }
    }

    @Override
    public void close() {
        Set.copyOf(ports.keySet()).forEach(this::close);
    }
}
