package io.weft.ipam;

import java.time.Duration;

/** Clocks that stand until they are set. */
final class FakeTime implements TimeSource {
    long wallMillis = 1_800_000_000_000L;
    long nanos = 5_000_000_000L;
    String boot = "boot-1";

    /** Time goes on. */
    void pass(Duration duration) {
        wallMillis += duration.toMillis();
        nanos += duration.toNanos();
    }

    /** The machine starts anew, and its wall clock shows what it likes. */
    void reboot(String name, long wall) {
        boot = name;
        nanos = 1_000_000_000L;
        wallMillis = wall;
    }

    @Override
    public long wallMillis() {
        return wallMillis;
    }

    @Override
    public long monotonicNanos() {
        return nanos;
    }

    @Override
    public String bootId() {
        return boot;
    }
}
