package io.weft.ipam;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Three clocks, none of which can be trusted alone. */
public interface TimeSource {
    /** {@return milliseconds since 1970; goes back and forth as it is set} */
    long wallMillis();

    /** {@return nanoseconds that never go back, comparable between processes of one boot} */
    long monotonicNanos();

    /** {@return what names this boot of the machine} */
    String bootId();

    /** {@return this machine's clocks} */
    static TimeSource system() {
        String boot;
        try {
            boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new TimeSource() {
            @Override
            public long wallMillis() {
                return System.currentTimeMillis();
            }

            @Override
            public long monotonicNanos() {
                return System.nanoTime(); // CLOCK_MONOTONIC on Linux
            }

            @Override
            public String bootId() {
                return boot;
            }
        };
    }
}
