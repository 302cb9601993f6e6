package io.weft.agent;

import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.model.ManifestReader;
import io.weft.model.Prefix;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.tables.CounterValue;
import io.weft.tables.DropKey;
import io.weft.tables.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A node whose machine is an anonymous namespace: nothing of the real one is touched. */
final class TestNode implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    final NetNs host;
    final Node node;

    private TestNode(NetNs host, Node node) {
        this.host = host;
        this.node = node;
    }

    static TestNode start(Path temporary) {
        return start(temporary, "10.77.0.0/16");
    }

    static TestNode start(Path temporary, String pool4) {
        NetNs host = NetNs.createAnonymous();
        return start(host, config(temporary, host, pool4));
    }

    /** Takes {@code host} over: it ends with the node. */
    static TestNode start(NetNs host, NodeConfig config) {
        return start(host, config, Adoption.NOTHING);
    }

    static TestNode start(NetNs host, NodeConfig config, Adoption adoption) {
        try {
            return new TestNode(host, Node.start(config, "weft test", machine -> adoption));
        } catch (RuntimeException e) {
            host.close();
            throw e;
        }
    }

    /** {@return an instance that no one else on this machine has} */
    static NodeConfig config(Path temporary, NetNs host, String pool4) {
        String instance = "t" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
        return config(instance, temporary, host, pool4);
    }

    static NodeConfig config(String instance, Path temporary, NetNs host, String pool4) {
        return new NodeConfig(
                instance,
                temporary.resolve("run").resolve(instance),
                Path.of("/sys/fs/bpf/weft-t-" + instance, "pins"),
                Prefix.parse(pool4),
                NodeConfig.DEFAULT_POOL6,
                Optional.of(host),
                List.of("/bin/false"));
    }

    /** Containers are not read: pods run nothing. */
    Map<Ref, Node.Change> apply(String manifest) {
        return node.apply(new ManifestReader().offline().readTexts(Map.of("test.yaml", manifest)));
    }

    /** As {@link #apply}; the pods' containers are run. */
    Map<Ref, Node.Change> run(String manifest) {
        return node.apply(new ManifestReader().readTexts(Map.of("test.yaml", manifest)));
    }

    void delete(Ref... refs) {
        node.delete(List.of(refs));
    }

    /** {@return a manifest of a pod in namespace default that runs nothing} */
    static String pod(String name, String labels) {
        return """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: %s, labels: {%s}}
        """
                .formatted(name, labels);
    }

    /**
     * @param pod {@code web} of namespace default, or {@code other/web}
     */
    static Ref ref(String pod) {
        int slash = pod.indexOf('/');
        return slash < 0
                ? Ref.pod("default", pod)
                : Ref.pod(pod.substring(0, slash), pod.substring(slash + 1));
    }

    Endpoint endpoint(String pod) {
        Endpoint endpoint = node.state().endpoints().get(ref(pod));
        if (endpoint == null) {
            throw new IllegalStateException(pod + " is not wired");
        }
        return endpoint;
    }

    Ip ip4(String pod) {
        return endpoint(pod).ips().getFirst();
    }

    Ip ip6(String pod) {
        return endpoint(pod).ips().getLast();
    }

    /** The caller closes it. */
    NetNs namespace(String pod) {
        return NetNs.open(endpoint(pod).namespace());
    }

    Probe.Outcome probe(String from, String to, Protocol protocol, int port) {
        return probe(from, ip4(from), ip4(to), protocol, port);
    }

    Probe.Outcome probe6(String from, String to, Protocol protocol, int port) {
        return probe(from, ip6(from), ip6(to), protocol, port);
    }

    private Probe.Outcome probe(String from, Ip source, Ip target, Protocol protocol, int port) {
        try (NetNs namespace = namespace(from)) {
            return new Probe(node.feed().watch(), Duration.ofSeconds(5))
                    .run(namespace, source, target, protocol, port)
                    .outcome();
        }
    }

    /** {@return packets that were dropped at {@code pod} for {@code reason}} */
    long drops(String pod, Reason reason) {
        int slot = endpoint(pod).slot();
        long packets = 0;
        for (Map.Entry<DropKey, CounterValue> drop : node.datapath().drops().entrySet()) {
            if (drop.getKey().slot() == slot && drop.getKey().reason() == reason) {
                packets += drop.getValue().packets();
            }
        }
        return packets;
    }

    /** Waits for something that will happen, and fails when it has not after a long time. */
    static void until(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("did not happen: " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() {
        node.close();
        host.close();
    }
}
