package io.weft.datapath;

import io.weft.bpf.BpfFs;
import io.weft.bpf.BpfLink;
import io.weft.bpf.BpfProgram;
import io.weft.bpf.BpfSyscallException;
import io.weft.bpf.TypedMap;
import io.weft.tables.UplinkValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * An interface that leads outside: over it clients there reach services, and so do the node's own
 * sockets that no {@link SocketHooks} lead. Its programs are pinned.
 */
public final class Uplink implements AutoCloseable {
    private static final String PIN = "uplink_";
    private static final int ENOLINK = 67; // errno(3)

    private final Attached ingress;
    private final Attached egress;
    private final UplinkXdp xdp;
    private final UplinkXdp.Attached xdpAttached;

    private record Attached(BpfLink link, Path pin) {
        static Attached at(
                BpfProgram program, int ifindex, BpfLink.Direction direction, Path pins) {
            Path pin =
                    pins.resolve(
                            PIN
                                    + direction.name().toLowerCase(java.util.Locale.ROOT)
                                    + "_"
                                    + ifindex);
            if (Files.exists(pin)) {
                BpfLink there = BpfLink.openPinned(pin);
                try {
                    there.update(program);
                    return new Attached(there, pin);
                } catch (RuntimeException e) {
                    there.close();
                    if (!(e instanceof BpfSyscallException refused && refused.is(ENOLINK))) {
                        throw e;
                    }
                    BpfFs.removeRecursively(pin); // its interface is gone, and this is another one
                }
            }
            BpfLink link = BpfLink.attachTcx(program, ifindex, direction);
            try {
                link.pin(pin);
                return new Attached(link, pin);
            } catch (RuntimeException e) {
                link.close();
                throw e;
            }
        }

        void detach() {
            BpfFs.removeRecursively(pin);
            link.close();
        }
    }

    private Uplink(
            Attached ingress, Attached egress, UplinkXdp xdp, UplinkXdp.Attached xdpAttached) {
        this.ingress = ingress;
        this.egress = egress;
        this.xdp = xdp;
        this.xdpAttached = xdpAttached;
    }

    static Uplink attach(
            Function<String, BpfProgram> programs,
            TypedMap<Integer, UplinkValue> uplinks,
            int ifindex,
            Path pins,
            Xdp wanted) {
        Attached egress =
                Attached.at(
                        programs.apply(Datapath.TO_UPLINK),
                        ifindex,
                        BpfLink.Direction.EGRESS,
                        pins);
        Attached ingress;
        try {
            ingress =
                    Attached.at(
                            programs.apply(Datapath.FROM_UPLINK),
                            ifindex,
                            BpfLink.Direction.INGRESS,
                            pins);
        } catch (RuntimeException e) {
            egress.detach();
            throw e;
        }
        try {
            UplinkXdp xdp = new UplinkXdp(uplinks, ifindex, pins);
            // last: what it has rewritten is for from_uplink
            return new Uplink(
                    ingress, egress, xdp, xdp.attach(programs.apply(Datapath.XDP_UPLINK), wanted));
        } catch (RuntimeException e) {
            ingress.detach();
            egress.detach();
            throw e;
        }
    }

    /** {@return where it is looked at what comes in: never {@link Xdp#AUTO}} */
    public Xdp xdp() {
        return xdpAttached.mode();
    }

    /** {@return why {@link Xdp#AUTO} came to {@link Xdp#OFF}; else empty} */
    public String whyNotXdp() {
        return xdpAttached.reason();
    }

    /** Lets go of the descriptors; the programs stay. */
    public void release() {
        xdpAttached.link().ifPresent(BpfLink::close);
        ingress.link.close();
        egress.link.close();
    }

    /** Takes the programs away. */
    @Override
    public void close() {
        xdp.detach(xdpAttached);
        ingress.detach();
        egress.detach();
    }
}
