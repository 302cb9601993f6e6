package io.weft.tables;

import static io.weft.tables.Layout.member;

import io.weft.model.Ip;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * {@code struct weft_namespace}: value of {@code weft_namespaces}, whose key is the cookie of a
 * network namespace (8 bytes, host order).
 *
 * <pre>
 *   0                                16                               32
 *   +--------------------------------+--------------------------------+
 *   |              ip4               |              ip6               |
 *   +--------------------------------+--------------------------------+
 * </pre>
 *
 * @param ip4 of whoever is in it; all zero in the kernel when it has none
 * @param ip6 likewise
 */
public record NamespaceValue(Optional<Ip> ip4, Optional<Ip> ip6) {
    public static final int IP4_OFFSET = 0;
    public static final int IP6_OFFSET = 16;
    public static final int SIZE = 32;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_namespace",
                    SIZE,
                    member("ip4", IP4_OFFSET, 16),
                    member("ip6", IP6_OFFSET, 16));

    public void write(MemorySegment to, long offset) {
        Bytes.putOptionalIp(to, offset + IP4_OFFSET, ip4);
        Bytes.putOptionalIp(to, offset + IP6_OFFSET, ip6);
    }

    public static NamespaceValue read(MemorySegment from, long offset) {
        return new NamespaceValue(
                Bytes.optionalIp(from, offset + IP4_OFFSET),
                Bytes.optionalIp(from, offset + IP6_OFFSET));
    }
}
