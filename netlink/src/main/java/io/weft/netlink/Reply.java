package io.weft.netlink;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One message from the kernel: a view of a datagram, which may hold several. Everything that is
 * wrong with it throws {@link NetlinkException} with EBADMSG.
 */
final class Reply {
    static final int NOOP = 1;
    static final int ERROR = 2;
    static final int DONE = 3;
    static final int OVERRUN = 4;

    private final byte[] bytes;
    private final int from;
    private final int to;

    private Reply(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
    }

    /** {@return the messages of one datagram} */
    static List<Reply> split(byte[] datagram) {
        List<Reply> replies = new ArrayList<>();
        int at = 0;
        while (at < datagram.length) {
            int left = datagram.length - at;
            int length = left < MessageWriter.HEADER ? 0 : Bytes.i32(datagram, at);
            if (length < MessageWriter.HEADER || length > left) {
                throw NetlinkException.malformed(
                        "message at " + at + " of length " + length + ", " + left + " left");
            }
            replies.add(new Reply(datagram, at, at + length));
            at += Math.min(Bytes.align(length), left);
        }
        return replies;
    }

    /** {@return this message alone, as bytes} */
    byte[] copy() {
        return Arrays.copyOfRange(bytes, from, to);
    }

    /** {@return nlmsg_type, e.g. RTM_NEWLINK} */
    int type() {
        return Bytes.u16(bytes, from + 4);
    }

    boolean hasFlag(int flag) {
        return (Bytes.u16(bytes, from + 6) & flag) != 0;
    }

    int sequence() {
        return Bytes.i32(bytes, from + 8);
    }

    int port() {
        return Bytes.i32(bytes, from + 12);
    }

    private int field(int offset, int width) {
        int at = from + MessageWriter.HEADER + offset;
        if (at + width > to) {
            throw NetlinkException.malformed(
                    "message type " + type() + " ends at " + (to - from) + " bytes");
        }
        return at;
    }

    /** Reads the fixed header, {@code offset} bytes after the netlink header. */
    int u8(int offset) {
        return Bytes.u8(bytes, field(offset, 1));
    }

    int u16(int offset) {
        return Bytes.u16(bytes, field(offset, 2));
    }

    int i32(int offset) {
        return Bytes.i32(bytes, field(offset, 4));
    }

    /** Network byte order. */
    int be16(int offset) {
        return u8(offset) << 8 | u8(offset + 1);
    }

    /** {@return the address of 4 or 16 bytes at {@code offset}} */
    Address address(int offset, int size) {
        int at = field(offset, size);
        return Address.of(Arrays.copyOfRange(bytes, at, at + size));
    }

    /** {@return the attributes after a fixed header of {@code size} bytes} */
    Attributes attributes(int size) {
        return Attributes.of(bytes, field(Bytes.align(size), 0), to);
    }

    /** What NLMSG_ERROR and NLMSG_DONE say. {@return a positive errno, or 0: done} */
    int error() {
        return Math.abs(i32(0));
    }

    /** The extended ack of an NLMSG_ERROR (after the copy of the request) or NLMSG_DONE. */
    Attributes extendedAck() {
        int ackTlvs = 0x200;
        if (!hasFlag(ackTlvs)) {
            return Attributes.of(bytes, to, to);
        }
        if (type() == DONE) {
            return attributes(4);
        }
        int capped = 0x100;
        int copied = hasFlag(capped) ? MessageWriter.HEADER : i32(4); // nlmsgerr.msg.nlmsg_len
        if (copied < MessageWriter.HEADER || copied > to - from) {
            throw NetlinkException.malformed("error with a request of " + copied + " bytes");
        }
        return attributes(4 + copied);
    }
}
