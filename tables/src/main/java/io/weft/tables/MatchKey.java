package io.weft.tables;

/**
 * The part of a policy key below its group.
 *
 * @param identity of the remote side, or {@link Identities#ANY}
 * @param protocol IANA number; 0 when {@code bits} is 0
 * @param port first port of the block, 0–65535; bits past the prefix are zero. Of {@link Icmp} the
 *     type in the upper 8 bits, so that a type is a block of 16 bits
 * @param bits how much of (protocol, port) counts: 0 any protocol, 8 one protocol, 8 + n also the
 *     first n bits of the port
 */
public record MatchKey(int identity, int protocol, int port, int bits)
        implements Comparable<MatchKey> {
    /** Of a protocol and a port. */
    public static final int ALL_BITS = 24;

    public MatchKey {
        if (bits != 0 && (bits < 8 || bits > ALL_BITS)) {
            throw new IllegalArgumentException("bits " + bits);
        }
        int portBits = Math.max(0, bits - 8);
        if ((bits == 0 && protocol != 0) || (port & (0xffff >>> portBits)) != 0) {
            throw new IllegalArgumentException(
                    "key is not canonical: " + protocol + "/" + port + " with " + bits + " bits");
        }
    }

    /**
     * {@return the key that looks for exactly this packet}
     *
     * @param port destination port; of {@link Icmp} the type, of others without ports 0
     */
    public static MatchKey exact(int identity, int protocol, int port) {
        return new MatchKey(identity, protocol, Icmp.is(protocol) ? port << 8 : port, ALL_BITS);
    }

    /** {@return how many of the last bits of (protocol, port) do not count: 0 to 16, or 24} */
    public int open() {
        return ALL_BITS - bits;
    }

    /** {@return the key one step less specific in (protocol, port), down to 0 bits} */
    public MatchKey shortened(int toBits) {
        int portBits = Math.max(0, toBits - 8);
        return new MatchKey(
                identity, toBits == 0 ? 0 : protocol, port & ~(0xffff >>> portBits), toBits);
    }

    @Override
    public int compareTo(MatchKey other) {
        int c = Integer.compare(identity, other.identity);
        c = c != 0 ? c : Integer.compare(protocol, other.protocol);
        c = c != 0 ? c : Integer.compare(port, other.port);
        return c != 0 ? c : Integer.compare(bits, other.bits);
    }
}
