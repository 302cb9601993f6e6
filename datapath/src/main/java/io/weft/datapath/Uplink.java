package io.weft.datapath;

import io.weft.bpf.BpfFs;
import io.weft.bpf.BpfLink;
import io.weft.bpf.BpfProgram;
import io.weft.bpf.BpfSyscallException;
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

    private Uplink(Attached ingress, Attached egress) {
        this.ingress = ingress;
        this.egress = egress;
    }

    static Uplink attach(Function<String, BpfProgram> programs, int ifindex, Path pins) {
        Attached egress =
                Attached.at(
                        programs.apply(Datapath.TO_UPLINK),
                        ifindex,
                        BpfLink.Direction.EGRESS,
                        pins);
        try {
            return new Uplink(
                    Attached.at(
                            programs.apply(Datapath.FROM_UPLINK),
                            ifindex,
                            BpfLink.Direction.INGRESS,
                            pins),
                    egress);
        } catch (RuntimeException e) {
            egress.detach();
            throw e;
        }
    }

    /** Lets go of the descriptors; the programs stay. */
    public void release() {
        ingress.link.close();
        egress.link.close();
    }

    /** Takes the programs away. */
    @Override
    public void close() {
        ingress.detach();
        egress.detach();
    }
}
