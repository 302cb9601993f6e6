package io.weft.agent;

import io.weft.datapath.Datapath;
import io.weft.datapath.Workload;
import io.weft.kernel.NetNs;
import io.weft.model.Mac;
import io.weft.model.Pod;
import io.weft.netlink.Netlink;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.zip.CRC32;

/**
 * A pod's interface, and its namespace and processes when the node makes those too. Made, the
 * interface is down with programs that fail closed; {@link #start} brings it up and runs the pod,
 * once policy is in force.
 */
final class Sandbox {
    private final Pod pod;
    private final Endpoint endpoint;
    private final Optional<NetNs> namespace; // of our own
    private final long cookie;
    private final Wiring wiring;
    private final List<PodProcess> processes = new ArrayList<>();
    private Optional<Inside> inside; // until it is started

    /** The pod's end of the pair, as its namespace has it. */
    private record Inside(Netlink netlink, int link) {}

    /**
     * Where the interface of a guest goes: a pod that somebody else runs.
     *
     * @param namespace its network namespace; it stays open as long as the sandbox is made
     * @param path a name of that namespace
     * @param podInterface how the interface is called there
     * @param hostInterface name of the node's end
     * @param mac of the pod's end; empty: the node chooses
     * @param mtu in bytes; 0: the kernel's own
     * @param group of the node's end, by which the node knows its own
     * @param masquerade whether the pod is seen outside with the node's address
     */
    record Place(
            NetNs namespace,
            Path path,
            String podInterface,
            String hostInterface,
            Optional<Mac> mac,
            int mtu,
            int group,
            boolean masquerade) {
        /** Makes one of a pod that is seen with its own address everywhere. */
        Place(
                NetNs namespace,
                Path path,
                String podInterface,
                String hostInterface,
                Optional<Mac> mac,
                int mtu,
                int group) {
            this(namespace, path, podInterface, hostInterface, mac, mtu, group, false);
        }
    }

    private Sandbox(
            Pod pod,
            Endpoint endpoint,
            Optional<NetNs> namespace,
            long cookie,
            Optional<Inside> inside,
            Wiring wiring) {
        this.pod = pod;
        this.endpoint = endpoint;
        this.namespace = namespace;
        this.cookie = cookie;
        this.inside = inside;
        this.wiring = wiring;
    }

    /** Makes a namespace and an interface. */
    static Sandbox create(
            NodeConfig config,
            Journal journal,
            Wiring wiring,
            Datapath datapath,
            Pod pod,
            int slot) {
        String path = pod.namespace() + "." + pod.name();
        String name = "weft." + config.instance() + "." + path;
        if (Files.exists(NetNs.pathOf(name))) {
            throw new NodeException(
                    NodeException.Cause.MACHINE,
                    "namespace "
                            + name
                            + " exists and was not made by this node: remove it, or choose another"
                            + " --instance");
        }
        journal.making(Journal.Thing.NAMESPACE, name);
        AtomicReference<Netlink> opened = new AtomicReference<>();
        NetNs namespace;
        try {
            namespace = NetNs.create(name, () -> opened.set(Netlink.open()));
        } catch (RuntimeException e) {
            journal.gone(Journal.Thing.NAMESPACE, name);
            throw e;
        }
        try {
            Place place =
                    new Place(
                            namespace,
                            NetNs.pathOf(name),
                            Wiring.POD_LINK,
                            linkName(config.instance() + "/" + path),
                            Optional.empty(),
                            0,
                            0,
                            config.services().masquerade().isPresent());
            return plug(wiring, datapath, pod, slot, place, opened.get(), Optional.of(namespace));
        } catch (RuntimeException | Error e) {
            namespace.close();
            NetNs.delete(name);
            journal.gone(Journal.Thing.NAMESPACE, name);
            throw e;
        }
    }

    /**
     * Makes an interface in a namespace that is there.
     *
     * @throws NodeException when it has an interface of that name
     */
    static Sandbox join(Wiring wiring, Datapath datapath, Pod pod, int slot, Place place) {
        Netlink inside = Netlink.open(place.namespace());
        try {
            if (inside.links().get(place.podInterface()).isPresent()) {
                throw new NodeException(
                        NodeException.Cause.INPUT,
                        "namespace "
                                + place.path()
                                + " has an interface "
                                + place.podInterface()
                                + " already: choose another name, or delete that one first");
            }
        } catch (RuntimeException | Error e) {
            inside.close();
            throw e;
        }
        return plug(wiring, datapath, pod, slot, place, inside, Optional.empty());
    }

    /** A guest whose interface an earlier process made and brought up. */
    static Sandbox adopt(Wiring wiring, Pod pod, Endpoint endpoint, long cookie) {
        return new Sandbox(pod, endpoint, Optional.empty(), cookie, Optional.empty(), wiring);
    }

    /**
     * @param inside is closed when this fails, else with the start of the pod
     * @param own the namespace when it ends with the pod
     */
    private static Sandbox plug(
            Wiring wiring,
            Datapath datapath,
            Pod pod,
            int slot,
            Place place,
            Netlink inside,
            Optional<NetNs> own) {
        try {
            Mac mac = place.mac().orElseGet(() -> mac(slot, 1));
            Mac gateway = mac(slot, 0);
            String link = place.hostInterface();
            Wiring.Plugged plugged =
                    wiring.plug(
                            new Wiring.Pair(
                                    link,
                                    place.podInterface(),
                                    mac,
                                    gateway,
                                    place.group(),
                                    place.mtu(),
                                    own.isPresent()),
                            place.namespace());
            int ifindex = plugged.host();
            try {
                datapath.attach(
                        wiring.netlink(), ifindex, new Workload(slot, mac, gateway, pod.ips()));
                if (place.masquerade()) {
                    datapath.masquerade(ifindex, true);
                }
                if (!pod.bandwidth().isUnlimited()) {
                    new PodBandwidth(datapath, wiring.netlink()).set(ifindex, pod.bandwidth());
                }
                Endpoint endpoint =
                        new Endpoint(
                                pod.ref(),
                                slot,
                                pod.ips(),
                                mac,
                                link,
                                ifindex,
                                place.podInterface(),
                                place.path());
                Inside end = new Inside(inside, plugged.pod());
                long cookie = inside.namespaceCookie();
                return new Sandbox(pod, endpoint, own, cookie, Optional.of(end), wiring);
            } catch (RuntimeException | Error e) {
                List<String> links = new ArrayList<>(List.of(link));
                datapath.shaperOf(ifindex).ifPresent(links::add);
                datapath.detach(ifindex);
                wiring.unplug(links);
                throw e;
            }
        } catch (RuntimeException | Error e) {
            inside.close();
            throw e;
        }
    }

    /** {@return at most 12 of the 15 bytes that an interface name may have} */
    static String linkName(String of) {
        CRC32 crc = new CRC32();
        crc.update(of.getBytes(StandardCharsets.UTF_8));
        return "weft" + HexFormat.of().toHexDigits((int) crc.getValue());
    }

    /** Locally administered: 0a:77 and the slot; the last bit tells the two ends apart. */
    private static Mac mac(int slot, int end) {
        return new Mac(0x0a77_0000_0000L | (long) slot << 8 | end);
    }

    /** {@return the link group of the guests of a node, apart from those of others} */
    static int groupOf(NodeConfig config) {
        CRC32 crc = new CRC32();
        crc.update(("weft/" + config.instance()).getBytes(StandardCharsets.UTF_8));
        return (int) crc.getValue() | 1 << 30; // far from what people choose
    }

    /** {@return the MAC of the node's end} */
    static Mac hostMac(int slot) {
        return mac(slot, 0);
    }

    /** {@return what the programs know of a pod that is wired} */
    static Workload workload(Endpoint endpoint) {
        return new Workload(
                endpoint.slot(), endpoint.mac(), mac(endpoint.slot(), 0), endpoint.ips());
    }

    Pod pod() {
        return pod;
    }

    /** {@return whether somebody else runs it} */
    boolean isGuest() {
        return namespace.isEmpty();
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** {@return SO_NETNS_COOKIE of its namespace} */
    long namespaceCookie() {
        return cookie;
    }

    List<PodProcess> processes() {
        return List.copyOf(processes);
    }

    /** Brings the interface up and starts the containers. */
    void start(Supplier<ProcessContext> context) {
        if (inside.isPresent()) {
            try (Netlink netlink = inside.get().netlink()) {
                wiring.up(endpoint, inside.get().link(), netlink, mac(endpoint.slot(), 0));
            }
            inside = Optional.empty();
        }
        if (namespace.isEmpty() || pod.containers().isEmpty()) {
            return;
        }
        ProcessContext found = context.get();
        for (Pod.Container container : pod.containers()) {
            processes.add(PodProcess.start(namespace.get(), pod, container, found));
        }
    }

    /**
     * Ends processes, links and namespaces of many at once: a link's end costs the kernel most. The
     * links of guests stay, without traffic, for the caller to delete; but not of those that were
     * never up.
     */
    static void endAll(
            List<Sandbox> sandboxes,
            Wiring wiring,
            Datapath datapath,
            Journal journal,
            Duration grace) {
        NamespaceProcesses.end(
                sandboxes.stream()
                        .filter(s -> s.namespace.isPresent())
                        .map(s -> s.endpoint.namespace())
                        .toList(),
                grace);
        List<String> links = new ArrayList<>();
        for (Sandbox sandbox : sandboxes) {
            int ifindex = sandbox.endpoint.ifindex();
            if (!sandbox.isGuest() || sandbox.inside.isPresent()) { // of one that came to be
                links.add(sandbox.endpoint.hostInterface());
                datapath.shaperOf(ifindex).ifPresent(links::add);
            }
            datapath.detach(ifindex);
        }
        wiring.unplug(links);
        for (Sandbox sandbox : sandboxes) {
            sandbox.inside.ifPresent(inside -> inside.netlink().close());
            sandbox.namespace.ifPresent(namespace -> {
                namespace.close();
                String name = sandbox.endpoint.namespace().getFileName().toString();
                NetNs.delete(name);
                journal.gone(Journal.Thing.NAMESPACE, name);
            });
        }
    }
}
