package io.weft.model;

import java.util.Optional;

/**
 * How fast a workload may get and send.
 *
 * @param ingress what it gets; empty: as fast as it goes
 * @param egress what it sends
 */
public record Bandwidth(Optional<Limit> ingress, Optional<Limit> egress) {
    public static final Bandwidth UNLIMITED = new Bandwidth(Optional.empty(), Optional.empty());

    /**
     * A token bucket. Bits are those of whole Ethernet frames, without preamble and checksum.
     *
     * @param rate bits per second, {@link #MIN_RATE} to {@link #MAX_RATE}
     * @param burst bits that may go at once after a pause; 0: as befits the rate
     */
    public record Limit(long rate, long burst) {
        /** 1 kbit/s, the kubelet's own bound. */
        public static final long MIN_RATE = 1_000;

        /** 1 Pbit/s, likewise. */
        public static final long MAX_RATE = 1_000_000_000_000_000L;

        /** From here on a burst says nothing: containerd and CRI-O have no other word for that. */
        public static final long NO_BURST = Integer.MAX_VALUE;

        private static final long MAX_BURST_SECONDS = 274; // 2^32 ticks of 64 ns

        /**
         * @throws IllegalArgumentException with what would be right, when it cannot be held
         */
        public Limit {
            wrongRate(rate)
                    .ifPresent(wrong -> {
                        throw new IllegalArgumentException(wrong);
                    });
            if (burst < 0) {
                throw new IllegalArgumentException(
                        "burst " + burst + ": must be greater than or equal to 0 bits");
            }
            if (burst >= NO_BURST) {
                burst = 0;
            }
            if (burst / MAX_BURST_SECONDS > rate) {
                throw new IllegalArgumentException(
                        "burst "
                                + burst
                                + ": takes more than "
                                + MAX_BURST_SECONDS
                                + " s at "
                                + rate
                                + " bit/s; must be at most "
                                + rate * MAX_BURST_SECONDS
                                + " bits, or 0 for what befits the rate");
            }
        }

        /** {@return the limit at this rate, with the burst that befits it} */
        public static Limit of(long rate) {
            return new Limit(rate, 0);
        }

        /** {@return what is wrong with a rate, in the kubelet's words} */
        static Optional<String> wrongRate(long rate) {
            if (rate < MIN_RATE) {
                return Optional.of("resource is unreasonably small (< 1kbit)");
            }
            return rate > MAX_RATE
                    ? Optional.of("resource is unreasonably large (> 1Pbit)")
                    : Optional.empty();
        }

        @Override
        public String toString() {
            return rate + " bit/s" + (burst == 0 ? "" : ", burst " + burst + " bits");
        }
    }

    /**
     * {@return what the bandwidth capability of CNI asks for}
     *
     * @param ingressRate bits per second; 0: no limit
     * @param ingressBurst bits
     * @throws IllegalArgumentException naming the key
     */
    public static Bandwidth ofCni(
            long ingressRate, long ingressBurst, long egressRate, long egressBurst) {
        return new Bandwidth(
                limit("ingress", ingressRate, ingressBurst),
                limit("egress", egressRate, egressBurst));
    }

    private static Optional<Limit> limit(String direction, long rate, long burst) {
        if (rate == 0 && burst != 0) {
            throw new IllegalArgumentException(
                    direction
                            + "Burst "
                            + burst
                            + ": if burst is set, "
                            + direction
                            + "Rate must also be set");
        }
        try {
            return rate == 0 ? Optional.empty() : Optional.of(new Limit(rate, burst));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "%sRate %d, %sBurst %d: %s"
                            .formatted(direction, rate, direction, burst, e.getMessage()),
                    e);
        }
    }

    public boolean isUnlimited() {
        return ingress.isEmpty() && egress.isEmpty();
    }

    @Override
    public String toString() {
        return "ingress "
                + ingress.map(Limit::toString).orElse("unlimited")
                + ", egress "
                + egress.map(Limit::toString).orElse("unlimited");
    }
}
