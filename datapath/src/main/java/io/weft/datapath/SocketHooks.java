package io.weft.datapath;

import io.weft.bpf.AttachType;
import io.weft.bpf.BpfLink;
import io.weft.bpf.BpfProgram;
import io.weft.bpf.Codec;
import io.weft.bpf.LoadOptions;
import io.weft.bpf.LoadedObject;
import io.weft.bpf.MapSpec;
import io.weft.bpf.ObjectSpec;
import io.weft.bpf.TypedMap;
import io.weft.model.Ip;
import io.weft.tables.NamespaceValue;
import io.weft.tables.OriginKey;
import io.weft.tables.OriginValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The programs at sockets ({@code weft_socket.c}), attached to all processes of the machine, and
 * the network namespaces in which they act. They go on when this process ends: their links are
 * pinned.
 */
public final class SocketHooks implements AutoCloseable {
    private static final String OBJECT = "weft_socket.o";
    private static final String LINK = "link_";

    private static final Map<String, AttachType> HOOKS =
            Map.of(
                    "connect4", AttachType.CGROUP_INET4_CONNECT,
                    "connect6", AttachType.CGROUP_INET6_CONNECT,
                    "sendmsg4", AttachType.CGROUP_UDP4_SENDMSG,
                    "sendmsg6", AttachType.CGROUP_UDP6_SENDMSG,
                    "recvmsg4", AttachType.CGROUP_UDP4_RECVMSG,
                    "recvmsg6", AttachType.CGROUP_UDP6_RECVMSG,
                    "getpeername4", AttachType.CGROUP_INET4_GETPEERNAME,
                    "getpeername6", AttachType.CGROUP_INET6_GETPEERNAME,
                    "release", AttachType.CGROUP_INET_SOCK_RELEASE);

    private final LoadedObject object;
    private final List<BpfLink> links = new ArrayList<>();
    private final TypedMap<Long, NamespaceValue> namespaces;
    private final TypedMap<OriginKey, OriginValue> origins;

    private SocketHooks(LoadedObject object) {
        this.object = object;
        namespaces = object.map("weft_namespaces").typed(Codec.U64, Codecs.NAMESPACE);
        origins = object.map("weft_origins").typed(Codecs.ORIGIN_KEY, Codecs.ORIGIN);
    }

    /** {@return the object as committed; reading it needs no privilege} */
    public static ObjectSpec object() {
        try (InputStream in = SocketHooks.class.getResourceAsStream(OBJECT)) {
            if (in == null) {
                throw new IllegalStateException(OBJECT + " is not beside " + SocketHooks.class);
            }
            return ObjectSpec.read(in);
        } catch (IOException e) {
            throw new UncheckedIOException("read " + OBJECT, e);
        }
    }

    /**
     * Loads the programs, with the services that are pinned there, and attaches them; or replaces
     * those that an earlier process attached.
     *
     * @param pins of a {@link Datapath} with the same limits
     * @param cgroup the root of cgroup2
     * @throws io.weft.bpf.BpfException when the kernel refuses
     */
    public static SocketHooks open(Path pins, ServiceLimits limits, Path cgroup) {
        ObjectSpec spec = limits.on(object());
        for (String map : spec.maps().keySet()) {
            spec = spec.withPinning(map, MapSpec.Pinning.BY_NAME);
        }
        SocketHooks hooks = new SocketHooks(spec.load(LoadOptions.DEFAULT.withPinDirectory(pins)));
        try {
            HOOKS.forEach((name, type) -> hooks.attach(pins, name, type, cgroup));
            return hooks;
        } catch (RuntimeException e) {
            hooks.close();
            throw e;
        }
    }

    private void attach(Path pins, String name, AttachType type, Path cgroup) {
        BpfProgram program = object.program(name);
        Path pin = pins.resolve(LINK + name);
        if (Files.exists(pin)) {
            BpfLink link = BpfLink.openPinned(pin);
            links.add(link);
            link.update(program);
        } else {
            BpfLink link = BpfLink.attachCgroup(program, cgroup, type);
            links.add(link);
            link.pin(pin);
        }
    }

    /**
     * Leads the processes of a network namespace to services.
     *
     * @param cookie of the namespace
     * @param ips of whoever is in it, at most one of each family
     */
    public void enter(long cookie, List<Ip> ips) {
        namespaces.put(
                cookie,
                new NamespaceValue(
                        ips.stream().filter(Ip::isV4).findFirst(),
                        ips.stream().filter(ip -> !ip.isV4()).findFirst()));
    }

    /** Leaves the processes of a namespace alone again. {@return whether it was known} */
    public boolean leave(long cookie) {
        return namespaces.remove(cookie);
    }

    /** {@return the namespaces in which the programs act} */
    public Map<Long, NamespaceValue> namespaces() {
        return namespaces.entries();
    }

    /**
     * {@return the address of the service over which a socket came to a backend}
     *
     * @param cookie of the socket
     */
    public Optional<OriginValue> origin(long cookie, Ip backend, int port) {
        return origins.get(new OriginKey(cookie, backend, port));
    }

    /** {@return by socket and backend, the service over which it came there} */
    Map<OriginKey, OriginValue> origins() {
        return origins.entries();
    }

    /** Lets go of descriptors; what is pinned stays attached. */
    @Override
    public void close() {
        links.forEach(BpfLink::close);
        object.close();
    }
}
