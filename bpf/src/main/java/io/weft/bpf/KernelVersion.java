package io.weft.bpf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version of Linux, as {@code uname -r} begins. */
public record KernelVersion(int major, int minor) implements Comparable<KernelVersion> {
    private static final Pattern TEXT = Pattern.compile("^(\\d+)\\.(\\d+)");

    /**
     * {@return the version that {@code text} begins with: {@code 6.1} for {@code 6.1.0-18-amd64}}
     */
    public static KernelVersion parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.find()) {
            throw new IllegalArgumentException("not a kernel version: '" + text + "'");
        }
        return new KernelVersion(
                Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    /** {@return the running one} */
    public static KernelVersion running() {
        Path file = Path.of("/proc/sys/kernel/osrelease");
        try {
            return parse(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException("read " + file, e);
        }
    }

    @Override
    public int compareTo(KernelVersion other) {
        return major != other.major
                ? Integer.compare(major, other.major)
                : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
