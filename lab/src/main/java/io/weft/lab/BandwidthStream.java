package io.weft.lab;

import io.weft.kernel.Fd;
import io.weft.kernel.KernelException;
import io.weft.kernel.Linux;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** One stream, as fast as it is let, and how fast that is. */
final class BandwidthStream {
    private static final int FRAME = 1514;
    private static final int ETHERNET = 14;
    private static final int TCP_HEADER = 32; // with timestamps
    private static final int UDP_HEADER = 8;
    private static final double OVERLOAD = 1.3;
    private static final int CHUNK = 1 << 17;
    private static final int IP4_HEADER = 20;
    private static final int IP6_HEADER = 40;
    private static final int SOL_UDP = 17;
    private static final int UDP_SEGMENT = 103;
    private static final int UDP_GRO = 104;
    private static final int SO_RCVTIMEO = 20;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int RECEIVE_BUFFER = 8 << 20;
    private static final int TOGETHER = 32;
    private static final long FAST = 100_000_000;

    private final NetNs from;
    private final NetNs to;
    private final InetSocketAddress target;
    private final int ipHeader;
    private final long bits;
    private volatile boolean stopped;
    private final AtomicLong received = new AtomicLong();

    /**
     * @param target of the receiver
     * @param bits per second that it is shaped to
     */
    BandwidthStream(NetNs from, NetNs to, Ip target, int port, long bits) throws IOException {
        this.from = from;
        this.to = to;
        this.target = new InetSocketAddress(InetAddress.getByName(target.toString()), port);
        this.ipHeader = target.isV4() ? IP4_HEADER : IP6_HEADER;
        this.bits = bits;
    }

    /** {@return bits per second of frames, after {@code warmUp} and for so many seconds} */
    @SuppressWarnings("try") // closing ends who reads and writes
    double tcp(double warmUp, double seconds) throws IOException, InterruptedException {
        try (ServerSocketChannel server = to.call(() -> ServerSocketChannel.open().bind(target));
                SocketChannel sender = from.call(() -> SocketChannel.open(target));
                SocketChannel receiver = server.accept()) {
            Thread reading = start(() -> read(receiver));
            Thread writing =
                    start(() -> {
                        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
                        while (true) {
                            chunk.clear();
                            sender.write(chunk);
                        }
                    });
            double payload = measure(warmUp, seconds);
            sender.close();
            receiver.close();
            writing.join();
            reading.join();
            return payload * FRAME / (FRAME - ETHERNET - ipHeader - TCP_HEADER);
        }
    }

    double udp(double warmUp, double seconds) throws InterruptedException {
        int payload = FRAME - ETHERNET - ipHeader - UDP_HEADER;
        int family = ipHeader == IP4_HEADER ? Linux.AF_INET : Linux.AF_INET6;
        try (Arena arena = Arena.ofShared();
                Fd receiver = to.socket(family, Linux.SOCK_DGRAM, 0, "receiver");
                Fd sender = from.socket(family, Linux.SOCK_DGRAM, 0, "sender")) {
            Linux.setOption(receiver, Linux.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
            Linux.setOption(receiver, Linux.SOL_SOCKET, SO_RCVTIMEO, timeval(arena));
            Linux.setOption(receiver, SOL_UDP, UDP_GRO, 1);
            Linux.bind(receiver, address(arena));
            Linux.connect(sender, address(arena));
            Linux.setOption(sender, SOL_UDP, UDP_SEGMENT, payload);
            Thread reading = start(() -> read(receiver));
            Thread writing = start(() -> pace(sender, payload));
            double rate = measure(warmUp, seconds);
            stopped = true;
            writing.join();
            reading.join();
            return rate * FRAME / payload;
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    /** So that other load does not cut in; without the right to it the figures tell. */
    private static void realTime() {
        try {
            Linux.realTime(1);
        } catch (KernelException e) {
            System.err.println("not in real time: " + e.getMessage());
        }
    }

    /** Runs until what it works on is closed. */
    private Thread start(Work work) {
        return Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    if (bits >= FAST) {
                        realTime();
                    }
                    try {
                        work.run();
                    } catch (ClosedChannelException over) {
                        // measured
                    } catch (IOException e) {
                        if (e.getMessage() == null
                                || !e.getMessage().matches("Broken pipe|Connection reset.*")) {
                            throw new UncheckedIOException(e);
                        }
                    }
                });
    }

    private void read(ReadableByteChannel receiver) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
        while (true) {
            chunk.clear();
            int got = receiver.read(chunk);
            if (got < 0) {
                return;
            }
            received.addAndGet(got);
        }
    }

    private void read(Fd receiver) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment chunk = arena.allocate(CHUNK);
            while (!stopped) {
                received.addAndGet(Math.max(0, Linux.receive(receiver, chunk, 0)));
            }
        }
    }

    /** Several datagrams at once, where one system call each would be too slow (udp(7)). */
    private void pace(Fd sender, int payload) {
        int together = bits < FAST ? 1 : TOGETHER;
        double gap = together * FRAME * 8e9 / (bits * OVERLOAD);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment datagrams = arena.allocate((long) together * payload);
            long start = System.nanoTime();
            for (long sent = 0; !stopped; sent++) {
                long early = start + (long) (sent * gap) - System.nanoTime();
                if (early > 0) {
                    LockSupport.parkNanos(early);
                }
                Linux.send(sender, datagrams, 0);
            }
        }
    }

    /** struct timeval of 0.1 s. */
    private static MemorySegment timeval(Arena arena) {
        MemorySegment time = arena.allocate(16, 8);
        time.set(ValueLayout.JAVA_LONG, 8, 100_000);
        return time;
    }

    /** struct sockaddr_in or sockaddr_in6. */
    private MemorySegment address(Arena arena) {
        boolean v4 = ipHeader == IP4_HEADER;
        byte[] ip = target.getAddress().getAddress();
        MemorySegment address = arena.allocate(v4 ? 16 : 28, 4);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) (v4 ? Linux.AF_INET : Linux.AF_INET6));
        address.set(
                ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN),
                2,
                (short) target.getPort());
        MemorySegment.copy(ip, 0, address, ValueLayout.JAVA_BYTE, v4 ? 4 : 8, ip.length);
        return address;
    }

    private double measure(double warmUp, double seconds) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep((long) (warmUp * 1e9));
        long start = System.nanoTime();
        long before = received.get();
        TimeUnit.NANOSECONDS.sleep((long) (seconds * 1e9));
        long after = received.get();
        return (after - before) * 8 / ((System.nanoTime() - start) / 1e9);
    }
}
