package io.weft.netlink;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A run of attributes in a message from the kernel. The run is checked once, when it is made: every
 * attribute lies inside it. Each getter checks the payload's length.
 *
 * <p>Everything that is wrong throws {@link NetlinkException} with EBADMSG.
 */
final class Attributes {
    private static final int NLA_TYPE_MASK = 0x3fff;
    private static final Attributes EMPTY = new Attributes(new byte[0], 0, 0);

    private final byte[] bytes;
    private final int from;
    private final int to;

    private Attributes(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
    }

    /** Reads {@code bytes[from, to)}, without a copy. */
    static Attributes of(byte[] bytes, int from, int to) {
        if (from < 0 || from > to || to > bytes.length) {
            throw NetlinkException.malformed(
                    "attributes from " + from + " to " + to + " of " + bytes.length + " bytes");
        }
        int at = from;
        while (at < to) {
            int length = to - at < 4 ? 0 : Bytes.u16(bytes, at);
            if (length < 4 || length > to - at) {
                throw NetlinkException.malformed(
                        "attribute at " + at + " of length " + length + ", " + (to - at) + " left");
            }
            at += Math.min(Bytes.align(length), to - at);
        }
        return new Attributes(bytes, from, to);
    }

    /** Takes the attributes of one payload. */
    interface Visitor {
        void attribute(int type, byte[] bytes, int from, int to);
    }

    /** Visits each attribute in order, with its payload's bounds. */
    void forEach(Visitor visitor) {
        int at = from;
        while (at < to) {
            int length = Bytes.u16(bytes, at);
            visitor.attribute(Bytes.u16(bytes, at + 2) & NLA_TYPE_MASK, bytes, at + 4, at + length);
            at += Bytes.align(length);
        }
    }

    /** {@return the header's offset of the first attribute of this type, or -1} */
    private int find(Attr attr) {
        int at = from;
        while (at < to) {
            if ((Bytes.u16(bytes, at + 2) & NLA_TYPE_MASK) == attr.type()) {
                return at;
            }
            at += Bytes.align(Bytes.u16(bytes, at));
        }
        return -1;
    }

    /** {@return the payload's offset, or -1 when absent} */
    private int payload(Attr attr, int least) {
        int at = find(attr);
        if (at < 0) {
            return -1;
        }
        int length = Bytes.u16(bytes, at) - 4;
        if (length < least) {
            throw NetlinkException.malformed(
                    attr + " has " + length + " bytes, at least " + least + " expected");
        }
        return at + 4;
    }

    private int end(int payload) {
        return payload - 4 + Bytes.u16(bytes, payload - 4);
    }

    boolean has(Attr attr) {
        return find(attr) >= 0;
    }

    int u8(Attr attr, int absent) {
        int at = payload(attr, 1);
        return at < 0 ? absent : Bytes.u8(bytes, at);
    }

    int u32(Attr attr, int absent) {
        int at = payload(attr, 4);
        return at < 0 ? absent : Bytes.i32(bytes, at);
    }

    OptionalInt u32(Attr attr) {
        int at = payload(attr, 4);
        return at < 0 ? OptionalInt.empty() : OptionalInt.of(Bytes.i32(bytes, at));
    }

    long u64(Attr attr, long absent) {
        int at = payload(attr, 8);
        return at < 0 ? absent : Bytes.i64(bytes, at);
    }

    /** UTF-8 up to the first zero. */
    Optional<String> string(Attr attr) {
        int at = payload(attr, 0);
        if (at < 0) {
            return Optional.empty();
        }
        int end = at;
        while (end < end(at) && bytes[end] != 0) {
            end++;
        }
        return Optional.of(new String(bytes, at, end - at, StandardCharsets.UTF_8));
    }

    /** {@return a copy of the payload, of at least {@code least} bytes} */
    Optional<byte[]> bytes(Attr attr, int least) {
        int at = payload(attr, least);
        return at < 0 ? Optional.empty() : Optional.of(Arrays.copyOfRange(bytes, at, end(at)));
    }

    /** 4 or 16 bytes. */
    Optional<Address> address(Attr attr) {
        return bytes(attr, 4).map(Attributes::toAddress);
    }

    private static Address toAddress(byte[] raw) {
        if (raw.length != 4 && raw.length != 16) {
            throw NetlinkException.malformed("address of " + raw.length + " bytes");
        }
        return Address.of(raw);
    }

    /** Empty when the address is not one of Ethernet (tunnels have 4 or 16 bytes there). */
    Optional<HardwareAddress> hardwareAddress(Attr attr) {
        return bytes(attr, 0).filter(raw -> raw.length == 6).map(HardwareAddress::of);
    }

    /** {@return the attributes inside {@code attr}; none when it is absent} */
    Attributes nested(Attr attr) {
        int at = payload(attr, 0);
        return at < 0 ? EMPTY : of(bytes, at, end(at));
    }
}
