package io.weft.datapath;

import io.weft.bpf.BpfFs;
import io.weft.bpf.RingBuffer;
import io.weft.bpf.SkBuff;
import io.weft.bpf.TestRun;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.netlink.HardwareAddress;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import io.weft.tables.EventRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A node for tests of other modules: they load tables of their own, say which addresses are wired
 * to it, and ask its programs about packets. Nothing is ever sent: the interfaces are down, and
 * packets are put into the programs by test runs.
 */
public final class ProvingNode implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Limits LIMITS = new Limits(1 << 14, 1 << 14, 1 << 16, 1 << 20);
    private static final int DESTINATION_OPTIONS = 60; // RFC 8200 section 4.6
    private static final List<Integer> NO_MARKS = List.of(0, 0, 0, 0, 0);

    /**
     * A packet without content.
     *
     * @param protocol IANA number
     * @param sourcePort of an echo its identifier
     * @param port of the destination; of ICMP and ICMPv6 the type
     * @param options has IPv4 options or an IPv6 options header: between two workloads it goes
     *     through the node's stack, and both programs see it
     */
    public record Packet(Ip from, Ip to, int protocol, int sourcePort, int port, boolean options) {}

    /**
     * What the programs made of a packet.
     *
     * @param events that told of it; none for a packet of a connection that goes on as before
     */
    public record Answer(boolean passed, List<EventRecord> events) {}

    private final String unique =
            "weft-t-pn" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
    private final Path pins = BpfFs.DEFAULT.resolve(unique);
    private final NetNs netns;
    private final Netlink netlink;
    private final Datapath datapath;
    private final RingBuffer ring;
    private final Set<Ip> nodeAddresses;
    private final int[] ifindexes;
    private final int uplink;
    private final List<EventRecord> events = new ArrayList<>();
    private final Map<Integer, List<Ip>> wired = new HashMap<>();
    private final Map<Ip, Integer> slots = new HashMap<>();

    private ProvingNode(int workloads, Set<Ip> nodeAddresses) {
        BpfFs.ensureMounted();
        this.nodeAddresses = Set.copyOf(nodeAddresses);
        netns = NetNs.create(unique);
        netlink = Netlink.open(netns);
        datapath = Datapath.open(pins, LIMITS);
        ring =
                RingBuffer.open(
                        datapath.map("weft_events"),
                        sample -> events.add(EventRecord.read(sample, 0)));
        ifindexes = new int[workloads];
        for (int slot = 0; slot < workloads; slot++) {
            LinkSettings host =
                    LinkSettings.named("w" + slot).mac(HardwareAddress.of(gateway(slot).toBytes()));
            ifindexes[slot] =
                    netlink.links()
                            .create(new LinkSpec.Veth(host, LinkSettings.named("in" + slot)))
                            .index();
        }
        uplink = netlink.links().require("lo").index();
    }

    /**
     * @param workloads slots 0 to that less one can be wired
     * @param nodeAddresses packets from these are taken to be made by the node
     */
    public static ProvingNode create(int workloads, Set<Ip> nodeAddresses) {
        return new ProvingNode(workloads, nodeAddresses);
    }

    private static Mac mac(int slot) {
        return new Mac(0x02_00_00_00_02_00L + slot);
    }

    private static Mac gateway(int slot) {
        return new Mac(0x02_00_00_00_01_00L + slot);
    }

    /** {@return what changes the policy} */
    public KernelTables tables() {
        return datapath.tables();
    }

    /** {@return what answers from the maps} */
    public LiveEngine live() {
        return datapath.live();
    }

    /** Makes these the workloads of this node, and no others. */
    public void wire(Map<Integer, List<Ip>> next) {
        if (next.keySet().stream().anyMatch(slot -> slot >= ifindexes.length)) {
            throw new IllegalArgumentException(
                    next + ": there are " + ifindexes.length + " interfaces");
        }
        Set<Integer> different = new HashSet<>();
        for (int slot = 0; slot < ifindexes.length; slot++) {
            if (!ips(wired, slot).equals(ips(next, slot))) {
                different.add(slot);
            }
        }
        for (int slot : different) {
            if (datapath.detach(ifindexes[slot])) {
                ips(wired, slot).forEach(slots::remove);
            }
        }
        for (int slot : different) {
            List<Ip> ips = ips(next, slot);
            if (!ips.isEmpty()) {
                Workload workload = new Workload(slot, mac(slot), gateway(slot), ips);
                datapath.attach(netlink, ifindexes[slot], workload);
                ips.forEach(ip -> slots.put(ip, slot));
            }
        }
        wired.clear();
        wired.putAll(next);
    }

    private static List<Ip> ips(Map<Integer, List<Ip>> of, int slot) {
        return of.getOrDefault(slot, List.of());
    }

    /** {@return the slot of the workload that has this address here} */
    public Optional<Integer> slotOf(Ip ip) {
        return Optional.ofNullable(slots.get(ip));
    }

    /** Forgets all connections of these addresses. */
    public void forget(Set<Ip> ips) {
        datapath.connections().end(ips, System.nanoTime(), event -> {});
    }

    /**
     * Puts each packet in where it would come in: a local workload's own into {@code
     * from_workload}, others into {@code to_workload} of the destination, and one that takes the
     * way through the stack from one to the other into both.
     *
     * @throws IllegalArgumentException when neither end is wired here
     */
    public List<Answer> ask(List<Packet> packets) {
        return netns.call(() -> packets.stream().map(this::ask).toList());
    }

    private Answer ask(Packet packet) {
        Integer from = slots.get(packet.from);
        Integer to = slots.get(packet.to);
        events.clear();
        int action;
        if (from != null) {
            int link = ifindexes[from];
            action = run(Datapath.FROM_WORKLOAD, link, link, gateway(from), mac(from), packet);
            if (to != null && packet.options && action != TestNode.SHOT) {
                if (action == TestNode.REDIRECT) {
                    throw new AssertionError("does not go through the stack: " + packet);
                }
                action =
                        run(
                                Datapath.TO_WORKLOAD,
                                ifindexes[to],
                                link,
                                mac(to),
                                gateway(to),
                                packet);
            }
        } else if (to != null) {
            int ingress = nodeAddresses.contains(packet.from) ? 0 : uplink;
            int link = ifindexes[to];
            action = run(Datapath.TO_WORKLOAD, link, ingress, mac(to), gateway(to), packet);
        } else {
            throw new IllegalArgumentException("neither end is here: " + packet);
        }
        ring.consume();
        return new Answer(action != TestNode.SHOT, List.copyOf(events));
    }

    private int run(String program, int link, int ingress, Mac to, Mac from, Packet packet) {
        SkBuff skb = new SkBuff(0, 0, ingress, link, NO_MARKS, 0);
        Frame ip = Frame.eth(to, from).ip(packet.from, packet.to);
        if (packet.options) {
            ip = packet.from.isV4() ? ip.options(4) : ip.extension(DESTINATION_OPTIONS);
        }
        byte[] frame = frame(ip, packet).bytes();
        return datapath.program(program).testRun(TestRun.of(frame).withContext(skb)).returned();
    }

    private static Frame frame(Frame ip, Packet packet) {
        return switch (packet.protocol) {
            case 1, 58 -> ip.icmp(packet.port, 0, packet.sourcePort);
            case 6 -> ip.tcp(packet.sourcePort, packet.port, Frame.SYN);
            case 17 -> ip.udp(packet.sourcePort, packet.port);
            case 132 -> ip.sctp(packet.sourcePort, packet.port);
            default -> ip.protocol(packet.protocol);
        };
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
