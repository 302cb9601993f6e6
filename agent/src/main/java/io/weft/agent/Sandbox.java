package io.weft.agent;

import io.weft.datapath.Datapath;
import io.weft.kernel.NetNs;
import io.weft.model.Mac;
import io.weft.model.Pod;
import io.weft.netlink.Netlink;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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

    /** What is to be brought up. */
    private record Inside(Netlink netlink, Place place, Place.Made made) {}

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
                    new VethPlace(
                            namespace,
                            NetNs.pathOf(name),
                            Wiring.POD_LINK,
                            linkName(config.instance() + "/" + path),
                            Optional.empty(),
                            0,
                            0,
                            true,
                            config.services().masquerade().isPresent(),
                            InnerNetwork.routed(pod.ips(), wiring::gatewayOf, List.of()));
            return plug(wiring, datapath, pod, slot, place, opened.get(), Optional.of(namespace));
        } catch (RuntimeException | Error e) {
            opened.get().close();
            namespace.close();
            NetNs.delete(name);
            journal.gone(Journal.Thing.NAMESPACE, name);
            throw e;
        }
    }

    /**
     * Makes an interface in a namespace that is there.
     *
     * @param inside a connection to it, open until the pod is started
     * @throws NodeException when it cannot be made there
     */
    static Sandbox join(
            Wiring wiring, Datapath datapath, Pod pod, int slot, Place place, Netlink inside) {
        return plug(wiring, datapath, pod, slot, place, inside, Optional.empty());
    }

    /** A guest whose interface an earlier process made and brought up. */
    static Sandbox adopt(Wiring wiring, Pod pod, Endpoint endpoint, long cookie) {
        return new Sandbox(pod, endpoint, Optional.empty(), cookie, Optional.empty(), wiring);
    }

    /**
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
        Place.Made made = place.make(wiring, inside, slot);
        Endpoint endpoint =
                new Endpoint(
                        pod.ref(),
                        slot,
                        pod.ips(),
                        place.kind(),
                        place.link(),
                        made.mac(),
                        made.gateway(),
                        place.hostInterface(),
                        made.host(),
                        place.podInterface(),
                        place.path());
        try {
            datapath.attach(wiring.netlink(), endpoint.ifindex(), endpoint.workload());
            if (place.masquerade()) {
                datapath.masquerade(endpoint.ifindex(), true);
            }
            if (!pod.bandwidth().isUnlimited()) {
                new PodBandwidth(datapath, wiring.netlink())
                        .set(endpoint.ifindex(), pod.bandwidth());
            }
            Inside end = new Inside(inside, place, made);
            long cookie = inside.namespaceCookie();
            return new Sandbox(pod, endpoint, own, cookie, Optional.of(end), wiring);
        } catch (RuntimeException | Error e) {
            wiring.unplug(detach(endpoint, wiring, datapath));
            place.unmake(inside);
            throw e;
        }
    }

    /**
     * Has the programs forget it, and leave it when others own it. {@return links to delete: its
     * own, and what shapes it}
     */
    private static List<String> detach(Endpoint endpoint, Wiring wiring, Datapath datapath) {
        int ifindex = endpoint.ifindex();
        List<String> links = new ArrayList<>();
        datapath.shaperOf(ifindex).ifPresent(links::add);
        if (endpoint.kind().isOwn()) {
            links.add(endpoint.hostInterface());
            datapath.detach(ifindex);
        } else {
            new PodBandwidth(datapath, wiring.netlink()).leave(ifindex);
            datapath.detach(ifindex);
            Datapath.release(wiring.netlink(), ifindex);
        }
        return links;
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
        return group("weft/" + config.instance());
    }

    /** {@return a link group that is nobody else's} */
    static int group(String of) {
        CRC32 crc = new CRC32();
        crc.update(of.getBytes(StandardCharsets.UTF_8));
        return (int) crc.getValue() | 1 << 30; // far from what people choose
    }

    /** {@return the MAC of the node's end} */
    static Mac hostMac(int slot) {
        return mac(slot, 0);
    }

    /** {@return the MAC of the pod's end} */
    static Mac podMac(int slot) {
        return mac(slot, 1);
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
            Inside end = inside.get();
            end.place().up(wiring, endpoint, end.made(), end.netlink());
            closeInside();
        }
        if (namespace.isEmpty() || pod.containers().isEmpty()) {
            return;
        }
        ProcessContext found = context.get();
        for (Pod.Container container : pod.containers()) {
            processes.add(PodProcess.start(namespace.get(), pod, container, found));
        }
    }

    /** The connection to a namespace that was made here was opened here, too. */
    private void closeInside() {
        if (namespace.isPresent()) {
            inside.ifPresent(end -> end.netlink().close());
        }
        inside = Optional.empty();
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
            List<String> ended = detach(sandbox.endpoint, wiring, datapath);
            if (!sandbox.isGuest() || sandbox.inside.isPresent()) { // of one that came to be
                links.addAll(ended);
            }
        }
        wiring.unplug(links);
        for (Sandbox sandbox : sandboxes) {
            sandbox.inside.ifPresent(end -> end.place().unmake(end.netlink()));
            sandbox.closeInside();
            sandbox.namespace.ifPresent(namespace -> {
                namespace.close();
                String name = sandbox.endpoint.namespace().getFileName().toString();
                NetNs.delete(name);
                journal.gone(Journal.Thing.NAMESPACE, name);
            });
        }
    }
}
