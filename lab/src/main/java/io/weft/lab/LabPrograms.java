package io.weft.lab;

import io.weft.bpf.BpfLink;
import io.weft.bpf.BpfProgram;
import io.weft.bpf.LoadedObject;
import io.weft.bpf.ObjectSpec;
import io.weft.kernel.NetNs;
import io.weft.netlink.BpfFilter;
import io.weft.netlink.Netlink;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The programs of {@code weft_lab.c}, loaded; what they are attached by ends with them. */
final class LabPrograms implements AutoCloseable {
    private final Opened opened = new Opened();
    private final LoadedObject object;

    private LabPrograms(ObjectSpec spec) {
        object = opened.add(spec.load());
    }

    /**
     * @param port UDP, that the dropping programs drop
     * @param target ifindex where the redirecting program sends to; 0: nowhere
     */
    static LabPrograms load(int port, int target) {
        try (InputStream in = LabPrograms.class.getResourceAsStream("weft_lab.o")) {
            if (in == null) {
                throw new IllegalStateException("weft_lab.o is not beside " + LabPrograms.class);
            }
            return new LabPrograms(
                    ObjectSpec.read(in)
                            .withRodata("lab_port", port)
                            .withRodata("lab_target", target));
        } catch (IOException e) {
            throw new UncheckedIOException("read weft_lab.o", e);
        }
    }

    /** Attaches XDP to a link of a namespace. */
    LabPrograms xdp(NetNs namespace, String link, String program, BpfLink.XdpMode mode) {
        BpfProgram loaded = object.program(program);
        int index = index(namespace, link);
        opened.add(namespace.call(() -> BpfLink.attachXdp(loaded, index, mode)));
        return this;
    }

    /** Attaches a program at clsact; it ends with the namespace. */
    LabPrograms clsact(
            NetNs namespace, String link, String program, BpfFilter.Direction direction) {
        try (Netlink netlink = Netlink.open(namespace)) {
            int index = netlink.links().require(link).index();
            netlink.traffic().addClsact(index);
            netlink.traffic()
                    .attach(
                            new BpfFilter(
                                    index, direction, 1, 1, program, object.program(program).fd()));
        }
        return this;
    }

    /** Attaches XDP and takes it off. */
    void xdpOnce(NetNs namespace, String link, BpfLink.XdpMode mode) {
        int index = index(namespace, link);
        namespace
                .call(() -> BpfLink.attachXdp(object.program("lab_xdp_pass"), index, mode))
                .close();
    }

    /** Attaches at tc by a link and takes it off. */
    void tcxOnce(NetNs namespace, String link, BpfLink.Direction direction) {
        int index = index(namespace, link);
        namespace
                .call(() -> BpfLink.attachTcx(object.program("lab_tc_drop"), index, direction))
                .close();
    }

    static int index(NetNs namespace, String link) {
        try (Netlink netlink = Netlink.open(namespace)) {
            return netlink.links().require(link).index();
        }
    }

    @Override
    public void close() {
        opened.close();
    }
}
