package io.weft.datapath;

import io.weft.bpf.BpfFs;
import io.weft.bpf.Bytes;
import io.weft.bpf.RingBuffer;
import io.weft.bpf.SkBuff;
import io.weft.bpf.TestRun;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.model.Ref;
import io.weft.netlink.HardwareAddress;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import io.weft.tables.EventRecord;
import io.weft.tables.Reason;
import io.weft.tables.Tables;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A node in a namespace of its own with two workloads, WEB and DB, whose interfaces are there but
 * down: packets are put into the programs by test runs.
 */
final class TestNode implements AutoCloseable {
    static final int OK = 0;
    static final int SHOT = 2;
    static final int REDIRECT = 7;

    static final Limits SMALL =
            new Limits(1024, 1024, 1024, 1 << 16).with(new ServiceLimits(1024, 1024, 16384));

    /** A workload as a test knows it. */
    record Pod(String name, int slot, Ip ip4, Ip ip6, Mac mac, Mac gateway) {
        static Pod numbered(String name, int slot) {
            return new Pod(
                    name,
                    slot,
                    Ip.parse("10.1.0." + (10 + slot)),
                    Ip.parse("fd00:1::" + (10 + slot)),
                    new Mac(0x02_00_00_00_02_00L + slot),
                    new Mac(0x02_00_00_00_01_00L + slot));
        }

        Workload workload() {
            return new Workload(slot, mac, gateway, List.of(ip4, ip6));
        }

        /** A frame that the workload sends. */
        Frame sends() {
            return Frame.eth(gateway, mac);
        }

        /** A frame that the node's stack sends to the workload. */
        Frame gets() {
            return Frame.eth(mac, gateway);
        }
    }

    static final Pod WEB = Pod.numbered("web", 0);
    static final Pod DB = Pod.numbered("db", 1);
    static final int WEB_ID = 300;
    static final int DB_ID = 301;
    static final Ip NODE4 = Ip.parse("10.1.0.1");
    static final Ip NODE6 = Ip.parse("fd00:1::1");
    static final Ip WORLD4 = Ip.parse("192.0.2.9");
    static final Ip WORLD6 = Ip.parse("2001:db8::9");

    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** What a program made of a packet. */
    record Run(int action, Bytes data) {
        byte[] bytes() {
            return data.toArray();
        }
    }

    final String unique =
            "weft-t-dp" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
    final Path pins = BpfFs.DEFAULT.resolve(unique);
    final NetNs netns;
    final Netlink netlink;
    Datapath datapath;
    private RingBuffer ring;
    private final List<EventRecord> events = new ArrayList<>();
    private final Map<String, Integer> ifindexes = new TreeMap<>();

    private TestNode() {
        BpfFs.ensureMounted();
        netns = NetNs.create(unique);
        netlink = Netlink.open(netns);
        datapath = Datapath.open(pins, SMALL);
        ring = ring();
    }

    static TestNode create() {
        TestNode node = new TestNode();
        try {
            node.apply(node.open().build());
            node.wire(WEB);
            node.wire(DB);
            return node;
        } catch (RuntimeException e) {
            node.close();
            throw e;
        }
    }

    private RingBuffer ring() {
        return RingBuffer.open(
                datapath.map("weft_events"), sample -> events.add(EventRecord.read(sample, 0)));
    }

    /** Tables in which both pods are known and nothing is isolated. */
    TestTables open() {
        return new TestTables()
                .pod("web", WEB_ID, WEB.ip4, WEB.ip6)
                .pod("db", DB_ID, DB.ip4, DB.ip6)
                .node(NODE4, NODE6);
    }

    void apply(Tables tables) {
        datapath.tables().apply(tables, slots());
    }

    static Map<Ref, Integer> slots() {
        return Map.of(TestTables.ref("web"), WEB.slot, TestTables.ref("db"), DB.slot);
    }

    private void wire(Pod pod) {
        int index =
                netlink.links()
                        .create(
                                new LinkSpec.Veth(
                                        LinkSettings.named(pod.name)
                                                .mac(HardwareAddress.of(pod.gateway.toBytes())),
                                        LinkSettings.named(pod.name + "-in")
                                                .mac(HardwareAddress.of(pod.mac.toBytes()))))
                        .index();
        ifindexes.put(pod.name, index);
        datapath.attach(netlink, index, pod.workload());
    }

    /** The process ends without a word, and another one adopts what it left. */
    void restart() {
        ring.close();
        datapath.close();
        datapath = Datapath.open(pins, SMALL);
        ring = ring();
    }

    int ifindex(Pod pod) {
        return ifindexes.getOrDefault(pod.name, 0);
    }

    /** The workload sends. */
    Run from(Pod pod, Frame frame) {
        return run("from_workload", ifindex(pod), ifindex(pod), frame);
    }

    /** The node's stack forwards to the workload what came in at interface {@code ingress}. */
    Run to(Pod pod, int ingress, Frame frame) {
        return run("to_workload", ifindex(pod), ingress, frame);
    }

    /** An interface of the node that no workload is behind. */
    int uplink() {
        return netlink.links().require("lo").index();
    }

    Run run(String program, int ifindex, int ingress, Frame frame) {
        SkBuff skb = new SkBuff(0, 0, ingress, ifindex, List.of(0, 0, 0, 0, 0), 0);
        TestRun run = TestRun.of(frame.bytes()).withContext(skb);
        TestRun.Result result = netns.call(() -> datapath.program(program).testRun(run));
        return new Run(result.returned(), result.data());
    }

    /** {@return the events since the last call} */
    List<EventRecord> events() {
        ring.consume();
        List<EventRecord> copy = List.copyOf(events);
        events.clear();
        return copy;
    }

    /** {@return packets dropped, by reason, over all workloads} */
    Map<Reason, Long> drops() {
        Map<Reason, Long> sums = new TreeMap<>();
        datapath.drops()
                .forEach((key, value) -> sums.merge(key.reason(), value.packets(), Long::sum));
        return sums;
    }

    @Override
    public void close() {
        ring.close();
        datapath.close();
        Datapath.unpin(pins);
        netlink.close();
        netns.close();
        NetNs.delete(unique);
    }
}
