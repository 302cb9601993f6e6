package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.compiler.RandomWorld;
import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Delta;
import io.weft.model.Kind;
import io.weft.model.Labels;
import io.weft.model.Namespace;
import io.weft.model.Pod;
import io.weft.model.Prefix;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Snapshot;
import io.weft.model.Source;
import io.weft.netlink.Address;
import io.weft.netlink.Cidr;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.Netlink;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random worlds of all kinds of policies on a real node: what its pods and the node itself reach
 * with sockets of their own is what the oracle says of the manifests, as the worlds change step by
 * step.
 *
 * <p>{@code -Dweft.full=true} takes more worlds; {@code -Dweft.seed=N} only that one.
 */
@KernelTest
@Timeout(600)
class SocketProofTest {
    private static final boolean FULL = Boolean.getBoolean("weft.full");
    private static final int WORLDS = Integer.getInteger("weft.worlds", FULL ? 100 : 6);
    private static final int STEPS = 3;
    private static final Source TEST = new Source("test.yaml", 1);

    @TempDir private Path temporary;

    @Test
    void socketsReachWhatTheOracleAllowsInRandomWorlds() {
        Long only = Long.getLong("weft.seed");
        long first = only == null ? 0 : only;
        long last = only == null ? WORLDS : only + 1;
        SocketProver.Tally all = SocketProver.Tally.NONE;
        for (long seed = first; seed < last; seed++) {
            all = all.plus(live(seed));
        }
        System.out.printf(
                "random worlds %d to %d in %d steps each, over sockets: %s: all as the oracle says%n",
                first, last - 1, STEPS + 1, all);
        assertThat(all.allowed()).isPositive();
        assertThat(all.denied()).isPositive();
        assertThat(all.audited()).isPositive();
    }

    private SocketProver.Tally live(long seed) {
        Random random = new Random(seed);
        RandomWorld world = new RandomWorld(seed);
        SocketProver.Tally tally = SocketProver.Tally.NONE;
        try (TestNode node = start(random.nextInt(4) == 0)) {
            for (String name : List.of("red", "green", "blue")) {
                node.node.apply(List.of(new Namespace(name, Labels.EMPTY, Optional.empty(), TEST)));
            }
            SocketProver prover = new SocketProver(node, random);
            for (int step = 0; step <= STEPS; step++) {
                change(node.node, step == 0 ? world.first() : world.delta());
                tally = tally.plus(prover.prove("seed " + seed + " step " + step));
            }
        }
        return tally;
    }

    /** The node's addresses are of those that the worlds' nodes have and their blocks hold. */
    private TestNode start(boolean auditAll) {
        NetNs host = NetNs.createAnonymous();
        try (Netlink netlink = Netlink.open(host)) {
            Cidr alone = Cidr.host(Address.parse("10.0.255.1"));
            netlink.addresses().add(LinkAddress.of(1, alone));
        }
        NodeConfig usual = TestNode.config(temporary, host, "10.0.0.0/24");
        NodeConfig config =
                new NodeConfig(
                        usual.instance(),
                        usual.runDirectory(),
                        usual.pinDirectory(),
                        usual.pool4(),
                        Prefix.parse("fd00::/112"),
                        usual.host(),
                        usual.launcher());
        return TestNode.start(host, config.withAuditForAll(auditAll));
    }

    /** Makes of the change what a node takes: it wires every pod, and none is gone twice. */
    private static void change(Node node, Delta delta) {
        Snapshot before = node.state().snapshot();
        Map<Ref, Resource> put = new LinkedHashMap<>();
        for (Resource resource : delta.put()) {
            put.put(resource.ref(), resource instanceof Pod pod ? wired(before, pod) : resource);
        }
        node.apply(List.copyOf(put.values()));
        List<Ref> gone = new ArrayList<>(delta.removed());
        gone.removeIf(ref ->
                ref.kind() == Kind.NAMESPACE || put.containsKey(ref) || before.find(ref).isEmpty());
        node.delete(gone.stream().distinct().toList());
    }

    /** A pod that lives keeps its ports, and none lies on the node or has ended. */
    private static Pod wired(Snapshot before, Pod pod) {
        Pod old = before.pods().getOrDefault(pod.ref(), pod);
        return new Pod(
                        pod.ref(),
                        pod.labels(),
                        List.of(),
                        old.ports(),
                        List.of(),
                        false,
                        false,
                        pod.source())
                .withAudit(pod.audit());
    }
}
