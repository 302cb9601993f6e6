package io.weft.agent;

import io.weft.kernel.EpollEvents;
import io.weft.kernel.Fd;
import io.weft.kernel.Linux;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.netlink.Cidr;
import io.weft.netlink.HardwareAddress;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.LinkChange;
import io.weft.netlink.Netlink;
import io.weft.netlink.Route;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A virtual machine as far as its network goes: a namespace plays the guest, whose interface is a
 * tap, and each frame that the guest sends is written to the descriptor of the container's tap, as
 * QEMU does, and the other way round.
 */
final class TestMachine implements AutoCloseable {
    private static final long TUNSETIFF = 0x400454caL;
    private static final int IFF_TAP_WITHOUT_PI = 0x1002;
    private static final int IFF_MULTI_QUEUE = 0x100;
    private static final int FRAME = 65536;
    private static final int PAUSE_MILLIS = 20; // after which the pump looks whether it is to end

    private final Fd container;
    private final Fd guest;
    private final Thread pump;
    private volatile boolean ended;

    /**
     * @param tap of the container
     * @param inside plays the guest
     * @param ips as ADD has them, with their gateways
     */
    TestMachine(
            NetNs container,
            String tap,
            int flags,
            NetNs inside,
            Mac mac,
            List<Ip> ips,
            List<Ip> gateways) {
        this.container = open(container, tap, flags);
        this.guest = open(inside, "eth0", 0);
        try (Netlink netlink = Netlink.open(inside)) {
            int link = netlink.links().require("eth0").index();
            netlink.links()
                    .change(
                            link,
                            new LinkChange.Mac(new HardwareAddress(mac.bits())),
                            new LinkChange.Up(true));
            for (Ip ip : ips) {
                Cidr alone = Cidr.host(Wiring.address(ip));
                netlink.addresses()
                        .add(
                                ip.isV4()
                                        ? LinkAddress.of(link, alone)
                                        : LinkAddress.of(link, alone, LinkAddress.Flag.NODAD));
            }
            for (Ip gateway : gateways) {
                netlink.routes()
                        .replace(
                                Route.to(gateway.isV4() ? Cidr.ALL_V4 : Cidr.ALL_V6)
                                        .via(Wiring.address(gateway))
                                        .dev(link)
                                        .onLink()
                                        .build());
            }
        }
        pump = Thread.ofPlatform().name("machine").start(this::run);
    }

    static int multiQueue() {
        return IFF_MULTI_QUEUE;
    }

    /** {@return a descriptor of the tap of that name, which is made when it is not there} */
    static Fd open(NetNs namespace, String name, int flags) {
        return namespace.call(() -> {
            Fd device = Linux.open(Path.of("/dev/net/tun"), Linux.O_RDWR);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment request = arena.allocate(40, 8); // struct ifreq
                byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
                MemorySegment.copy(bytes, 0, request, ValueLayout.JAVA_BYTE, 0, bytes.length);
                request.set(ValueLayout.JAVA_SHORT, 16, (short) (IFF_TAP_WITHOUT_PI | flags));
                Linux.ioctl(device, TUNSETIFF, request);
                return device;
            } catch (RuntimeException e) {
                device.close();
                throw e;
            }
        });
    }

    private void run() {
        try (Fd epoll = Linux.epollCreate();
                Arena arena = Arena.ofConfined()) {
            Linux.epollAdd(epoll, container, 0);
            Linux.epollAdd(epoll, guest, 1);
            EpollEvents events = new EpollEvents(arena, 2);
            MemorySegment frame = arena.allocate(FRAME);
            while (!ended) {
                int ready = Linux.epollWait(epoll, events, PAUSE_MILLIS);
                for (int i = 0; i < ready; i++) {
                    boolean out = events.data(i) == 1;
                    int length = Linux.read(out ? guest : container, frame);
                    Linux.write(out ? container : guest, frame.asSlice(0, length));
                }
            }
        } catch (io.weft.kernel.KernelException e) {
            // the tap went
        }
    }

    @Override
    public void close() {
        ended = true;
        try {
            pump.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        container.close();
        guest.close();
    }
}
