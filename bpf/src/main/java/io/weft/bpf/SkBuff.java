package io.weft.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The fields of {@code struct __sk_buff} that a test run may set and read back; the kernel refuses
 * any other. Host byte order.
 *
 * @param cb five words
 * @param tstamp ns
 */
public record SkBuff(
        int mark, int priority, int ingressIfindex, int ifindex, List<Integer> cb, long tstamp) {
    /** {@code sizeof(struct __sk_buff)}. */
    public static final int SIZE = 192;

    /** All zero. */
    public static final SkBuff ZERO = new SkBuff(0, 0, 0, 0, List.of(0, 0, 0, 0, 0), 0);

    private static final int MARK = 8;
    private static final int PRIORITY = 32;
    private static final int INGRESS_IFINDEX = 36;
    private static final int IFINDEX = 40;
    private static final int CB = 48;
    private static final int TSTAMP = 152;
    private static final int CB_WORDS = 5;

    public SkBuff {
        cb = List.copyOf(cb);
        if (cb.size() != CB_WORDS) {
            throw new IllegalArgumentException("cb has " + cb.size() + " words, not 5");
        }
    }

    public SkBuff withMark(int newMark) {
        return new SkBuff(newMark, priority, ingressIfindex, ifindex, cb, tstamp);
    }

    /** The interface must exist in the namespace of the calling thread. */
    public SkBuff withIfindex(int newIfindex) {
        return new SkBuff(mark, priority, ingressIfindex, newIfindex, cb, tstamp);
    }

    public SkBuff withCb(List<Integer> newCb) {
        return new SkBuff(mark, priority, ingressIfindex, ifindex, newCb, tstamp);
    }

    public byte[] toBytes() {
        ByteBuffer out = ByteBuffer.allocate(SIZE).order(ByteOrder.nativeOrder());
        out.putInt(MARK, mark)
                .putInt(PRIORITY, priority)
                .putInt(INGRESS_IFINDEX, ingressIfindex)
                .putInt(IFINDEX, ifindex)
                .putLong(TSTAMP, tstamp);
        for (int i = 0; i < CB_WORDS; i++) {
            out.putInt(CB + 4 * i, cb.get(i));
        }
        return out.array();
    }

    static SkBuff of(Bytes context) {
        if (context.length() != SIZE) {
            throw new IllegalStateException(
                    "no __sk_buff came back: give one with TestRun.withContext(SkBuff)");
        }
        ByteBuffer in = ByteBuffer.wrap(context.toArray()).order(ByteOrder.nativeOrder());
        List<Integer> cb = new ArrayList<>();
        for (int i = 0; i < CB_WORDS; i++) {
            cb.add(in.getInt(CB + 4 * i));
        }
        return new SkBuff(
                in.getInt(MARK),
                in.getInt(PRIORITY),
                in.getInt(INGRESS_IFINDEX),
                in.getInt(IFINDEX),
                cb,
                in.getLong(TSTAMP));
    }
}
