package io.weft.tables;

import static io.weft.tables.Layout.member;

import io.weft.model.Ip;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_handed_key}: key of {@code weft_handed}, whose value is the port of the
 * backend: where a packet goes that another node hands to this one ({@link BackendSet#handed}).
 *
 * <pre>
 *   0                                16        20
 *   +--------------------------------+---------+
 *   |               ip               |   set   |
 *   +--------------------------------+---------+
 * </pre>
 *
 * @param ip of the backend
 * @param set index in {@code weft_sets}: that of the frontend for clients outside
 */
public record HandedKey(Ip ip, int set) {
    public static final int IP_OFFSET = 0;
    public static final int SET_OFFSET = 16;
    public static final int SIZE = 20;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_handed_key",
                    SIZE,
                    member("ip", IP_OFFSET, 16),
                    member("set", SET_OFFSET, 4));

    public void write(MemorySegment to, long offset) {
        Bytes.putIp(to, offset + IP_OFFSET, ip);
        Bytes.putU32(to, offset + SET_OFFSET, set);
    }

    public static HandedKey read(MemorySegment from, long offset) {
        return new HandedKey(
                Bytes.ip(from, offset + IP_OFFSET), Bytes.u32(from, offset + SET_OFFSET));
    }
}
