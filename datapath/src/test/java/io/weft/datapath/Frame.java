package io.weft.datapath;

import io.weft.model.Ip;
import io.weft.model.Mac;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Builds an Ethernet frame from the outside in: {@code Frame.eth(to, from).ip(a, b).tcp(1, 2,
 * SYN)}. Lengths and checksums of IP headers are filled in by {@link #bytes}.
 */
final class Frame {
    static final int FIN = 1;
    static final int SYN = 2;
    static final int RST = 4;
    static final int ACK = 16;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int typeAt = 12;
    private int l3 = -1;
    private int nextAt = -1;
    private boolean v4;
    private int headerLength;

    private Frame() {}

    static Frame eth(Mac to, Mac from) {
        Frame frame = new Frame();
        frame.out.writeBytes(to.toBytes());
        frame.out.writeBytes(from.toBytes());
        frame.u16(0);
        return frame;
    }

    private Frame u8(int value) {
        out.write(value);
        return this;
    }

    private Frame u16(int value) {
        return u8(value >> 8).u8(value);
    }

    private Frame u32(int value) {
        return u16(value >>> 16).u16(value);
    }

    private Frame patch(Consumer<ByteBuffer> change) {
        ByteBuffer bytes = ByteBuffer.wrap(out.toByteArray());
        change.accept(bytes);
        out.reset();
        out.writeBytes(bytes.array());
        return this;
    }

    Frame type(int ethertype) {
        int at = typeAt;
        return patch(b -> b.putShort(at, (short) ethertype));
    }

    Frame vlan(int id) {
        type(0x8100);
        u16(id).u16(0);
        typeAt += 4;
        return this;
    }

    Frame raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    Frame payload(int length) {
        return raw(new byte[length]);
    }

    /** An IP header of the addresses' family; the protocol comes with the next layer. */
    Frame ip(Ip from, Ip to) {
        l3 = out.size();
        v4 = from.isV4();
        type(v4 ? 0x0800 : 0x86dd);
        if (v4) {
            u16(0x4500).u16(0).u16(0x1234).u16(0).u8(64).u8(0).u16(0);
            u32(from.v4Bits()).u32(to.v4Bits());
            nextAt = l3 + 9;
            headerLength = 20;
        } else {
            u32(0x60000000).u16(0).u8(0).u8(64);
            raw(from.toBytes16()).raw(to.toBytes16());
            nextAt = l3 + 6;
            headerLength = 40;
        }
        return this;
    }

    Frame ttl(int ttl) {
        return patch(b -> b.put(l3 + (v4 ? 8 : 7), (byte) ttl));
    }

    /** IPv4: options of this many bytes, all no-operation. */
    Frame options(int bytes) {
        for (int i = 0; i < bytes; i++) {
            u8(1);
        }
        headerLength += bytes;
        return patch(b -> b.put(l3, (byte) (0x40 | headerLength / 4)));
    }

    /**
     * Makes it a fragment.
     *
     * @param offset in bytes, a multiple of 8
     */
    Frame fragment(int id, int offset, boolean more) {
        if (v4) {
            return patch(b ->
                    b.putShort(l3 + 4, (short) id)
                            .putShort(l3 + 6, (short) (offset / 8 | (more ? 0x2000 : 0))));
        }
        next(44);
        nextAt = out.size();
        return u8(0).u8(0).u16(offset | (more ? 1 : 0)).u32(id);
    }

    private Frame next(int protocol) {
        int at = nextAt;
        return patch(b -> b.put(at, (byte) protocol));
    }

    /** An IPv6 extension header of 8 bytes. */
    Frame extension(int protocol, int... body) {
        next(protocol);
        nextAt = out.size();
        u8(0).u8(0);
        for (int i = 0; i < 6; i++) {
            u8(i < body.length ? body[i] : 0);
        }
        return this;
    }

    /** Any transport, without a header. */
    Frame protocol(int protocol) {
        return next(protocol);
    }

    Frame tcp(int from, int to, int flags) {
        next(6).u16(from).u16(to).u32(1).u32(2);
        return u8(5 << 4).u8(flags).u16(0x2000).u32(0);
    }

    Frame udp(int from, int to) {
        return next(17).u16(from).u16(to).u16(8).u16(0);
    }

    Frame sctp(int from, int to) {
        return next(132).u16(from).u16(to).u32(0).u32(0);
    }

    /** ICMP or ICMPv6. */
    Frame icmp(int type, int code, int identifier) {
        return next(v4 ? 1 : 58).u8(type).u8(code).u16(0).u16(identifier).u16(1);
    }

    Frame echo(int identifier) {
        return icmp(v4 ? 8 : 128, 0, identifier);
    }

    Frame echoReply(int identifier) {
        return icmp(v4 ? 0 : 129, 0, identifier);
    }

    /** Destination unreachable, quoting the IP packet of {@code frame}. */
    Frame unreachable(Frame frame) {
        byte[] quoted = frame.bytes();
        icmp(v4 ? 3 : 1, v4 ? 3 : 4, 0);
        out.write(quoted, 14, quoted.length - 14);
        return this;
    }

    Frame arp(int operation, Mac sender, Ip senderIp, Mac target, Ip targetIp) {
        type(0x0806);
        u16(1).u16(0x0800).u8(6).u8(4).u16(operation);
        raw(sender.toBytes()).u32(senderIp.v4Bits());
        return raw(target.toBytes()).u32(targetIp.v4Bits());
    }

    /** A neighbour message with one link-layer option. */
    Frame neighbour(int type, Ip target, int option, Mac mac) {
        icmp(type, 0, 0).ttl(255);
        raw(target.toBytes16()).u8(option).u8(1);
        return raw(mac.toBytes());
    }

    byte[] bytes() {
        byte[] bytes = out.toByteArray();
        if (l3 >= 0) {
            ByteBuffer b = ByteBuffer.wrap(bytes);
            if (v4) {
                b.putShort(l3 + 2, (short) (bytes.length - l3));
                b.putShort(l3 + 10, (short) ~sum(b, l3, headerLength, 0));
            } else {
                b.putShort(l3 + 4, (short) (bytes.length - l3 - 40));
            }
        }
        return bytes;
    }

    /** {@return the one's complement sum, RFC 1071} */
    static int sum(ByteBuffer bytes, int from, int length, int initial) {
        int sum = initial;
        for (int i = 0; i < length; i += 2) {
            sum += bytes.getShort(from + i) & 0xffff;
        }
        while (sum >> 16 != 0) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return sum;
    }
}
