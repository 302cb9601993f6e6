package io.weft.datapath;

import io.weft.bpf.BpfFs;
import io.weft.bpf.Codec;
import io.weft.bpf.SkBuff;
import io.weft.bpf.TestRun;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.netlink.Cidr;
import io.weft.netlink.HardwareAddress;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import io.weft.netlink.Route;
import io.weft.tables.Reason;
import io.weft.tables.ServiceTable;
import io.weft.tables.UplinkValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** For tests of other modules: loads services, and asks the programs what becomes of a packet. */
public final class ServiceProver implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Mac POD = new Mac(0x02_00_00_00_02_01L);
    private static final Mac GATEWAY = new Mac(0x02_00_00_00_01_01L);
    private static final Mac UPLINK = new Mac(0x02_00_00_00_03_01L);
    private static final int TCP = 6;
    private static final int UDP = 17;

    /** At which program a packet is put in. */
    public enum Where {
        FROM_WORKLOAD,
        FROM_UPLINK,
        TO_UPLINK,
        /** XDP at the uplink, and then what it passes on, at {@link #FROM_UPLINK}. */
        XDP_UPLINK
    }

    /** What became of a packet. */
    public sealed interface Outcome {
        /** It goes on as it came. */
        record Untouched() implements Outcome {}

        /** Its sender is told. */
        record Rejected() implements Outcome {}

        record Dropped(Reason reason) implements Outcome {}

        record Sent(Ip ip, int port, boolean masqueraded) implements Outcome {}
    }

    private final String unique =
            "weft-t-sp" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
    private final Path pins = BpfFs.DEFAULT.resolve(unique);
    private final NetNs netns;
    private final Netlink netlink;
    private final Datapath datapath;
    private final int pod;
    private final int uplink;

    private ServiceProver() {
        BpfFs.ensureMounted();
        netns = NetNs.create(unique);
        netlink = Netlink.open(netns);
        datapath = Datapath.open(pins, TestNode.SMALL);
        netns.run(ServiceProver::forward);
        pod = veth("pod", GATEWAY);
        uplink = veth("up", UPLINK);
        datapath.map("weft_uplinks")
                .typed(Codec.U32, Codecs.UPLINK)
                .put(uplink, new UplinkValue(1, UPLINK, UplinkValue.TX));
        netlink.routes().add(Route.to(Cidr.ALL_V4).dev(uplink).build());
        netlink.routes().add(Route.to(Cidr.ALL_V6).dev(uplink).build());
    }

    public static ServiceProver create() {
        return new ServiceProver();
    }

    private static void forward() {
        try {
            Files.writeString(Path.of("/proc/sys/net/ipv4/ip_forward"), "1");
            Files.writeString(Path.of("/proc/sys/net/ipv6/conf/all/forwarding"), "1");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int veth(String name, Mac mac) {
        int index =
                netlink.links()
                        .create(
                                new LinkSpec.Veth(
                                        LinkSettings.named(name)
                                                .mac(HardwareAddress.of(mac.toBytes())),
                                        LinkSettings.named(name + "-in")))
                        .index();
        netlink.links().setUp(index);
        netlink.links().setUp(netlink.links().require(name + "-in").index());
        return index;
    }

    public void apply(ServiceTable table) {
        datapath.services().apply(table);
        Ip[] own = table.vantage().addresses().toArray(Ip[]::new);
        datapath.tables()
                .apply(
                        new TestTables().pod("web", TestNode.WEB_ID).node(own).build(),
                        Map.of(TestTables.ref("web"), 0));
    }

    /**
     * {@return what becomes of the first packet of a connection}
     *
     * @param sourcePort another one for each connection
     */
    public Outcome send(Where where, Ip from, int sourcePort, Ip to, int port, int protocol) {
        Frame frame =
                switch (where) {
                    case FROM_WORKLOAD -> Frame.eth(GATEWAY, POD);
                    case FROM_UPLINK, TO_UPLINK, XDP_UPLINK -> Frame.eth(UPLINK, POD);
                };
        frame.ip(from, to);
        switch (protocol) {
            case TCP -> frame.tcp(sourcePort, port, Frame.SYN);
            case UDP -> frame.udp(sourcePort, port);
            default -> frame.sctp(sourcePort, port);
        }
        int ifindex = where == Where.FROM_WORKLOAD ? pod : uplink;
        if (where == Where.FROM_WORKLOAD) {
            datapath.attach(netlink, pod, new Workload(0, POD, GATEWAY, List.of(from)));
        }
        Map<Reason, Long> before = dropped();
        if (where == Where.XDP_UPLINK) {
            XdpRun run = XdpRun.of(datapath, netns, uplink, frame.bytes());
            if (run.action() != XdpRun.PASS || run.mark() > 0) {
                return outcome(
                        run.action() == XdpRun.DROP,
                        run.frame(),
                        before,
                        frame.bytes(),
                        from.isV4());
            }
            return send(Where.FROM_UPLINK, from, sourcePort, to, port, protocol);
        }
        SkBuff skb =
                new SkBuff(
                        0,
                        0,
                        where == Where.TO_UPLINK ? 0 : ifindex,
                        ifindex,
                        List.of(0, 0, 0, 0, 0),
                        0);
        TestRun run = TestRun.of(frame.bytes()).withContext(skb);
        TestRun.Result result =
                netns.call(() ->
                        datapath.program(where.name().toLowerCase(java.util.Locale.ROOT))
                                .testRun(run));
        Outcome outcome =
                outcome(
                        result.returned() == TestNode.SHOT,
                        result.data().toArray(),
                        before,
                        frame.bytes(),
                        from.isV4());
        if (where == Where.FROM_WORKLOAD) {
            datapath.detach(pod); // with its counters
        }
        return outcome;
    }

    private Outcome outcome(
            boolean shot, byte[] got, Map<Reason, Long> before, byte[] sent, boolean v4) {
        for (Map.Entry<Reason, Long> now : dropped().entrySet()) {
            if (now.getValue() > before.getOrDefault(now.getKey(), 0L)) {
                return now.getKey() == Reason.NO_ENDPOINT && !shot
                        ? new Outcome.Rejected()
                        : new Outcome.Dropped(now.getKey());
            }
        }
        if (shot) {
            throw new IllegalStateException("dropped without a reason");
        }
        int length = v4 ? 4 : 16;
        int at = v4 ? 14 + 12 : 14 + 8;
        int ports = v4 ? 14 + 20 : 14 + 40;
        byte[] to = Arrays.copyOfRange(got, at + length, at + 2 * length);
        if (Arrays.equals(to, Arrays.copyOfRange(sent, at + length, at + 2 * length))) {
            return new Outcome.Untouched();
        }
        boolean masqueraded =
                !Arrays.equals(
                                Arrays.copyOfRange(got, at, at + length),
                                Arrays.copyOfRange(sent, at, at + length))
                        || ByteBuffer.wrap(got).getShort(ports)
                                != ByteBuffer.wrap(sent).getShort(ports);
        return new Outcome.Sent(
                Ip.of(to), ByteBuffer.wrap(got).getShort(ports + 2) & 0xffff, masqueraded);
    }

    private Map<Reason, Long> dropped() {
        Map<Reason, Long> sums = new TreeMap<>();
        datapath.drops()
                .forEach((key, value) -> sums.merge(key.reason(), value.packets(), Long::sum));
        sums.remove(Reason.NO_WORKLOAD); // what the interfaces themselves send
        return sums;
    }

    @Override
    public void close() {
        datapath.close();
        Datapath.unpin(pins);
        netlink.close();
        netns.close();
        NetNs.delete(unique);
    }
}
