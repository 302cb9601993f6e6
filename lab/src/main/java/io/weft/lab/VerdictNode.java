package io.weft.lab;

import io.weft.bpf.BpfMap;
import io.weft.bpf.BpfProgram;
import io.weft.bpf.RingBuffer;
import io.weft.bpf.SkBuff;
import io.weft.bpf.TestRun;
import io.weft.compiler.Compilation;
import io.weft.compiler.Compiler;
import io.weft.compiler.Query;
import io.weft.datapath.Datapath;
import io.weft.datapath.Limits;
import io.weft.datapath.Workload;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.LabelSelector;
import io.weft.model.Mac;
import io.weft.model.NetworkPolicy;
import io.weft.model.Pod;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Snapshot;
import io.weft.model.Source;
import io.weft.netlink.HardwareAddress;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A datapath with 200 pods and any number of policies, whose first two pods, a client and a server,
 * have interfaces, down: packets are put into the program by test runs.
 */
final class VerdictNode implements AutoCloseable {
    private static final int LOCAL_PODS = 200;
    private static final int OTHER_PODS = 1_000;
    private static final int KINDS = 500;
    private static final int PORT = 8080;

    /** Each run of one packet takes one from its hop limit. */
    private static final int RUNS_OF_A_PACKET = 200;

    private static final int HOP_LIMIT = 255;
    private static final int REDIRECT = 7; // TC_ACT_REDIRECT
    private static final int SYN = 2;
    private static final int ACK = 16;
    private static final int TCP = 6;

    /** Past it all source ports have been used. */
    private static final int LAST_PORT = 65535;

    private final int policies;
    private final Datapath datapath;
    private final int[] interfaces = new int[2];
    private final BpfProgram program;
    private final BpfMap events;
    private final RingBuffer ring;
    private int sourcePort = 1024;

    private VerdictNode(int policies, Datapath datapath) {
        this.policies = policies;
        this.datapath = datapath;
        program = BpfProgram.openPinned(datapath.pins().resolve("from_workload"));
        events = BpfMap.openPinned(datapath.pins().resolve("weft_events"));
        ring = RingBuffer.open(events, sample -> {});
    }

    /** Makes its interfaces in {@code host}; they go with it. */
    static VerdictNode create(NetNs host, int policies) {
        VerdictNode node =
                new VerdictNode(
                        policies, Datapath.open(Pins.of("verdict-" + policies), Limits.DEFAULT));
        try {
            node.load(host);
            return node;
        } catch (RuntimeException e) {
            node.close();
            throw e;
        }
    }

    private void load(NetNs host) {
        Compilation compiled = Compiler.compile(Snapshot.of(world(policies)), Set.of());
        if (!compiled.decide(new Query(ip(0), ip(1), TCP, PORT)).allowed()
                || compiled.decide(new Query(ip(0), ip(1), TCP, PORT - 1)).allowed()) {
            throw new IllegalStateException("the policies do not say what is measured");
        }
        Map<Ref, Integer> slots = new HashMap<>();
        for (int i = 0; i < LOCAL_PODS; i++) {
            slots.put(pod(i).ref(), i);
        }
        datapath.tables().apply(compiled.tables(), slots);
        datapath.tables().awaitSettled();
        try (Netlink netlink = Netlink.open(host)) {
            for (int i = 0; i < interfaces.length; i++) {
                String name = "v" + policies + (i == 0 ? "c" : "s");
                interfaces[i] =
                        netlink.links()
                                .create(
                                        new LinkSpec.Veth(
                                                LinkSettings.named(name)
                                                        .mac(
                                                                HardwareAddress.of(
                                                                        gateway(i).toBytes())),
                                                LinkSettings.named(name + "-in")
                                                        .mac(HardwareAddress.of(mac(i).toBytes()))))
                                .index();
                datapath.attach(
                        netlink,
                        interfaces[i],
                        new Workload(i, mac(i), gateway(i), List.of(ip(i))));
            }
        }
    }

    int policies() {
        return policies;
    }

    long entries() {
        return datapath.usage().stream()
                .filter(u -> u.map().equals("weft_policy"))
                .mapToLong(u -> u.used())
                .sum();
    }

    /** {@return nanoseconds of the first packet of a connection, the median of {@code count}} */
    double firstPackets(int count) {
        double[] nanos = new double[count];
        for (int i = 0; i < count; i++) {
            nanos[i] = run(0, sourcePort, SYN, 1);
            sourcePort = sourcePort == LAST_PORT ? 1024 : sourcePort + 1;
        }
        ring.consume(); // so that it never is full
        Arrays.sort(nanos);
        return nanos[count / 2];
    }

    /** {@return nanoseconds of a packet of an open connection, the median of {@code count}} */
    double establishedPackets(int count) {
        int port = 1000;
        run(0, port, SYN, 1);
        run(1, port, SYN | ACK, 1);
        double[] nanos = new double[count];
        for (int i = 0; i < count; i++) {
            nanos[i] = run(0, port, ACK, RUNS_OF_A_PACKET);
        }
        ring.consume();
        Arrays.sort(nanos);
        return nanos[count / 2];
    }

    /** {@return nanoseconds of one run, the mean over {@code repeat}} */
    private double run(int from, int clientPort, int flags, int repeat) {
        SkBuff skb = SkBuff.ZERO.withIfindex(interfaces[from]);
        TestRun.Result result =
                program.testRun(
                        TestRun.of(frame(from, clientPort, flags))
                                .withContext(skb)
                                .withRepeat(repeat));
        if (result.returned() != REDIRECT) {
            throw new IllegalStateException(
                    "the program answers " + result.returned() + ": the packet is not delivered");
        }
        return result.durationNanos();
    }

    private static byte[] frame(int from, int clientPort, int flags) {
        int to = 1 - from;
        ByteBuffer frame = ByteBuffer.allocate(54);
        frame.put(gateway(from).toBytes()).put(mac(from).toBytes()).putShort((short) 0x0800);
        frame.putShort((short) 0x4500).putShort((short) 40).putInt(0x4000);
        frame.put((byte) HOP_LIMIT).put((byte) TCP).putShort((short) 0);
        frame.putInt(ip(from).v4Bits()).putInt(ip(to).v4Bits());
        frame.putShort((short) (from == 0 ? clientPort : PORT));
        frame.putShort((short) (from == 0 ? PORT : clientPort));
        frame.putInt(1).putInt(1).put((byte) (5 << 4)).put((byte) flags).putShort((short) 8192);
        return frame.array(); // the program checks no checksum
    }

    // ---- the world

    private static List<Resource> world(int policies) {
        List<Resource> world = new ArrayList<>();
        for (int i = 0; i < LOCAL_PODS + OTHER_PODS; i++) {
            world.add(pod(i));
        }
        for (int p = 0; p < policies; p++) {
            world.add(policy(p));
        }
        return world;
    }

    /** The first select the client and the server, and let the one reach the other. */
    private static NetworkPolicy policy(int p) {
        int round = p / LOCAL_PODS;
        boolean ofClient = p % LOCAL_PODS == 0;
        String peer = p == 0 ? app(1) : p == 1 ? app(0) : app(LOCAL_PODS + (p * 7919) % OTHER_PODS);
        NetworkPolicy.Rule rule =
                new NetworkPolicy.Rule(
                        List.of(
                                new NetworkPolicy.Peer.Pods(
                                        Optional.empty(),
                                        LabelSelector.of(Map.of("app", peer)),
                                        Source.NONE)),
                        List.of(
                                new NetworkPolicy.PortMatch.Range(
                                        Protocol.TCP, PORT + round, PORT + round, Source.NONE)),
                        Source.NONE);
        return new NetworkPolicy(
                new Ref(Kind.NETWORK_POLICY, "default", "policy-" + p),
                LabelSelector.of(Map.of("pod", Integer.toString(p % LOCAL_PODS))),
                !ofClient,
                ofClient,
                ofClient ? List.of() : List.of(rule),
                ofClient ? List.of(rule) : List.of(),
                Source.NONE);
    }

    private static Pod pod(int i) {
        return LabPods.pod(
                "pod-" + i, Map.of("pod", Integer.toString(i), "app", app(i)), List.of(ip(i)));
    }

    private static String app(int pod) {
        return pod < LOCAL_PODS ? "local-" + pod % 50 : "app-" + pod % KINDS;
    }

    private static Ip ip(int pod) {
        return Ip.v4(0x0a01_0000 + 10 + pod);
    }

    private static Mac mac(int pod) {
        return new Mac(0x02_00_00_00_02_00L + pod);
    }

    private static Mac gateway(int pod) {
        return new Mac(0x02_00_00_00_01_00L + pod);
    }

    @Override
    public void close() {
        ring.close();
        events.close();
        program.close();
        datapath.close();
        Datapath.unpin(datapath.pins());
    }
}
