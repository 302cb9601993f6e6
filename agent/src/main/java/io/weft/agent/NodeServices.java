package io.weft.agent;

import io.weft.bpf.Cgroups;
import io.weft.compiler.Compilation;
import io.weft.datapath.Datapath;
import io.weft.datapath.DatapathException;
import io.weft.datapath.ServiceMaps;
import io.weft.datapath.SocketHooks;
import io.weft.datapath.Uplink;
import io.weft.datapath.Xdp;
import io.weft.kernel.NetNs;
import io.weft.model.Delta;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Snapshot;
import io.weft.netlink.Netlink;
import io.weft.netlink.NetlinkException;
import io.weft.netlink.SocketDiag;
import io.weft.tables.ServiceTable;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The services of a node: their tables in force, the namespaces whose sockets are led to them, and
 * what follows when a backend goes. Changed by the node's threads, one at a time.
 */
final class NodeServices implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(NodeServices.class.getName());

    private final NodeConfig config;
    private final Datapath datapath;
    private final Optional<SocketHooks> hooks;
    private final Optional<SocketTerminator> terminator;
    private final HealthChecks healthChecks;
    private final NodeNames names;
    private final Map<Ref, Long> cookies = new ConcurrentHashMap<>();
    private final Map<Ref, Endpoint> entered = new ConcurrentHashMap<>();
    private final List<Uplink> uplinks = new ArrayList<>();
    private volatile Snapshot snapshot = Snapshot.EMPTY;

    private NodeServices(
            NodeConfig config, Datapath datapath, NodeNames names, Optional<SocketHooks> hooks) {
        this.config = config;
        this.names = names;
        this.datapath = datapath;
        this.hooks = hooks;
        terminator =
                hooks.map(h -> new SocketTerminator(h, datapath.services()::table, this::sockets));
        healthChecks =
                new HealthChecks(config.host(), () -> snapshot, () -> datapath.services().table());
    }

    /**
     * Attaches the programs at sockets, and leads the node's own processes.
     *
     * @param gateways the node's own addresses
     */
    static NodeServices open(NodeConfig config, Datapath datapath, List<Ip> gateways) {
        datapath.services().setNodeAddresses(gateways);
        NodeNames names = NodeNames.open(config, gateways);
        NodeServices services;
        try {
            services = open(config, datapath, gateways, names);
        } catch (RuntimeException | Error e) {
            names.close();
            throw e;
        }
        try {
            if (config.services().masquerade().isPresent()) {
                Forwarding.enable(config);
            }
            config.services().uplinks().forEach(services::openUplink);
            return services;
        } catch (RuntimeException | Error e) {
            services.close();
            throw e;
        }
    }

    private void openUplink(UplinkSetting setting) {
        try (Netlink netlink = Wiring.host(config)) {
            int ifindex =
                    netlink.links()
                            .get(setting.name())
                            .orElseThrow(() ->
                                    new NodeException(
                                            NodeException.Cause.INPUT,
                                            "--uplink "
                                                    + setting.name()
                                                    + ": there is no such interface; see `ip"
                                                    + " link`"))
                            .index();
            Uplink uplink =
                    config.host().isEmpty()
                            ? datapath.uplink(ifindex, setting.xdp())
                            : config.host()
                                    .get()
                                    .call(() -> datapath.uplink(ifindex, setting.xdp()));
            uplinks.add(uplink);
            if (setting.xdp() == Xdp.AUTO) {
                LOG.log(
                        Level.INFO,
                        "uplink {0}: {1}",
                        setting.name(),
                        uplink.xdp() == Xdp.OFF
                                ? "no XDP: " + uplink.whyNotXdp()
                                : "XDP in the driver");
            }
        } catch (DatapathException e) {
            throw new NodeException(
                    NodeException.Cause.MACHINE,
                    "--uplink " + setting.name() + ": " + e.getMessage());
        }
    }

    private static NodeServices open(
            NodeConfig config, Datapath datapath, List<Ip> gateways, NodeNames names) {
        Optional<Path> cgroup = Cgroups.root();
        if (cgroup.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "no cgroup2 is mounted, so sockets are not led to services: mount -t cgroup2"
                            + " cgroup2 /sys/fs/cgroup/unified, and start again");
            return new NodeServices(config, datapath, names, Optional.empty());
        }
        SocketHooks hooks =
                SocketHooks.open(config.pinDirectory(), config.limits().services(), cgroup.get());
        try {
            try (NetNs host = config.host().map(NodeServices::same).orElseGet(NetNs::current)) {
                hooks.enter(host.cookie(), gateways);
            }
            return new NodeServices(config, datapath, names, Optional.of(hooks));
        } catch (RuntimeException e) {
            hooks.close();
            throw e;
        }
    }

    private static NetNs same(NetNs namespace) {
        return NetNs.open(Path.of("/proc/self/fd", Integer.toString(namespace.fd().number())));
    }

    /** Leads a pod's processes to services, from before its first one starts. */
    void enter(Sandbox sandbox) {
        hooks.ifPresent(h -> {
            long cookie = sandbox.namespaceCookie();
            h.enter(cookie, sandbox.endpoint().ips());
            cookies.put(sandbox.pod().ref(), cookie);
            entered.put(sandbox.pod().ref(), sandbox.endpoint());
        });
    }

    /** {@return the namespace of whoever has these addresses, as an earlier process entered it} */
    OptionalLong cookieOf(List<Ip> ips) {
        return hooks.stream()
                .flatMap(h -> h.namespaces().entrySet().stream())
                .filter(e ->
                        Stream.concat(e.getValue().ip4().stream(), e.getValue().ip6().stream())
                                .toList()
                                .equals(ips))
                .mapToLong(Map.Entry::getKey)
                .findFirst();
    }

    /** Leaves the namespaces alone that only a process before this one knew. */
    void forgetOthers() {
        hooks.ifPresent(h -> {
            Set<Long> known = new HashSet<>(cookies.values());
            try (NetNs host = config.host().map(NodeServices::same).orElseGet(NetNs::current)) {
                known.add(host.cookie());
            }
            h.namespaces().keySet().stream()
                    .filter(cookie -> !known.contains(cookie))
                    .forEach(h::leave);
        });
    }

    void leave(Sandbox sandbox) {
        names.forget(sandbox.pod());
        entered.remove(sandbox.pod().ref());
        Long cookie = cookies.remove(sandbox.pod().ref());
        if (cookie != null) {
            hooks.ifPresent(h -> h.leave(cookie));
        }
    }

    /**
     * Looks whether there is room.
     *
     * @throws io.weft.datapath.DatapathException when these services would not fit
     */
    void requireRoom(ServiceTable next) {
        datapath.services().requireRoom(next);
    }

    /** Puts the services of {@code compilation} in force. */
    void apply(Snapshot before, Compilation compilation, Delta delta) {
        ServiceMaps.Applied applied = datapath.services().apply(compilation.tables().services());
        snapshot = compilation.snapshot();
        names.publish(snapshot, delta);
        terminator.ifPresent(t -> t.lost(applied.lost(), before));
        Set<Ref> changed = new HashSet<>();
        delta.removed().stream().filter(r -> r.kind() == Kind.SERVICE).forEach(changed::add);
        delta.put().stream()
                .map(Resource::ref)
                .filter(r -> r.kind() == Kind.SERVICE)
                .forEach(changed::add);
        if (!changed.isEmpty()) {
            healthChecks.update(before, compilation.snapshot(), changed);
        }
    }

    NodeNames names() {
        return names;
    }

    /** {@return sockets that were ended because their backend went} */
    long endedSockets() {
        return terminator.map(SocketTerminator::ended).orElse(0L);
    }

    /** {@return each namespace whose sockets are led} */
    private List<SocketDiag> sockets() {
        List<SocketDiag> opened = new ArrayList<>();
        opened.add(config.host().map(SocketDiag::open).orElseGet(SocketDiag::open));
        for (Endpoint endpoint : entered.values()) {
            try (NetNs namespace = Node.namespaceOf(endpoint)) {
                opened.add(SocketDiag.open(namespace));
            } catch (io.weft.kernel.KernelException | NetlinkException gone) {
                // with its sockets
            }
        }
        return opened;
    }

    /** Lets go of what this process serves; what is attached goes on. */
    void leave() {
        names.close();
        healthChecks.close();
        terminator.ifPresent(SocketTerminator::close);
        hooks.ifPresent(SocketHooks::close);
    }

    @Override
    public void close() {
        names.close();
        uplinks.forEach(Uplink::close);
        healthChecks.close();
        terminator.ifPresent(SocketTerminator::close);
        hooks.ifPresent(SocketHooks::close);
    }
}
