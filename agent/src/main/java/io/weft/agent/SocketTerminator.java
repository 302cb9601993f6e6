package io.weft.agent;

import io.weft.datapath.ServiceMaps;
import io.weft.datapath.SocketHooks;
import io.weft.model.Ip;
import io.weft.model.Protocol;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import io.weft.netlink.Address;
import io.weft.netlink.NetlinkException;
import io.weft.netlink.SocketDiag;
import io.weft.netlink.SocketFilter;
import io.weft.netlink.SocketInfo;
import io.weft.tables.Backend;
import io.weft.tables.BackendSet;
import io.weft.tables.Frontend;
import io.weft.tables.FrontendKey;
import io.weft.tables.OriginValue;
import io.weft.tables.ServiceTable;
import java.lang.System.Logger.Level;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Ends the sockets that a service has led to a backend which it has no more: those of UDP always,
 * as nothing else would ever tell them; those of TCP where the service asks for it. A socket that
 * went to the same address by itself, or by another service that still has the backend, stays.
 *
 * <p>A connect() that has chosen its backend a moment before the change may finish a moment after
 * the first pass: so there are later ones.
 */
final class SocketTerminator implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(SocketTerminator.class.getName());
    private static final long[] PASSES_MILLIS = {0, 50, 1000};

    /**
     * A backend that a service has no more.
     *
     * @param asked the service, if it asked to end its sockets; empty: all sockets end
     */
    private record Gone(Protocol protocol, Ip ip, int port, Optional<Service> asked) {}

    private final SocketHooks hooks;
    private final Supplier<ServiceTable> table;
    private final Supplier<List<SocketDiag>> namespaces;
    private final AtomicLong ended = new AtomicLong();
    private final ScheduledExecutorService worker =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("node-sockets").daemon().factory());

    /**
     * @param table what is in force
     * @param namespaces opens each namespace in which services lead sockets; closed here
     */
    SocketTerminator(
            SocketHooks hooks,
            Supplier<ServiceTable> table,
            Supplier<List<SocketDiag>> namespaces) {
        this.hooks = hooks;
        this.table = table;
        this.namespaces = namespaces;
    }

    /** {@return how many sockets were ended so far} */
    long ended() {
        return ended.get();
    }

    /**
     * Ends what is connected to these, in the background.
     *
     * @param before what was declared before the change that lost them
     */
    void lost(List<ServiceMaps.Lost> lost, Snapshot before) {
        Set<Gone> gone = new LinkedHashSet<>();
        for (ServiceMaps.Lost one : lost) {
            BackendSet.Id set = one.set();
            Optional<Service> asked =
                    before.find(set.service())
                            .filter(Service.class::isInstance) // or a pod with host ports
                            .map(Service.class::cast)
                            .filter(service -> service.routing().terminateConnections());
            if (set.protocol() == Protocol.UDP
                    || (set.protocol() == Protocol.TCP && asked.isPresent())) {
                gone.add(
                        new Gone(
                                set.protocol(),
                                one.backend().ip(),
                                one.backend().port(),
                                set.protocol() == Protocol.UDP ? Optional.empty() : asked));
            }
        }
        if (gone.isEmpty()) {
            return;
        }
        for (long millis : PASSES_MILLIS) {
            try {
                var pass = worker.schedule(() -> end(gone), millis, TimeUnit.MILLISECONDS);
                if (pass.isCancelled()) {
                    return;
                }
            } catch (RejectedExecutionException closed) {
                return;
            }
        }
    }

    /** {@return whether a socket came by the service that asked for the end} */
    private boolean asked(OriginValue by, Gone gone) {
        return gone.asked.isEmpty() || gone.asked.filter(s -> reachedAt(s, by)).isPresent();
    }

    private boolean reachedAt(Service service, OriginValue origin) {
        Ip ip = origin.ip();
        return service.clusterIps().contains(ip)
                || service.addresses().external().contains(ip)
                || service.addresses().loadBalancer().contains(ip)
                || (!table.get().clusterIps().containsKey(ip)
                        && service.ports().stream()
                                .flatMapToInt(port -> port.nodePort().stream())
                                .anyMatch(number -> number == origin.port()));
    }

    private void end(Set<Gone> gone) {
        for (SocketDiag diag : namespaces.get()) {
            try (diag) {
                for (Gone one : gone) {
                    end(diag, one);
                }
            } catch (NetlinkException e) {
                LOG.log(Level.WARNING, "end sockets of lost backends: " + e.getMessage());
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "end sockets of lost backends", e);
            }
        }
    }

    private void end(SocketDiag diag, Gone gone) {
        SocketInfo.Protocol protocol =
                gone.protocol == Protocol.UDP ? SocketInfo.Protocol.UDP : SocketInfo.Protocol.TCP;
        Address remote = Wiring.address(gone.ip);
        for (SocketInfo socket :
                diag.list(protocol, SocketFilter.connectedTo(protocol, remote, gone.port))) {
            boolean misled =
                    hooks.origin(socket.cookie(), gone.ip, gone.port)
                            .map(service -> asked(service, gone) && !leads(service, gone))
                            .orElse(false);
            if (misled && diag.destroy(socket)) {
                ended.incrementAndGet();
            }
        }
    }

    /** {@return whether the service at an address still has the backend} */
    private boolean leads(OriginValue service, Gone gone) {
        ServiceTable now = table.get();
        Frontend frontend =
                now.frontends().get(new FrontendKey(service.ip(), service.port(), gone.protocol));
        if (frontend == null) {
            frontend =
                    now.frontends()
                            .get(
                                    FrontendKey.nodePort(
                                            service.ip().isV4(), service.port(), gone.protocol));
        }
        return frontend != null
                && Stream.of(frontend.inside(), frontend.outside())
                        .map(now.sets()::get)
                        .anyMatch(set -> set != null && has(set, gone));
    }

    private static boolean has(BackendSet set, Gone gone) {
        for (Backend backend : set.backends()) {
            if (backend.port() == gone.port && backend.ip().equals(gone.ip)) {
                return true;
            }
        }
        return false;
    }

    /** Passes that are due later are left out. */
    @Override
    public void close() {
        worker.shutdownNow();
        boolean interrupted = false;
        while (true) {
            try {
                if (worker.awaitTermination(1, TimeUnit.MINUTES)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
