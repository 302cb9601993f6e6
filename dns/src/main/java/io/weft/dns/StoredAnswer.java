package io.weft.dns;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An answer of an upstream: a packet of one question, its records, and no OPT. It can be given to
 * whoever asks the same.
 */
final class StoredAnswer {
    private final byte[] packet;
    private final int[] ttls; // where they stand
    private final int rcode;
    private final long storedAt;
    private final long lifetime;
    private final @Nullable ExtendedError why;
    private final byte[] option;

    /**
     * @param packet well-formed; becomes this object's
     * @param storedAt in milliseconds of the forwarder's clock
     * @param lifetime in seconds; 0: only for those who wait for it
     */
    StoredAnswer(byte[] packet, int rcode, long storedAt, long lifetime) {
        this(packet, rcode, storedAt, lifetime, null);
    }

    /**
     * @param why only without records
     */
    private StoredAnswer(
            byte[] packet, int rcode, long storedAt, long lifetime, @Nullable ExtendedError why) {
        this.why = why;
        this.option = why == null ? Responder.NO_OPTION : why.option();
        this.packet = packet;
        this.rcode = rcode;
        this.storedAt = storedAt;
        this.lifetime = lifetime;
        this.ttls = ttls(packet);
    }

    /** {@return one without records, for one second (RFC 9520 §3.2)} */
    static StoredAnswer failure(WireName name, int type, int rcode, long now, ExtendedError why) {
        byte[] packet = new byte[Wire.HEADER + name.length() + 4];
        Wire.put16(packet, 2, Wire.QR | (rcode & Wire.RCODE));
        Wire.put16(packet, 4, 1);
        name.copyTo(packet, Wire.HEADER);
        Wire.put16(packet, packet.length - 4, type);
        Wire.put16(packet, packet.length - 2, Wire.IN);
        return new StoredAnswer(packet, rcode, now, 1, why);
    }

    private static int[] ttls(byte[] packet) {
        int count = Wire.u16(packet, 6) + Wire.u16(packet, 8) + Wire.u16(packet, 10);
        int[] found = new int[count];
        int at = Wire.skipName(packet, Wire.HEADER, packet.length) + 4;
        for (int i = 0; i < count; i++) {
            found[i] = Wire.skipName(packet, at, packet.length) + 4;
            at = Wire.skipRecord(packet, at, packet.length);
        }
        return found;
    }

    /** Lowers every time to live that is longer: a negative answer holds no longer than its SOA. */
    void capTtls(long seconds) {
        for (int at : ttls) {
            if (Integer.toUnsignedLong(Wire.i32(packet, at)) > seconds) {
                Wire.put32(packet, at, (int) seconds);
            }
        }
    }

    int rcode() {
        return rcode;
    }

    /** {@return why it failed; null: it did not} */
    @Nullable ExtendedError why() {
        return why;
    }

    long lifetime() {
        return lifetime;
    }

    boolean isFresh(long now) {
        return now - storedAt < lifetime * 1000;
    }

    /** {@return of the largest answer that it makes, in bytes} */
    int size() {
        return packet.length + Wire.OPT_SIZE + option.length;
    }

    /** {@return what it takes in memory, about, in bytes} */
    int weight() {
        return packet.length
                + option.length
                + 4 * ttls.length
                + 400; // its key, its name, its place in the map
    }

    /** {@return the packet as it is at {@code now}: times to live have run down} */
    byte[] packet(long now) {
        byte[] copy = Arrays.copyOf(packet, packet.length);
        runDown(copy, now);
        return copy;
    }

    private void runDown(byte[] out, long now) {
        long age = lifetime == 0 ? 0 : Math.max(0, (now - storedAt) / 1000);
        if (age > 0) {
            for (int at : ttls) {
                long ttl = Integer.toUnsignedLong(Wire.i32(packet, at));
                Wire.put32(out, at, (int) Math.max(0, ttl - age));
            }
        }
    }

    /**
     * Answers a question for the same name, in whatever case.
     *
     * @param asked the packet that {@code query} read
     * @param out takes the answer; has room for {@link #size}
     * @param limit in bytes
     * @return its length
     */
    int write(byte[] asked, QueryReader query, long now, byte[] out, int limit) {
        System.arraycopy(packet, 0, out, 0, packet.length);
        runDown(out, now);
        int opt = query.edns ? Wire.OPT_SIZE : 0;
        System.arraycopy(asked, Wire.HEADER, out, Wire.HEADER, query.questionEnd - Wire.HEADER);
        Wire.put16(out, 0, query.id);
        Wire.put16(
                out,
                2,
                (Wire.u16(out, 2) & Wire.AD)
                        | Wire.QR
                        | Wire.RA
                        | (query.flags & (Wire.RD | Wire.CD))
                        | (rcode & Wire.RCODE));
        int length = Wire.truncate(out, packet.length, limit - opt);
        if (query.edns) {
            Wire.put16(out, 10, Wire.u16(out, 10) + 1);
            length = Responder.putOpt(out, length, rcode, query.dnssecOk, option);
        }
        return length;
    }
}
