package io.weft.netlink;

import java.util.EnumSet;
import java.util.Set;

/**
 * An IP address on a link.
 *
 * @param link ifindex
 * @param address with the length of the prefix it is in
 * @param scope how far it is valid: {@link Scope}
 */
public record LinkAddress(int link, Cidr address, int scope, Set<Flag> flags) {
    /** IFA_F_*. The first two are for the caller to set; the kernel sets the others. */
    public enum Flag {
        /** IPv6: usable at once, without duplicate address detection. */
        NODAD(0x02),
        /** Adds no route for the prefix. */
        NOPREFIXROUTE(0x200),
        PERMANENT(0x80),
        SECONDARY(0x01),
        /** IPv6: duplicate address detection runs. */
        TENTATIVE(0x40),
        /** IPv6: another node has it. */
        DADFAILED(0x08);

        private final int bit;

        Flag(int bit) {
            this.bit = bit;
        }

        /** NODAD exists only for IPv6; for IPv4 bit 0 says secondary, for IPv6 temporary. */
        static Set<Flag> of(int bits) {
            EnumSet<Flag> flags = EnumSet.noneOf(Flag.class);
            for (Flag flag : values()) {
                if ((bits & flag.bit) != 0) {
                    flags.add(flag);
                }
            }
            return flags;
        }
    }

    public LinkAddress {
        flags = Set.copyOf(flags);
    }

    /** {@return an address of global scope} */
    public static LinkAddress of(int link, Cidr address, Flag... flags) {
        return new LinkAddress(link, address, Scope.UNIVERSE, Set.of(flags));
    }

    int flagBits() {
        int bits = 0;
        for (Flag flag : flags) {
            bits |= flag.bit;
        }
        return bits;
    }

    @Override
    public String toString() {
        return address + " on link " + link;
    }
}
