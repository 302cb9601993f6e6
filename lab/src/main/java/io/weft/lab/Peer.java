package io.weft.lab;

import io.weft.kernel.Fd;
import io.weft.kernel.KernelException;
import io.weft.kernel.Linux;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One end of a measured path: a process of its own, started inside a namespace.
 *
 * <pre>
 *   Peer server CPU                    serves every test below on {@link #PORT}, prints "ready"
 *   Peer client CPU ADDRESS            reads tests from standard input, one per line:
 *       rr COUNT                       1-byte round trips     → nanoseconds: p50 p99 mean
 *       connect COUNT                  connect() and reset    → nanoseconds: p50 p99 mean
 *       goodput BYTES                  one direction          → bits per second
 * </pre>
 *
 * <p>Plain blocking system calls, nothing allocated between two of them that outlives the call.
 * Both ends ask for SCHED_FIFO, so that other load does not cut in; without the right to it they go
 * on and the spread tells.
 */
public final class Peer {
    static final int PORT = 5001;

    private static final int SOL_TCP = 6;
    private static final int TCP_NODELAY = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int SO_LINGER = 13;
    private static final int BACKLOG = 4096;
    private static final int CHUNK = 64 << 10;
    private static final byte MODE_ECHO = 'e';
    private static final byte MODE_SINK = 's';

    private Peer() {}

    public static void main(String[] arguments) throws IOException {
        Linux.pinThread(Integer.parseInt(arguments[1]));
        try {
            Linux.realTime(1);
        } catch (KernelException e) {
            System.err.println("not in real time: " + e.getMessage());
        }
        if (arguments[0].equals("server")) {
            serve();
        } else {
            drive(InetAddress.getByName(arguments[2]));
        }
    }

    // ---- server

    private static void serve() {
        try (Arena arena = Arena.ofConfined();
                Fd listening = Linux.socket(Linux.AF_INET, Linux.SOCK_STREAM, 0, "lab server")) {
            Linux.setOption(listening, Linux.SOL_SOCKET, SO_REUSEADDR, 1);
            Linux.bind(listening, address(arena, new byte[4]));
            Linux.listen(listening, BACKLOG); // all of a connect test: nobody waits for an accept
            System.out.println("ready");
            MemorySegment buffer = arena.allocate(CHUNK);
            while (true) {
                try (Fd client = Linux.accept(listening, "lab client")) {
                    Linux.setOption(client, SOL_TCP, TCP_NODELAY, 1);
                    serve(client, buffer);
                } catch (KernelException reset) {
                    // a client that measured connect() resets the connection
                }
            }
        }
    }

    /** The first byte says what the client wants. */
    private static void serve(Fd client, MemorySegment buffer) {
        MemorySegment one = buffer.asSlice(0, 1);
        if (Linux.receive(client, one, 0) == 0) {
            return;
        }
        if (buffer.get(ValueLayout.JAVA_BYTE, 0) == MODE_ECHO) {
            while (Linux.receive(client, one, 0) > 0) {
                Linux.send(client, one, 0);
            }
            return;
        }
        MemorySegment length = buffer.asSlice(0, 8);
        receiveAll(client, length);
        long left = buffer.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
        while (left > 0) {
            left -= Linux.receive(client, buffer, 0);
        }
        Linux.send(client, one, 0);
    }

    private static void receiveAll(Fd socket, MemorySegment into) {
        long got = 0;
        while (got < into.byteSize()) {
            got += Linux.receive(socket, into.asSlice(got), 0);
        }
    }

    // ---- client

    private static void drive(InetAddress server) throws IOException {
        BufferedReader tests =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.out.println("ready");
        String line;
        while ((line = tests.readLine()) != null) {
            String[] words = line.split(" ", 2);
            long amount = Long.parseLong(words[1]);
            System.out.println(
                    switch (words[0]) {
                        case "rr" -> roundTrips(server, (int) amount);
                        case "connect" -> connects(server, (int) amount);
                        case "goodput" -> goodput(server, amount);
                        default -> throw new IllegalArgumentException(line);
                    });
        }
    }

    private static String roundTrips(InetAddress server, int count) {
        long[] nanos = new long[count];
        try (Arena arena = Arena.ofConfined();
                Fd socket = open(arena, server)) {
            MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_BYTE, MODE_ECHO);
            Linux.send(socket, one, 0);
            for (int i = 0; i < count; i++) {
                long start = System.nanoTime();
                Linux.send(socket, one, 0);
                Linux.receive(socket, one, 0);
                nanos[i] = System.nanoTime() - start;
            }
        }
        return summary(nanos);
    }

    private static String connects(InetAddress server, int count) {
        long[] nanos = new long[count];
        try (Arena arena = Arena.ofConfined()) {
            // linger on, zero seconds: close() resets, and no port waits in TIME_WAIT
            MemorySegment reset = arena.allocateFrom(ValueLayout.JAVA_INT, 1, 0);
            MemorySegment target = address(arena, server.getAddress());
            for (int i = 0; i < count; i++) {
                try (Fd socket = Linux.socket(Linux.AF_INET, Linux.SOCK_STREAM, 0, "lab client")) {
                    Linux.setOption(socket, Linux.SOL_SOCKET, SO_LINGER, reset);
                    long start = System.nanoTime();
                    Linux.connect(socket, target);
                    nanos[i] = System.nanoTime() - start;
                }
            }
        }
        return summary(nanos);
    }

    private static String goodput(InetAddress server, long bytes) {
        try (Arena arena = Arena.ofConfined();
                Fd socket = open(arena, server)) {
            MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_BYTE, MODE_SINK);
            MemorySegment chunk = arena.allocate(CHUNK);
            Linux.send(socket, one, 0);
            Linux.send(socket, arena.allocateFrom(ValueLayout.JAVA_LONG, bytes), 0);
            long start = System.nanoTime();
            long left = bytes;
            while (left > 0) {
                left -= Linux.send(socket, left < CHUNK ? chunk.asSlice(0, left) : chunk, 0);
            }
            Linux.receive(socket, one, 0);
            return Long.toString(bytes * 8 * 1_000_000_000L / (System.nanoTime() - start));
        }
    }

    private static Fd open(Arena arena, InetAddress server) {
        Fd socket = Linux.socket(Linux.AF_INET, Linux.SOCK_STREAM, 0, "lab client");
        Linux.setOption(socket, SOL_TCP, TCP_NODELAY, 1);
        Linux.connect(socket, address(arena, server.getAddress()));
        return socket;
    }

    /** {@return struct sockaddr_in for {@link #PORT}} */
    private static MemorySegment address(Arena arena, byte[] ip) {
        MemorySegment address = arena.allocate(16, 4);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) Linux.AF_INET);
        address.set(ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), 2, (short) PORT);
        MemorySegment.copy(ip, 0, address, ValueLayout.JAVA_BYTE, 4, 4);
        return address;
    }

    private static String summary(long[] nanos) {
        Arrays.sort(nanos);
        long sum = 0;
        for (long n : nanos) {
            sum += n;
        }
        return nanos[nanos.length / 2]
                + " "
                + nanos[(int) (nanos.length * 0.99)]
                + " "
                + sum / nanos.length;
    }
}
