package io.weft.bpf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The CPUs that per-CPU maps have values for. */
public final class Cpus {
    private static final Path FILE = Path.of("/sys/devices/system/cpu/possible");

    private Cpus() {}

    private static final class Possible {
        static final int COUNT = read();

        private static int read() {
            try {
                return count(Files.readString(FILE).strip());
            } catch (IOException e) {
                throw new UncheckedIOException("read " + FILE, e);
            }
        }
    }

    /** {@return how many CPUs this machine may ever have; a per-CPU value has one slot each} */
    public static int possible() {
        return Possible.COUNT;
    }

    /** {@return one more than the largest number in a list such as {@code 0-3,8-11}} */
    static int count(String list) {
        int largest = 0;
        for (String range : list.split(",", -1)) {
            String last = range.substring(range.indexOf('-') + 1);
            largest = Math.max(largest, Integer.parseInt(last));
        }
        return largest + 1;
    }
}
