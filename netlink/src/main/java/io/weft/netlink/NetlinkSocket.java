package io.weft.netlink;

import io.weft.kernel.Errno;
import io.weft.kernel.Fd;
import io.weft.kernel.KernelException;
import io.weft.kernel.Linux;
import io.weft.kernel.NetNs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A NETLINK_ROUTE or NETLINK_SOCK_DIAG socket: requests go out with a sequence number each, several
 * per send(2); every request gets its own answer. See netlink(7) and net/netlink/af_netlink.c.
 *
 * <p>The kernel works inside send(2), so all answers are queued when it returns; the rest of a dump
 * is made inside recv(2). Nothing here waits: an answer that is not there was dropped, and that is
 * an error, not a hang.
 *
 * <p>Safe for many threads; one exchange runs at a time.
 */
final class NetlinkSocket implements AutoCloseable {
    private static final int TYPE = Linux.SOCK_RAW | Linux.SOCK_NONBLOCK;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int NETLINK_GET_STRICT_CHK = 12;
    private static final int SO_RCVBUF = 8;
    private static final int ENOBUFS = 105;

    /** What the kernel may queue for us; it doubles the number and caps it at rmem_max. */
    private static final int QUEUE_BYTES = 1024 * 1024;

    /** Acks of this many requests fit into the default receive buffer of 208 KiB. */
    static final int REQUESTS_PER_SEND = 64;

    private static final int SEND_BYTES = MessageWriter.LIMIT;
    private static final int RECEIVE_BYTES = 32 * 1024; // the kernel fills no more of a dump
    private static final int RECEIVE_BYTES_MAX = 16 * 1024 * 1024;

    /** A dump that a change kept interrupting this often is given up. */
    private static final int DUMP_TRIES = 16;

    private final Fd fd;
    private final int port;
    // Closing a shared arena stops every thread for a moment; these go with the garbage.
    private final MemorySegment out = Arena.ofAuto().allocate(SEND_BYTES, 8);
    private MemorySegment in = Arena.ofAuto().allocate(RECEIVE_BYTES, 8);
    private int sequence;
    private boolean unread; // an exchange broke off: its answers may still be queued
    private boolean lost; // an answer of this exchange was dropped or did not fit

    private NetlinkSocket(Fd fd, int port) {
        this.fd = fd;
        this.port = port;
    }

    /** What came of one request: its replies, or why it failed. */
    record Outcome(List<Reply> replies, Optional<NetlinkException> failure) {}

    /** Which part of the kernel answers; see netlink(7). */
    enum Bus {
        ROUTE(0, "rtnetlink socket"),
        SOCK_DIAG(4, "sock_diag socket");

        private final int protocol;
        private final String what;

        Bus(int protocol, String what) {
            this.protocol = protocol;
            this.what = what;
        }
    }

    /** Opens NETLINK_ROUTE in the namespace of the calling thread. */
    static NetlinkSocket open() {
        return open(QUEUE_BYTES);
    }

    static NetlinkSocket open(NetNs namespace) {
        return open(namespace, Bus.ROUTE);
    }

    static NetlinkSocket open(NetNs namespace, Bus bus) {
        return open(namespace.socket(Linux.AF_NETLINK, TYPE, bus.protocol, bus.what), QUEUE_BYTES);
    }

    static NetlinkSocket open(Bus bus) {
        return open(Linux.socket(Linux.AF_NETLINK, TYPE, bus.protocol, bus.what), QUEUE_BYTES);
    }

    static NetlinkSocket open(int queueBytes) {
        return open(
                Linux.socket(Linux.AF_NETLINK, TYPE, Bus.ROUTE.protocol, Bus.ROUTE.what),
                queueBytes);
    }

    /** {@return SO_NETNS_COOKIE of its namespace: unique until the machine restarts} */
    long namespaceCookie() {
        return Linux.optionLong(fd, Linux.SOL_SOCKET, Linux.SO_NETNS_COOKIE);
    }

    private static NetlinkSocket open(Fd fd, int queueBytes) {
        try (Arena scratch = Arena.ofConfined()) {
            Linux.setOption(fd, Linux.SOL_SOCKET, SO_RCVBUF, queueBytes);
            Linux.setOption(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
            Linux.setOption(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
            Linux.setOption(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
            MemorySegment address = scratch.allocate(12, 4); // struct sockaddr_nl
            address.set(ValueLayout.JAVA_SHORT, 0, (short) Linux.AF_NETLINK);
            Linux.bind(fd, address);
            Linux.socketName(fd, address);
            return new NetlinkSocket(fd, address.get(ValueLayout.JAVA_INT, 4));
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /** {@return the namespace of this socket, opened anew} */
    synchronized NetNs namespace() {
        return NetNs.ofSocket(fd);
    }

    /** Sends all, in order; a failing request does not stop the ones after it. */
    synchronized List<Outcome> exchange(List<Request> requests) {
        requests.forEach(Request::requireOpenDescriptors);
        List<Outcome> outcomes = new ArrayList<>(requests.size());
        int next = 0;
        while (next < requests.size()) {
            int end = next;
            int bytes = 0;
            while (end < requests.size()
                    && end - next < REQUESTS_PER_SEND
                    && bytes + requests.get(end).bytes().length <= SEND_BYTES) {
                bytes += requests.get(end).bytes().length;
                end++;
            }
            outcomes.addAll(exchangeOnce(requests.subList(next, end)));
            next = end;
        }
        return outcomes;
    }

    /** Sends one request. {@return its replies} */
    List<Reply> call(Request request) {
        Outcome outcome = exchange(List.of(request)).getFirst();
        if (outcome.failure().isPresent()) {
            throw outcome.failure().get();
        }
        return outcome.replies();
    }

    /**
     * Only the last request asks for an ack. The kernel answers a failed one always, and in order:
     * when the last answer is there and none was dropped, silence is success.
     */
    private List<Outcome> exchangeOnce(List<Request> requests) {
        drain();
        unread = true;
        lost = false;
        int first = send(requests);
        int last = requests.size() - 1;
        Map<Integer, List<Reply>> replies = new HashMap<>();
        Map<Integer, Optional<NetlinkException>> answers = new HashMap<>();
        while (!answers.containsKey(last)) {
            Optional<List<Reply>> datagram = receive(requests.getFirst());
            if (datagram.isEmpty()) {
                break;
            }
            for (Reply reply : datagram.get()) {
                int i = reply.sequence() - first;
                if (reply.port() != port || i < 0 || i > last || answers.containsKey(i)) {
                    continue;
                }
                if (reply.type() == Reply.ERROR) {
                    answers.put(
                            i,
                            reply.error() == 0
                                    ? Optional.empty()
                                    : Optional.of(NetlinkException.of(requests.get(i), reply)));
                } else {
                    replies.computeIfAbsent(i, any -> new ArrayList<>()).add(reply);
                }
            }
        }
        unread = !answers.containsKey(last);
        List<Outcome> outcomes = new ArrayList<>(requests.size());
        for (int i = 0; i <= last; i++) {
            if (unread || lost) {
                answers.putIfAbsent(i, Optional.of(dropped(requests.get(i))));
            }
            outcomes.add(
                    new Outcome(
                            replies.getOrDefault(i, List.of()),
                            answers.getOrDefault(i, Optional.empty())));
        }
        return outcomes;
    }

    private static NetlinkException dropped(Request request) {
        return new NetlinkException(
                request.operation(),
                ENOBUFS,
                "the kernel dropped the answer: read back what is in force");
    }

    /**
     * Reads a whole table, again when it changed meanwhile (NLM_F_DUMP_INTR).
     *
     * @param parser empty for messages that the caller does not want
     */
    synchronized <T> List<T> dump(Request request, Function<Reply, Optional<T>> parser) {
        for (int i = 0; i < DUMP_TRIES; i++) {
            Optional<List<Reply>> replies = dumpOnce(request);
            if (replies.isPresent()) {
                return parse(request, replies.get(), parser);
            }
        }
        throw new NetlinkException(
                request.operation(),
                Errno.EINTR,
                "the table changed during each of " + DUMP_TRIES + " readings; try again");
    }

    static <T> List<T> parse(
            Request request, List<Reply> replies, Function<Reply, Optional<T>> parser) {
        try {
            return replies.stream().flatMap(reply -> parser.apply(reply).stream()).toList();
        } catch (NetlinkException e) {
            throw e.during(request.operation());
        }
    }

    /** {@return empty when the dump must be repeated} */
    private Optional<List<Reply>> dumpOnce(Request request) {
        drain();
        unread = true;
        lost = false;
        int number = send(List.of(request));
        List<Reply> replies = new ArrayList<>();
        boolean interrupted = false;
        while (true) {
            Optional<List<Reply>> datagram = receive(request);
            if (datagram.isEmpty()) {
                return Optional.empty();
            }
            for (Reply reply : datagram.get()) {
                if (reply.port() != port || reply.sequence() != number) {
                    continue;
                }
                interrupted |= reply.hasFlag(Request.DUMP_INTR);
                switch (reply.type()) {
                    case Reply.NOOP -> {}
                    case Reply.ERROR, Reply.DONE -> {
                        unread = false;
                        if (reply.error() != 0) {
                            throw NetlinkException.of(request, reply);
                        }
                        return interrupted || lost ? Optional.empty() : Optional.of(replies);
                    }
                    case Reply.OVERRUN -> interrupted = true;
                    default -> replies.add(reply);
                }
            }
        }
    }

    /** {@return the sequence number of the first request; the others follow} */
    private int send(List<Request> requests) {
        int first = sequence;
        int at = 0;
        for (int i = 0; i < requests.size(); i++) {
            byte[] bytes = requests.get(i).bytes();
            MemorySegment.copy(bytes, 0, out, ValueLayout.JAVA_BYTE, at, bytes.length);
            if (i < requests.size() - 1) {
                short flags = out.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + 6L);
                out.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + 6L, (short) (flags & ~Request.ACK));
            }
            out.set(ValueLayout.JAVA_INT_UNALIGNED, at + 8L, sequence++);
            at += bytes.length;
        }
        try {
            Linux.send(fd, out.asSlice(0, at), 0);
        } catch (KernelException e) {
            throw failed(requests.getFirst(), e);
        }
        return first;
    }

    private static NetlinkException failed(Request request, KernelException e) {
        NetlinkException named =
                new NetlinkException(request.operation(), e.errno(), e.operation(), null);
        named.initCause(e);
        return named;
    }

    /** {@return the next datagram; empty when there is none} */
    private Optional<List<Reply>> receive(Request request) {
        while (true) {
            try {
                int length = Linux.receive(fd, in, Linux.MSG_DONTWAIT | Linux.MSG_TRUNC);
                if (length == -Errno.EAGAIN) {
                    return Optional.empty();
                }
                if (length <= in.byteSize()) {
                    byte[] datagram = in.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
                    return Optional.of(Reply.split(datagram));
                }
                lost = true;
                grow(length);
            } catch (KernelException e) {
                if (!e.is(ENOBUFS)) { // said once per overrun; what is queued can still be read
                    throw failed(request, e);
                }
                lost = true;
            } catch (NetlinkException e) {
                throw e.during(request.operation());
            }
        }
    }

    private void grow(int length) {
        if (length > RECEIVE_BYTES_MAX) {
            throw NetlinkException.malformed("datagram of " + length + " bytes");
        }
        in = Arena.ofAuto().allocate(Long.highestOneBit(length) << 1, 8);
    }

    /** Throws away what a broken-off exchange left; a dump that still runs is read to its end. */
    private void drain() {
        while (unread) {
            try {
                unread = Linux.receive(fd, in, Linux.MSG_DONTWAIT) != -Errno.EAGAIN;
            } catch (KernelException e) {
                if (!e.is(ENOBUFS)) {
                    throw e;
                }
            }
        }
    }

    @Override
    public synchronized void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return fd.toString();
    }
}
