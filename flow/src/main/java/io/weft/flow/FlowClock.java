package io.weft.flow;

import java.time.Instant;

/**
 * Turns the kernel's CLOCK_MONOTONIC into the time of day.
 *
 * @param zero the time of day when the monotonic clock stood at 0; measure it anew when the wall
 *     clock is set
 */
public record FlowClock(Instant zero) {
    /** {@return the clock on which {@code monotonicNanos} is {@code now}} */
    public static FlowClock of(long monotonicNanos, Instant now) {
        return new FlowClock(now.minusNanos(monotonicNanos));
    }

    /** {@return the time of day of a CLOCK_MONOTONIC reading in nanoseconds} */
    public Instant at(long monotonicNanos) {
        return zero.plusNanos(monotonicNanos);
    }
}
