package io.weft.netlink;

/**
 * An address with a prefix length. For a link's address the host bits stay ({@code 10.0.0.5/24});
 * for a route or rule the kernel wants them zero and says so when they are not.
 *
 * @param length bits, 0 to 32 or 128
 */
public record Cidr(Address address, int length) {
    /** 0.0.0.0/0. */
    public static final Cidr ALL_V4 = new Cidr(Address.of(new byte[4]), 0);

    /** ::/0. */
    public static final Cidr ALL_V6 = new Cidr(Address.of(new byte[16]), 0);

    public Cidr {
        if (length < 0 || length > address.bits()) {
            throw new IllegalArgumentException(
                    "prefix length " + length + " of " + address + " is over " + address.bits());
        }
    }

    /** {@return the prefix of this one address: /32 or /128} */
    public static Cidr host(Address address) {
        return new Cidr(address, address.bits());
    }

    /** Reads {@code 10.0.0.0/8}; without a length it is one host. */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return host(Address.parse(text));
        }
        String length = text.substring(slash + 1);
        if (!length.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("not a prefix: '" + text + "'");
        }
        return new Cidr(Address.parse(text.substring(0, slash)), Integer.parseInt(length));
    }

    public boolean isV6() {
        return address.isV6();
    }

    @Override
    public String toString() {
        return address + "/" + length;
    }
}
