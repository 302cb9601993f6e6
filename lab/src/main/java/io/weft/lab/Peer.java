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
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One end of a measured path: a process of its own, started inside a namespace.
 *
 * <pre>
 *   Peer server CPU [PORTS]            serves every test below on {@link #PORT} and the ports after
 *                                      it, 1 in all if not said, and prints "ready"
 *   Peer client CPU ADDRESS            reads tests from standard input, one per line:
 *       rr COUNT [TARGET]              1-byte round trips     → nanoseconds: p50 p99 mean
 *       connect COUNT [TARGET]         connect() and reset    → nanoseconds: p50 p99 mean
 *       connects COUNT TARGET TARGET   the same to both in turn → nanoseconds: p50 p50
 *       goodput BYTES [TARGET]         one direction          → bits per second
 *       late COUNT PER-MILLE           rr, each so much later, by spinning → the same
 *
 *   TARGET: ADDRESS:PORT, or ADDRESS:FIRST-LAST for ports in turn; if not said, ADDRESS and
 *           {@link #PORT}
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
        inRealTime();
        if (arguments[0].equals("server")) {
            serve(arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1);
        } else {
            drive(Target.of(arguments[2], PORT, PORT));
        }
    }

    /** Lets no other load of this processor cut in. */
    static void inRealTime() {
        try {
            Linux.realTime(1);
        } catch (KernelException e) {
            System.err.println("not in real time: " + e.getMessage());
        }
    }

    // ---- server

    private static void serve(int ports) {
        List<Fd> listening = new ArrayList<>();
        for (int i = 0; i < ports; i++) {
            listening.add(listen(PORT + i));
        }
        System.out.println("ready");
        for (Fd others : listening.subList(1, ports)) {
            Thread.ofPlatform().start(() -> serve(others)); // on the same processor
        }
        serve(listening.getFirst());
    }

    private static Fd listen(int port) {
        Fd listening = Linux.socket(Linux.AF_INET, Linux.SOCK_STREAM, 0, "lab server");
        try (Arena arena = Arena.ofConfined()) {
            Linux.setOption(listening, Linux.SOL_SOCKET, SO_REUSEADDR, 1);
            Linux.bind(listening, address(arena, new byte[4], port));
            Linux.listen(listening, BACKLOG); // all of a connect test: nobody waits for an accept
        }
        return listening;
    }

    private static void serve(Fd listening) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(CHUNK);
            while (true) {
                Optional<Fd> accepted = Linux.accept(listening, "lab client");
                if (accepted.isEmpty()) {
                    continue; // it has gone
                }
                try (Fd client = accepted.get()) {
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

    /** Ports of one address, in turn. */
    private record Target(InetAddress ip, int first, int last) {
        static Target of(String address, int first, int last) {
            try {
                return new Target(InetAddress.getByName(address), first, last);
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException(address, e);
            }
        }

        static Target parse(String text) {
            String[] parts = text.split("[:-]", 3);
            int first = Integer.parseInt(parts[1]);
            return of(parts[0], first, parts.length < 3 ? first : Integer.parseInt(parts[2]));
        }

        /** {@return struct sockaddr_in of each port} */
        List<MemorySegment> addresses(Arena arena) {
            return IntStream.rangeClosed(first, last)
                    .mapToObj(port -> address(arena, ip.getAddress(), port))
                    .toList();
        }
    }

    private static void drive(Target usual) throws IOException {
        BufferedReader tests =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.out.println("ready");
        String line;
        while ((line = tests.readLine()) != null) {
            String[] words = line.split(" ", -1);
            long amount = Long.parseLong(words[1]);
            Target target =
                    words.length > 2 && words[2].contains(":") ? Target.parse(words[2]) : usual;
            System.out.println(
                    switch (words[0]) {
                        case "rr" -> roundTrips(target, (int) amount, 0);
                        case "late" -> roundTrips(usual, (int) amount, Integer.parseInt(words[2]));
                        case "connect" -> summary(connects(List.of(target), (int) amount)[0]);
                        case "connects" ->
                                medians(
                                        connects(
                                                List.of(target, Target.parse(words[3])),
                                                (int) amount));
                        case "goodput" -> goodput(target, amount);
                        default -> throw new IllegalArgumentException(line);
                    });
        }
    }

    private static String roundTrips(Target server, int count, int perMilleLater) {
        long[] nanos = new long[count];
        try (Arena arena = Arena.ofConfined();
                Fd socket = open(arena, server)) {
            MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_BYTE, MODE_ECHO);
            Linux.send(socket, one, 0);
            for (int i = 0; i < count; i++) {
                long start = System.nanoTime();
                Linux.send(socket, one, 0);
                Linux.receive(socket, one, 0);
                long took = System.nanoTime() - start;
                long end = start + took + took * perMilleLater / 1_000;
                while (perMilleLater > 0 && System.nanoTime() < end) {
                    Thread.onSpinWait();
                }
                nanos[i] = perMilleLater > 0 ? System.nanoTime() - start : took;
            }
        }
        return summary(nanos);
    }

    /** {@return the times of each target; they take turns} */
    private static long[][] connects(List<Target> targets, int count) {
        long[][] nanos = new long[targets.size()][count];
        try (Arena arena = Arena.ofConfined()) {
            // linger on, zero seconds: close() resets, and no port waits in TIME_WAIT
            MemorySegment reset = arena.allocateFrom(ValueLayout.JAVA_INT, 1, 0);
            List<List<MemorySegment>> addresses =
                    targets.stream().map(target -> target.addresses(arena)).toList();
            for (int i = 0; i < count; i++) {
                for (int j = 0; j < nanos.length; j++) {
                    List<MemorySegment> ports = addresses.get(j);
                    nanos[j][i] = connect(ports.get(i % ports.size()), reset);
                }
            }
        }
        return nanos;
    }

    private static long connect(MemorySegment target, MemorySegment reset) {
        try (Fd socket = Linux.socket(Linux.AF_INET, Linux.SOCK_STREAM, 0, "lab client")) {
            Linux.setOption(socket, Linux.SOL_SOCKET, SO_LINGER, reset);
            long start = System.nanoTime();
            Linux.connect(socket, target);
            return System.nanoTime() - start;
        }
    }

    private static String goodput(Target server, long bytes) {
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

    private static Fd open(Arena arena, Target server) {
        Fd socket = Linux.socket(Linux.AF_INET, Linux.SOCK_STREAM, 0, "lab client");
        Linux.setOption(socket, SOL_TCP, TCP_NODELAY, 1);
        Linux.connect(socket, address(arena, server.ip.getAddress(), server.first));
        return socket;
    }

    /** {@return struct sockaddr_in} */
    private static MemorySegment address(Arena arena, byte[] ip, int port) {
        MemorySegment address = arena.allocate(16, 4);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) Linux.AF_INET);
        address.set(ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), 2, (short) port);
        MemorySegment.copy(ip, 0, address, ValueLayout.JAVA_BYTE, 4, 4);
        return address;
    }

    private static String medians(long[][] nanos) {
        for (long[] of : nanos) {
            Arrays.sort(of);
        }
        return Arrays.stream(nanos)
                .map(of -> Long.toString(of[of.length / 2]))
                .collect(Collectors.joining(" "));
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
