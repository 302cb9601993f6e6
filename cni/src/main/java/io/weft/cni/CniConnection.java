package io.weft.cni;

import io.weft.kernel.Errno;
import io.weft.kernel.Fd;
import io.weft.kernel.KernelException;
import io.weft.kernel.NetNs;
import io.weft.kernel.UnixSocket;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One client: its request as far as it was read, its namespace, its answer. */
final class CniConnection implements AutoCloseable {
    /** What reading found. */
    enum Reading {
        MORE,
        END,
        TOO_LONG,
        GONE
    }

    private static final long SEND_MILLIS = 5000;

    private final UnixSocket socket;
    private final long deadline;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private Optional<NetNs> netns = Optional.empty();
    private Optional<Integer> netnsError = Optional.empty();

    /**
     * @param deadline of reading, as {@link System#nanoTime}
     */
    CniConnection(UnixSocket socket, long deadline) {
        this.socket = socket;
        this.deadline = deadline;
    }

    long deadline() {
        return deadline;
    }

    Fd fd() {
        return socket.fd();
    }

    int peerUid() {
        return socket.peer().uid();
    }

    /** {@return the namespace that the client passed} */
    Optional<NetNs> netns() {
        return netns;
    }

    /** {@return why what it passed is none, as an errno} */
    Optional<Integer> netnsError() {
        return netnsError;
    }

    Optional<Wire> request() {
        return Wire.read(bytes.toByteArray());
    }

    Reading read(MemorySegment buffer) {
        List<Fd> passed = new ArrayList<>();
        try {
            int n = socket.receive(buffer, passed);
            if (n == -Errno.EAGAIN) {
                return Reading.MORE;
            }
            if (n == 0) {
                return Reading.END;
            }
            bytes.writeBytes(buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE));
            return bytes.size() > Wire.MAX_REQUEST ? Reading.TOO_LONG : Reading.MORE;
        } catch (KernelException e) { // ECONNRESET: the client was killed
            return Reading.GONE;
        } finally {
            passed.forEach(this::take);
        }
    }

    private void take(Fd passed) {
        if (netns.isPresent()) {
            passed.close();
            return;
        }
        try {
            netns = Optional.of(NetNs.of(passed));
        } catch (KernelException e) {
            netnsError = Optional.of(Errno.EINVAL);
        }
    }

    /** Sends and closes; a client that is gone gets nothing. */
    void answer(CniAnswer answer) {
        byte[] text = answer.stdout().getBytes(StandardCharsets.UTF_8);
        byte[] whole = new byte[1 + text.length];
        whole[0] = (byte) answer.exitCode();
        System.arraycopy(text, 0, whole, 1, text.length);
        int sent;
        try (Arena arena = Arena.ofConfined()) {
            sent = socket.send(arena.allocateFrom(ValueLayout.JAVA_BYTE, whole));
        } catch (KernelException e) { // EPIPE
            close();
            return;
        }
        int at = Math.max(0, sent);
        if (at == whole.length) {
            close();
        } else {
            Thread.ofPlatform().name("cni-answer").daemon().start(() -> sendRest(whole, at));
        }
    }

    /**
     * An answer larger than the socket's buffer waits for the client, so on a thread of its own.
     */
    private void sendRest(byte[] whole, int at) {
        try (this;
                Arena arena = Arena.ofConfined()) {
            socket.limitWaits(SEND_MILLIS);
            socket.sendAll(
                    arena.allocateFrom(ValueLayout.JAVA_BYTE, whole).asSlice(at), Optional.empty());
        } catch (KernelException _) {
            // the client is gone, or reads nothing: nobody is left to be told
        }
    }

    @Override
    public void close() {
        netns.ifPresent(NetNs::close);
        socket.close();
    }
}
