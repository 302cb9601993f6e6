package io.weft.netlink;

import io.weft.kernel.Errno;
import io.weft.kernel.Fd;
import io.weft.kernel.KernelException;
import io.weft.kernel.Linux;
import io.weft.kernel.NetNs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Persistent taps; Documentation/networking/tuntap.rst. rtnetlink itself cannot make them. */
final class TapDevice {
    private static final Path DEVICE = Path.of("/dev/net/tun");
    private static final long TUNSETIFF = 0x400454caL;
    private static final long TUNSETPERSIST = 0x400454cbL;
    private static final long TUNSETOWNER = 0x400454ccL;
    private static final long TUNSETGROUP = 0x400454ceL;
    private static final long TUNSETIFINDEX = 0x400454daL;
    private static final int IFF_TAP = 0x2;
    private static final int IFF_MULTI_QUEUE = 0x100;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;
    private static final int IFF_TUN_EXCL = 0x8000;
    private static final int IFREQ = 40; // struct ifreq: name[16], then the union

    private TapDevice() {}

    /** Makes it down, in {@code namespace}. {@return the settings that are still to be made} */
    static List<LinkChange> create(LinkSpec.Tap tap, Supplier<NetNs> namespace) {
        try (NetNs home = namespace.get()) {
            home.run(() -> create(tap));
        } catch (KernelException e) {
            boolean named =
                    e.is(Errno.EBUSY) && tap.link().index() == 0; // else the index may be it
            int code = named ? Errno.EEXIST : e.errno().code();
            NetlinkException failure =
                    new NetlinkException(
                            "create link " + LinkMessages.describe(tap), code, e.operation());
            failure.initCause(e);
            throw failure;
        }
        LinkSettings link = tap.link();
        List<LinkChange> changes = new ArrayList<>();
        link.mac().ifPresent(mac -> changes.add(new LinkChange.Mac(mac)));
        if (link.mtu() != 0) {
            changes.add(new LinkChange.Mtu(link.mtu()));
        }
        if (link.group() != 0) {
            changes.add(new LinkChange.Group(link.group()));
        }
        List<LinkChange> others = LinkMessages.afterwards(link);
        changes.addAll(others);
        if (link.up() && others.isEmpty()) {
            changes.add(new LinkChange.Up(true));
        }
        return changes;
    }

    private static void create(LinkSpec.Tap tap) {
        byte[] name = tap.link().name().getBytes(StandardCharsets.UTF_8);
        int flags =
                IFF_TAP
                        | IFF_NO_PI
                        | IFF_TUN_EXCL
                        | (tap.vnetHeader() ? IFF_VNET_HDR : 0)
                        | (tap.multiQueue() ? IFF_MULTI_QUEUE : 0);
        // The namespace is that of the thread which opens the device.
        try (Fd device = Linux.open(DEVICE, Linux.O_RDWR);
                Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(IFREQ, 8);
            MemorySegment.copy(name, 0, request, ValueLayout.JAVA_BYTE, 0, name.length);
            request.set(ValueLayout.JAVA_SHORT, 16, (short) flags);
            if (tap.link().index() != 0) {
                MemorySegment index = arena.allocateFrom(ValueLayout.JAVA_INT, tap.link().index());
                Linux.ioctl(device, TUNSETIFINDEX, index);
            }
            Linux.ioctl(device, TUNSETIFF, request);
            if (tap.owner().isPresent()) {
                Linux.ioctl(device, TUNSETOWNER, tap.owner().getAsLong());
            }
            if (tap.group().isPresent()) {
                Linux.ioctl(device, TUNSETGROUP, tap.group().getAsLong());
            }
            Linux.ioctl(device, TUNSETPERSIST, 1L); // last: until then it goes with the descriptor
        }
    }
}
