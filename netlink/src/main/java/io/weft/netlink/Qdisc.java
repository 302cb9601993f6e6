package io.weft.netlink;

import java.util.Locale;

/**
 * A queueing discipline or, in {@link Traffic#classes}, a class.
 *
 * @param link ifindex
 * @param kind {@code clsact}, {@code tbf}, {@code htb}, {@code noqueue}
 * @param handle major number in the high 16 bits, minor in the low
 * @param parent {@link Traffic#ROOT}, {@link Traffic#CLSACT}, or a class
 * @param rate bytes per second; 0 when the kind has none
 * @param burst bytes; 0 when the kind has none
 * @param sent what went through
 */
public record Qdisc(
        int link, String kind, int handle, int parent, long rate, long burst, Sent sent) {
    /**
     * What went through since it is there.
     *
     * @param bytes with Ethernet headers, those of each segment of a large packet included
     * @param dropped packets that did not fit into the queue
     */
    public record Sent(long bytes, long packets, long dropped) {
        static final Sent NOTHING = new Sent(0, 0, 0);
    }

    /** {@return {@code major:minor} in hexadecimal, as tc prints it} */
    public static String text(int handle) {
        return String.format(Locale.ROOT, "%x:%x", handle >>> 16, handle & 0xffff);
    }

    @Override
    public String toString() {
        return kind + " " + text(handle) + " on link " + link;
    }
}
