package io.weft.compiler;

import io.weft.model.Protocol;
import io.weft.tables.Icmp;
import io.weft.tables.MatchKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The (protocol, destination port) pairs that a clause is about. */
sealed interface Ports {
    /** Every port of every protocol, and protocols without ports. */
    record Every() implements Ports {}

    /** {@code first} to {@code last}, inclusive. */
    record Range(Protocol protocol, int first, int last) implements Ports {}

    /**
     * One type, with any code.
     *
     * @param protocol of {@link Icmp}
     */
    record OfIcmp(int protocol, int type) implements Ports {}

    /** Whatever number the destination pod gives to this name. */
    record Named(Name name) implements Ports {}

    /** A port name; the same text may stand for different numbers per protocol. */
    record Name(Protocol protocol, String text) implements Comparable<Name> {
        @Override
        public int compareTo(Name other) {
            int c = protocol.compareTo(other.protocol);
            return c != 0 ? c : text.compareTo(other.text);
        }
    }

    /**
     * A block of (protocol, port), as in {@link io.weft.tables.MatchKey}.
     *
     * @param port of {@link Icmp} the type in the upper 8 bits
     * @param bits 0, 8, or 8 + the bits of the port that count
     */
    record Block(int protocol, int port, int bits) {
        static final Block EVERYTHING = new Block(0, 0, 0);

        /** {@return the block of {@code bits} bits that holds this one} */
        Block shortened(int toBits) {
            return toBits == 0
                    ? EVERYTHING
                    : new Block(protocol, port & ~(0xffff >>> (toBits - 8)), toBits);
        }

        MatchKey key(int identity) {
            return new MatchKey(identity, protocol, port, bits);
        }
    }

    /**
     * {@return the blocks that together are exactly these ports, ascending}
     *
     * @param names of the destination; a name that is not there matches nothing
     */
    default List<Block> blocks(Map<Name, Integer> names) {
        return switch (this) {
            case Every _ -> List.of(Block.EVERYTHING);
            case Range range ->
                    blocksOfRange(range.protocol().number(), range.first(), range.last());
            case OfIcmp icmp -> List.of(new Block(icmp.protocol(), icmp.type() << 8, 16));
            case Named named -> {
                Integer number = names.get(named.name());
                yield number == null
                        ? List.of()
                        : List.of(new Block(named.name().protocol().number(), number, 24));
            }
        };
    }

    /** Takes the largest aligned block that fits, again and again: at most 30 for 16 bits. */
    private static List<Block> blocksOfRange(int protocol, int first, int last) {
        List<Block> blocks = new ArrayList<>();
        int at = first;
        while (at <= last) {
            int zeros = at == 0 ? 16 : Math.min(16, Integer.numberOfTrailingZeros(at));
            while (at + (1 << zeros) - 1 > last) {
                zeros--;
            }
            blocks.add(new Block(protocol, at, 24 - zeros));
            at += 1 << zeros;
        }
        return blocks;
    }
}
