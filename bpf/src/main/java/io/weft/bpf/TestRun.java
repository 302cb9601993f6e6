package io.weft.bpf;

/**
 * Input of {@link BpfProgram#testRun}: Documentation/bpf/bpf_prog_run.rst.
 *
 * @param data the packet; empty for types without one
 * @param context the struct that the program gets, such as {@link SkBuff#toBytes} or {@code struct
 *     xdp_md}; empty for the kernel's choice
 * @param repeat how often to run; the result is that of the last run
 */
public record TestRun(Bytes data, Bytes context, int repeat) {
    /** {@code sizeof(struct xdp_md)}. */
    public static final int XDP_MD_SIZE = 24;

    /** Room for what a program may add to the packet, in bytes. */
    static final int HEADROOM = 4096;

    public TestRun {
        if (repeat < 1) {
            throw new IllegalArgumentException("repeat " + repeat + ": at least 1");
        }
    }

    /** {@return one run on a packet, which begins with its Ethernet header} */
    public static TestRun of(byte[] packet) {
        return new TestRun(Bytes.copyOf(packet), Bytes.EMPTY, 1);
    }

    public TestRun withContext(byte[] newContext) {
        return new TestRun(data, Bytes.copyOf(newContext), repeat);
    }

    public TestRun withContext(SkBuff skb) {
        return withContext(skb.toBytes());
    }

    public TestRun withRepeat(int times) {
        return new TestRun(data, context, times);
    }

    /**
     * What came out.
     *
     * @param returned the program's return value, such as {@code XDP_PASS}
     * @param data the packet afterwards
     * @param context afterwards, as long as the one given
     * @param durationNanos of one run, the mean over all repeats
     */
    public record Result(int returned, Bytes data, Bytes context, int durationNanos) {
        /** {@return the context as that of a tc program} */
        public SkBuff skBuff() {
            return SkBuff.of(context);
        }
    }
}
