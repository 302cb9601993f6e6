package io.weft.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.Errno;
import org.junit.jupiter.api.Test;

class NetlinkExceptionTest {
    private static final Request REQUEST = LinkMessages.delete("eth0");

    /** An NLMSG_ERROR as netlink_ack() in net/netlink/af_netlink.c builds it with CAP_ACK. */
    private static Reply error(int code, Request extendedAck) {
        byte[] tlvs = extendedAck.bytes();
        int size = 16 + 4 + 16 + tlvs.length - 16;
        byte[] raw = new byte[size];
        Bytes.put32(raw, 0, size);
        Bytes.put16(raw, 4, Reply.ERROR);
        Bytes.put16(raw, 6, 0x300); // NLM_F_CAPPED | NLM_F_ACK_TLVS
        Bytes.put32(raw, 16, -code);
        System.arraycopy(tlvs, 16, raw, 36, tlvs.length - 16);
        return Reply.split(raw).getFirst();
    }

    private static MessageWriter tlvs() {
        return new MessageWriter(0, 0);
    }

    @Test
    void saysOperationErrnoKernelsWordsAttributeAndNextStep() {
        Reply reply =
                error(
                        Errno.EEXIST,
                        tlvs().string(Attr.NLMSGERR_ATTR_MSG, "Device is taken")
                                .u32(Attr.NLMSGERR_ATTR_OFFS, 32)
                                .finish(""));
        NetlinkException e = NetlinkException.of(REQUEST, reply);
        assertThat(e)
                .hasMessage(
                        "delete link eth0: EEXIST (File exists): Device is taken [IFLA_IFNAME];"
                                + " one like it is there already: replace or delete it first");
        assertThat(e.operation()).isEqualTo("delete link eth0");
        assertThat(e.errno().symbol()).isEqualTo("EEXIST");
        assertThat(e.kernelMessage()).contains("Device is taken");
        assertThat(e.attribute()).contains("IFLA_IFNAME");
    }

    @Test
    void makesDoWithoutAnExtendedAck() {
        NetlinkException e = NetlinkException.of(REQUEST, error(Errno.EPERM, tlvs().finish("")));
        assertThat(e)
                .hasMessage(
                        "delete link eth0: EPERM (Operation not permitted);"
                                + " needs CAP_NET_ADMIN in the user namespace"
                                + " that owns this network namespace");
        assertThat(e.kernelMessage()).isEmpty();
        assertThat(e.attribute()).isEmpty();
    }

    @Test
    void givesAnOffsetThatIsNoAttributeAsItIs() {
        Reply reply = error(Errno.EINVAL, tlvs().u32(Attr.NLMSGERR_ATTR_OFFS, 20).finish(""));
        assertThat(NetlinkException.of(REQUEST, reply).attribute()).contains("offset 20");
        Reply missing = error(Errno.EINVAL, tlvs().u32(Attr.NLMSGERR_ATTR_MISS_TYPE, 4).finish(""));
        assertThat(NetlinkException.of(REQUEST, missing).attribute())
                .contains("missing attribute type 4");
    }
}
