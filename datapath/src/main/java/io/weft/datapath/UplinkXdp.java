package io.weft.datapath;

import io.weft.bpf.BpfFs;
import io.weft.bpf.BpfLink;
import io.weft.bpf.BpfProgram;
import io.weft.bpf.BpfSyscallException;
import io.weft.bpf.TypedMap;
import io.weft.model.Mac;
import io.weft.netlink.Link;
import io.weft.netlink.Netlink;
import io.weft.tables.UplinkValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The XDP program of an uplink, if it has one. */
final class UplinkXdp {
    private static final String PIN = "uplink_xdp_";
    private static final String VETH = "veth";
    private static final int EBUSY = 16; // errno(3)
    private static final int ENOLINK = 67;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final TypedMap<Integer, UplinkValue> uplinks;
    private final int ifindex;
    private final Path pins;

    UplinkXdp(TypedMap<Integer, UplinkValue> uplinks, int ifindex, Path pins) {
        this.uplinks = uplinks;
        this.ifindex = ifindex;
        this.pins = pins;
    }

    /** What is in force: in which mode, and why not in the driver when that was asked for. */
    record Attached(Xdp mode, String reason, Optional<BpfLink> link) {}

    /** From the namespace of the calling thread. {@return what is in force now} */
    Attached attach(BpfProgram program, Xdp wanted) {
        if (wanted == Xdp.OFF) {
            remove(List.of(Xdp.NATIVE, Xdp.GENERIC));
            uplinks.remove(ifindex);
            return new Attached(Xdp.OFF, "", Optional.empty());
        }
        Link device;
        try (Netlink netlink = Netlink.open()) {
            device =
                    netlink.links()
                            .get(ifindex)
                            .orElseThrow(() ->
                                    new DatapathException(
                                            "attach XDP: there is no interface " + ifindex));
        }
        boolean veth = device.kind().equals(VETH);
        if (wanted == Xdp.AUTO && veth) {
            attach(program, Xdp.OFF);
            return new Attached(
                    Xdp.OFF, "a veth's packets are in the stack already", Optional.empty());
        }
        Xdp mode = wanted == Xdp.GENERIC ? Xdp.GENERIC : Xdp.NATIVE;
        remove(List.of(mode == Xdp.NATIVE ? Xdp.GENERIC : Xdp.NATIVE));
        // a veth drops what it gets back unless its peer has a NAPI: with XDP, or GRO
        know(device, mode == Xdp.NATIVE && veth ? 0 : UplinkValue.TX);
        try {
            return new Attached(mode, "", Optional.of(link(program, mode)));
        } catch (BpfSyscallException e) {
            uplinks.remove(ifindex);
            if (wanted == Xdp.AUTO) {
                return new Attached(Xdp.OFF, String.valueOf(e.getMessage()), Optional.empty());
            }
            throw new DatapathException(
                    "attach XDP %s to %s: %s%s"
                            .formatted(
                                    mode.name().toLowerCase(Locale.ROOT),
                                    device.name(),
                                    e.getMessage(),
                                    e.is(EBUSY)
                                            ? "\n  Another XDP program is there: see `ip link show"
                                                    + " dev "
                                                    + device.name()
                                                    + "`, take it away, or use xdp=off"
                                            : "\n  Its driver may not be able to: use xdp=auto, or"
                                                    + " xdp=off"),
                    e);
        } catch (RuntimeException e) {
            uplinks.remove(ifindex);
            throw e;
        }
    }

    private void know(Link device, int flags) {
        Mac mac =
                device.mac()
                        .map(address -> new Mac(address.bits()))
                        .orElseThrow(() ->
                                new DatapathException(
                                        "attach XDP to "
                                                + device
                                                + ": it has no Ethernet address"));
        long mark = uplinks.get(ifindex).map(UplinkValue::mark).orElseGet(RANDOM::nextLong);
        uplinks.put(ifindex, new UplinkValue(mark, mac, flags));
    }

    private BpfLink link(BpfProgram program, Xdp mode) {
        Path pin = pin(mode);
        if (Files.exists(pin)) {
            BpfLink there = BpfLink.openPinned(pin);
            try {
                there.update(program);
                return there;
            } catch (RuntimeException e) {
                there.close();
                if (!(e instanceof BpfSyscallException refused && refused.is(ENOLINK))) {
                    throw e;
                }
                BpfFs.removeRecursively(pin); // its interface is gone, and this is another one
            }
        }
        BpfLink link =
                BpfLink.attachXdp(
                        program,
                        ifindex,
                        mode == Xdp.NATIVE ? BpfLink.XdpMode.NATIVE : BpfLink.XdpMode.GENERIC);
        try {
            link.pin(pin);
            return link;
        } catch (RuntimeException e) {
            link.close();
            throw e;
        }
    }

    /** Takes the program away. */
    void detach(Attached attached) {
        remove(List.of(Xdp.NATIVE, Xdp.GENERIC));
        attached.link().ifPresent(BpfLink::close);
        uplinks.remove(ifindex);
    }

    private void remove(List<Xdp> modes) {
        for (Xdp mode : modes) {
            Path pin = pin(mode);
            if (Files.exists(pin)) {
                try (BpfLink there = BpfLink.openPinned(pin)) {
                    there.detach(); // now, not when the last descriptor is gone
                }
                BpfFs.removeRecursively(pin);
            }
        }
    }

    private Path pin(Xdp mode) {
        return pins.resolve(PIN + mode.name().toLowerCase(Locale.ROOT) + "_" + ifindex);
    }
}
