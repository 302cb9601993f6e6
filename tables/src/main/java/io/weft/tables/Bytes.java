package io.weft.tables;

import io.weft.model.Ip;
import io.weft.model.Mac;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/** The scalar types of {@code weft_abi.h}, at any alignment. */
final class Bytes {
    private static final ByteOrder HOST = ByteOrder.nativeOrder();
    private static final ByteOrder NETWORK = ByteOrder.BIG_ENDIAN;

    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(HOST);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(HOST);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(HOST);
    private static final ValueLayout.OfShort BE16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(NETWORK);
    private static final ValueLayout.OfLong BE64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(NETWORK);

    private static final Ip NO_IP = new Ip(0, 0);

    private Bytes() {}

    static int u8(MemorySegment from, long offset) {
        return Byte.toUnsignedInt(from.get(ValueLayout.JAVA_BYTE, offset));
    }

    static void putU8(MemorySegment to, long offset, int value) {
        to.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
    }

    static int u16(MemorySegment from, long offset) {
        return Short.toUnsignedInt(from.get(U16, offset));
    }

    static void putU16(MemorySegment to, long offset, int value) {
        to.set(U16, offset, (short) value);
    }

    static int u32(MemorySegment from, long offset) {
        return from.get(U32, offset);
    }

    static void putU32(MemorySegment to, long offset, int value) {
        to.set(U32, offset, value);
    }

    static long u64(MemorySegment from, long offset) {
        return from.get(U64, offset);
    }

    static void putU64(MemorySegment to, long offset, long value) {
        to.set(U64, offset, value);
    }

    /** A port: 2 bytes in network order. */
    static int port(MemorySegment from, long offset) {
        return Short.toUnsignedInt(from.get(BE16, offset));
    }

    static void putPort(MemorySegment to, long offset, int port) {
        to.set(BE16, offset, (short) port);
    }

    /** An address: 16 bytes in network order. */
    static Ip ip(MemorySegment from, long offset) {
        return new Ip(from.get(BE64, offset), from.get(BE64, offset + 8));
    }

    static void putIp(MemorySegment to, long offset, Ip ip) {
        to.set(BE64, offset, ip.high());
        to.set(BE64, offset + 8, ip.low());
    }

    /** An address that all zero bytes stand for the lack of. */
    static Optional<Ip> optionalIp(MemorySegment from, long offset) {
        return Optional.of(ip(from, offset)).filter(ip -> !ip.equals(NO_IP));
    }

    static void putOptionalIp(MemorySegment to, long offset, Optional<Ip> ip) {
        putIp(to, offset, ip.orElse(NO_IP));
    }

    /** 6 bytes in wire order. */
    static Mac mac(MemorySegment from, long offset) {
        long bits = 0;
        for (int i = 0; i < 6; i++) {
            bits = bits << 8 | u8(from, offset + i);
        }
        return new Mac(bits);
    }

    static void putMac(MemorySegment to, long offset, Mac mac) {
        for (int i = 0; i < 6; i++) {
            putU8(to, offset + i, (int) (mac.bits() >>> (40 - 8 * i)));
        }
    }

    static void zero(MemorySegment to, long offset, int bytes) {
        to.asSlice(offset, bytes).fill((byte) 0);
    }

    /**
     * {@return {@code value}}
     *
     * @throws IllegalArgumentException when it needs more than {@code bits}
     */
    static int checked(String what, int value, int bits) {
        if (value >>> bits != 0) {
            throw new IllegalArgumentException(
                    what
                            + " "
                            + Integer.toUnsignedString(value)
                            + " needs more than "
                            + bits
                            + " bits");
        }
        return value;
    }
}
