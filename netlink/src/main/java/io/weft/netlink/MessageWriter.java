package io.weft.netlink;

import io.weft.kernel.Fd;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes one netlink message: header, the family's fixed header, then attributes.
 *
 * <pre>
 *  0        4       6        8          12      16
 *  | length | type  | flags  | sequence | port  | fixed header | attribute | attribute ...
 *                                                              | u16 length | u16 type | payload | pad to 4
 * </pre>
 *
 * Lengths are filled in by {@link #end} and {@link #finish}; sequence and port by the socket. The
 * place of every attribute is kept, so that an error that points at an offset can name it.
 */
final class MessageWriter {
    /** Bytes. Far above any request of this library, below the 64 KiB of an attribute's length. */
    static final int LIMIT = 32 * 1024;

    static final int HEADER = 16;
    private static final int NLA_F_NESTED = 0x8000;

    private byte[] bytes = new byte[256];
    private int size = HEADER;
    private final List<Request.Placed> placed = new ArrayList<>();
    private final List<Fd> descriptors = new ArrayList<>();

    MessageWriter(int type, int flags) {
        Bytes.put16(bytes, 4, type);
        Bytes.put16(bytes, 6, flags | Request.REQUEST | Request.ACK);
    }

    private int reserve(int length) {
        int at = size;
        if (length < 0 || length > LIMIT - at) {
            throw new IllegalArgumentException(
                    "netlink message over " + LIMIT + " bytes: " + at + " + " + length);
        }
        if (at + length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(LIMIT, Math.max(2 * bytes.length, at + length)));
        }
        size = at + length;
        return at;
    }

    /** Appends bytes of a fixed header. */
    MessageWriter u8(int value) {
        bytes[reserve(1)] = (byte) value;
        return this;
    }

    MessageWriter u16(int value) {
        Bytes.put16(bytes, reserve(2), value);
        return this;
    }

    MessageWriter u32(int value) {
        Bytes.put32(bytes, reserve(4), value);
        return this;
    }

    private int attribute(Attr attr, int payload) {
        placed.add(new Request.Placed(size, attr));
        int at = reserve(4 + Bytes.align(payload));
        Bytes.put16(bytes, at, 4 + payload);
        Bytes.put16(bytes, at + 2, attr.type());
        return at + 4;
    }

    MessageWriter u8(Attr attr, int value) {
        bytes[attribute(attr, 1)] = (byte) value;
        return this;
    }

    MessageWriter u16(Attr attr, int value) {
        Bytes.put16(bytes, attribute(attr, 2), value);
        return this;
    }

    MessageWriter u32(Attr attr, int value) {
        Bytes.put32(bytes, attribute(attr, 4), value);
        return this;
    }

    MessageWriter u64(Attr attr, long value) {
        Bytes.put64(bytes, attribute(attr, 8), value);
        return this;
    }

    /** Network byte order. */
    MessageWriter be16(Attr attr, int value) {
        int at = attribute(attr, 2);
        bytes[at] = (byte) (value >> 8);
        bytes[at + 1] = (byte) value;
        return this;
    }

    MessageWriter bytes(Attr attr, byte[] value) {
        int at = attribute(attr, value.length);
        System.arraycopy(value, 0, bytes, at, value.length);
        return this;
    }

    MessageWriter address(Attr attr, Address address) {
        return bytes(attr, address.bytes());
    }

    /** A descriptor, which must stay open until the request is sent. */
    MessageWriter descriptor(Attr attr, Fd fd) {
        descriptors.add(fd);
        return u32(attr, fd.number());
    }

    /** UTF-8 with a terminating zero. */
    MessageWriter string(Attr attr, String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        return bytes(attr, Arrays.copyOf(text, text.length + 1));
    }

    /** Opens a nest. {@return its mark for {@link #end}} */
    int nest(Attr attr) {
        int mark = open(attr);
        Bytes.put16(bytes, mark + 2, attr.type() | NLA_F_NESTED);
        return mark;
    }

    /** Opens an attribute whose payload starts with a structure, which is no nest to the kernel. */
    int open(Attr attr) {
        return attribute(attr, 0) - 4;
    }

    /** Closes what {@link #nest} or {@link #open} opened. */
    MessageWriter end(int mark) {
        Bytes.put16(bytes, mark, size - mark);
        reserve(Bytes.align(size) - size);
        return this;
    }

    /** {@return where the next byte goes; for structures that hold their own length} */
    int position() {
        return size;
    }

    MessageWriter patch16(int at, int value) {
        Bytes.put16(bytes, at, value);
        return this;
    }

    /**
     * @param operation what the message does to what: {@code create link weft1a2b (veth)}
     */
    Request finish(String operation) {
        reserve(Bytes.align(size) - size);
        Bytes.put32(bytes, 0, size);
        return new Request(operation, Arrays.copyOf(bytes, size), placed, descriptors);
    }
}
