package io.weft.agent;

import io.weft.datapath.Datapath;
import io.weft.datapath.Workload;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.zip.CRC32;

/**
 * A pod's namespace, interface and processes. {@link #create} leaves the interface down with
 * programs that fail closed; {@link #start} brings it up and runs the pod, once policy is in force.
 */
final class Sandbox {
    private final Pod pod;
    private final Endpoint endpoint;
    private final NetNs namespace;
    private final Netlink inside; // until it is started
    private final Wiring wiring;
    private final List<PodProcess> processes = new ArrayList<>();

    private Sandbox(Pod pod, Endpoint endpoint, NetNs namespace, Netlink inside, Wiring wiring) {
        this.pod = pod;
        this.endpoint = endpoint;
        this.namespace = namespace;
        this.inside = inside;
        this.wiring = wiring;
    }

    static Sandbox create(
            NodeConfig config,
            Journal journal,
            Wiring wiring,
            Datapath datapath,
            Pod pod,
            int slot) {
        String path = pod.namespace() + "." + pod.name();
        String name = "weft." + config.instance() + "." + path;
        String link = linkName(config.instance() + "/" + path);
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
        Netlink inside = opened.get();
        try {
            Mac mac = mac(slot, 1);
            Mac gateway = mac(slot, 0);
            int ifindex = wiring.plug(link, namespace, mac, gateway);
            try {
                datapath.attach(
                        wiring.netlink(), ifindex, new Workload(slot, mac, gateway, pod.ips()));
            } catch (RuntimeException | Error e) {
                datapath.detach(ifindex);
                wiring.unplug(List.of(link));
                throw e;
            }
            Endpoint endpoint = new Endpoint(pod.ref(), slot, pod.ips(), mac, link, ifindex, name);
            return new Sandbox(pod, endpoint, namespace, inside, wiring);
        } catch (RuntimeException | Error e) {
            inside.close();
            namespace.close();
            NetNs.delete(name);
            journal.gone(Journal.Thing.NAMESPACE, name);
            throw e;
        }
    }

    /** {@return at most 12 of the 15 bytes that an interface name may have} */
    private static String linkName(String of) {
        CRC32 crc = new CRC32();
        crc.update(of.getBytes(StandardCharsets.UTF_8));
        return "weft" + HexFormat.of().toHexDigits((int) crc.getValue());
    }

    /** Locally administered: 0a:77 and the slot; the last bit tells the two ends apart. */
    private static Mac mac(int slot, int end) {
        return new Mac(0x0a77_0000_0000L | (long) slot << 8 | end);
    }

    Pod pod() {
        return pod;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    NetNs namespace() {
        return namespace;
    }

    /** {@return SO_NETNS_COOKIE of its namespace} */
    long namespaceCookie() {
        return inside.namespaceCookie();
    }

    List<PodProcess> processes() {
        return List.copyOf(processes);
    }

    /** Brings the interface up and starts the containers. */
    void start(Supplier<ProcessContext> context) {
        try (inside) {
            wiring.up(endpoint, inside, mac(endpoint.slot(), 0));
        }
        if (pod.containers().isEmpty()) {
            return;
        }
        ProcessContext found = context.get();
        for (Pod.Container container : pod.containers()) {
            processes.add(PodProcess.start(namespace, pod, container, found));
        }
    }

    /** Ends processes, links and namespaces of many at once: a link's end costs the kernel most. */
    static void endAll(
            List<Sandbox> sandboxes,
            Wiring wiring,
            Datapath datapath,
            Journal journal,
            Duration grace) {
        NamespaceProcesses.end(
                sandboxes.stream().map(s -> NetNs.pathOf(s.endpoint.namespace())).toList(), grace);
        for (Sandbox sandbox : sandboxes) {
            datapath.detach(sandbox.endpoint.ifindex());
        }
        wiring.unplug(sandboxes.stream().map(s -> s.endpoint.hostInterface()).toList());
        for (Sandbox sandbox : sandboxes) {
            sandbox.inside.close();
            sandbox.namespace.close();
            NetNs.delete(sandbox.endpoint.namespace());
            journal.gone(Journal.Thing.NAMESPACE, sandbox.endpoint.namespace());
        }
    }
}
