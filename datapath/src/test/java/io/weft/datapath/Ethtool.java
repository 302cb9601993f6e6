package io.weft.datapath;

import io.weft.kernel.Fd;
import io.weft.kernel.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What {@code ethtool -K DEV tx off} does: include/uapi/linux/ethtool.h. */
final class Ethtool {
    private static final long SIOCETHTOOL = 0x8946;
    private static final int ETHTOOL_STXCSUM = 0x17;
    private static final int SOCK_DGRAM = 2;
    private static final int IFNAMSIZ = 16;
    private static final int IFREQ = 40;

    private Ethtool() {}

    /** Has the stack compute whole checksums for an interface of the calling thread's namespace. */
    static void finishChecksums(String name) {
        try (Arena arena = Arena.ofConfined();
                Fd socket = Linux.socket(Linux.AF_INET, SOCK_DGRAM, 0, "ethtool")) {
            MemorySegment value = arena.allocateFrom(ValueLayout.JAVA_INT, ETHTOOL_STXCSUM, 0);
            MemorySegment request = arena.allocate(IFREQ, 8);
            request.setString(0, name);
            request.set(ValueLayout.ADDRESS, IFNAMSIZ, value);
            Linux.ioctl(socket, SIOCETHTOOL, request);
        }
    }
}
