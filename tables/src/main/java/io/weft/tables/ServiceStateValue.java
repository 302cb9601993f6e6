package io.weft.tables;

import static io.weft.tables.Layout.member;

import io.weft.model.Ip;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * {@code struct weft_service_state}: the one element of {@code weft_service_state}.
 *
 * <pre>
 *   0          4      8                24               40
 *   +----------+------+----------------+----------------+
 *   |generation| zero |      ip4       |      ip6       |
 *   +----------+------+----------------+----------------+
 * </pre>
 *
 * @param generation another one after each change of services
 * @param ip4 the node's own address that takes the place of clients'
 * @param ip6 likewise
 */
public record ServiceStateValue(int generation, Optional<Ip> ip4, Optional<Ip> ip6) {
    public static final int GENERATION_OFFSET = 0;
    public static final int ZERO_OFFSET = 4;
    public static final int IP4_OFFSET = 8;
    public static final int IP6_OFFSET = 24;
    public static final int SIZE = 40;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_service_state",
                    SIZE,
                    member("generation", GENERATION_OFFSET, 4),
                    member("zero", ZERO_OFFSET, 4),
                    member("ip4", IP4_OFFSET, 16),
                    member("ip6", IP6_OFFSET, 16));

    /** Writes the addresses alone: the generation is stored after all else. */
    public void writeAddresses(MemorySegment to, long offset) {
        write(ip4, to, offset + IP4_OFFSET);
        write(ip6, to, offset + IP6_OFFSET);
    }

    private static void write(Optional<Ip> ip, MemorySegment to, long offset) {
        ip.ifPresentOrElse(
                known -> Bytes.putIp(to, offset, known), () -> Bytes.zero(to, offset, 16));
    }
}
