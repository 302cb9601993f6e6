package io.weft.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The bytes were worked out by hand from the structures in include/uapi/linux, little endian. */
class MessageWriterTest {
    @BeforeEach
    void needsALittleEndianMachine() {
        assumeThat(ByteOrder.nativeOrder()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
    }

    private static String hex(Request request) {
        return HexFormat.of().formatHex(request.bytes());
    }

    private static String join(String... parts) {
        return String.join("", parts).replace(" ", "");
    }

    @Test
    void padsAttributesToFourBytes() {
        Request request =
                new MessageWriter(16, 0x600)
                        .string(Attr.IFLA_IFNAME, "lo")
                        .u8(Attr.IFLA_VXLAN_LEARNING, 1)
                        .be16(Attr.IFLA_VXLAN_PORT, 4789)
                        .u32(Attr.IFLA_MTU, 1500)
                        .u64(Attr.TCA_HTB_RATE64, 1L << 32)
                        .finish("test");
        assertThat(hex(request))
                .isEqualTo(
                        join(
                                "3c000000 1000 0506 00000000 00000000", // 60 bytes; REQUEST | ACK
                                "0700 0300 6c6f00 00",
                                "0500 0700 01 000000",
                                "0600 0f00 12b5 0000",
                                "0800 0400 dc050000",
                                "0c00 0600 00000000 01000000"));
    }

    @Test
    void encodesSetUp() {
        assertThat(hex(LinkMessages.change(7, java.util.List.of(new LinkChange.Up(true)))))
                .isEqualTo(
                        join(
                                "20000000 1300 0500 00000000 00000000",
                                "00 00 0000 07000000 01000000 01000000"));
    }

    @Test
    void encodesAVeth() {
        Request request =
                LinkMessages.create(
                        new LinkSpec.Veth(LinkSettings.named("a"), LinkSettings.named("b")));
        assertThat(hex(request))
                .isEqualTo(
                        join(
                                "58000000 1000 0506 00000000 00000000",
                                "00 00 0000 00000000 00000000 00000000", // ifinfomsg
                                "0600 0300 6100 0000", // IFLA_IFNAME
                                "3000 1280", // IFLA_LINKINFO, nested: 4 + 12 + 32 bytes
                                "0900 0100 76657468 00 000000", // IFLA_INFO_KIND
                                "2000 0280", // IFLA_INFO_DATA, nested: 4 + 28
                                "1c00 0100", // VETH_INFO_PEER, a structure: 4 + ifinfomsg 16 + name
                                // 8
                                "00 00 0000 00000000 00000000 00000000",
                                "0600 0300 6200 0000"));
    }

    @Test
    void encodesAnIpvlan() {
        LinkSettings link = LinkSettings.named("a");
        assertThat(
                        hex(
                                LinkMessages.create(
                                        new LinkSpec.Ipvlan(link, 7, LinkSpec.Ipvlan.Layer.L3S))))
                .isEqualTo(
                        join(
                                "4c000000 1000 0506 00000000 00000000",
                                "00 00 0000 00000000 00000000 00000000", // ifinfomsg
                                "0600 0300 6100 0000", // IFLA_IFNAME
                                "0800 0500 07000000", // IFLA_LINK
                                "1c00 1280", // IFLA_LINKINFO, nested: 4 + 12 + 12 bytes
                                "0b00 0100 6970766c616e 00 00", // IFLA_INFO_KIND
                                "0c00 0280", // IFLA_INFO_DATA, nested: 4 + 8
                                "0600 0100 0200 0000")); // IFLA_IPVLAN_MODE, 16 bits
    }

    @Test
    void encodesAnAddress() {
        assertThat(
                        hex(
                                Addresses.addRequest(
                                        LinkAddress.of(
                                                3,
                                                Cidr.parse("10.0.0.5/24"),
                                                LinkAddress.Flag.NOPREFIXROUTE))))
                .isEqualTo(
                        join(
                                "30000000 1400 0506 00000000 00000000",
                                "02 18 00 00 03000000", // ifaddrmsg
                                "0800 0200 0a000005",
                                "0800 0100 0a000005",
                                "0800 0800 00020000"));
    }

    @Test
    void encodesARoute() {
        Route route =
                Route.to(Cidr.parse("10.9.0.0/16"))
                        .via(Address.parse("10.0.0.2"))
                        .dev(3)
                        .onLink()
                        .mtu(1400)
                        .build();
        assertThat(hex(Routes.replaceRequest(route)))
                .isEqualTo(
                        join(
                                "48000000 1800 0505 00000000 00000000",
                                "02 10 00 00 fe 04 00 01 04000000", // rtmsg, RTNH_F_ONLINK
                                "0800 0f00 fe000000",
                                "0800 0100 0a090000",
                                "0800 0500 0a000002",
                                "0800 0400 03000000",
                                "0c00 0880 0800 0200 78050000"));
    }

    @Test
    void knowsWhereEachAttributeStands() {
        Request request = LinkMessages.delete("eth0");
        assertThat(request.attributeAt(32)).contains(Attr.IFLA_IFNAME);
        assertThat(request.attributeAt(33)).isEmpty();
    }

    @Test
    void growsToItsLimitAndNotBeyond() {
        MessageWriter writer = new MessageWriter(16, 0);
        writer.bytes(Attr.IFLA_IFALIAS, new byte[MessageWriter.LIMIT - 20]);
        assertThat(writer.position()).isEqualTo(MessageWriter.LIMIT);
        assertThatThrownBy(() -> writer.u8(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("over 32768 bytes");
    }
}
