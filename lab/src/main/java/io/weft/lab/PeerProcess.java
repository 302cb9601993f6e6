package io.weft.lab;

import io.weft.kernel.NetNs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A {@link Peer} running in a namespace. */
final class PeerProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader replies;
    private final Writer requests;

    private PeerProcess(Process process) {
        this.process = process;
        this.replies =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.requests = process.outputWriter(StandardCharsets.UTF_8);
    }

    /** Starts it and waits until it says that it is ready. */
    static PeerProcess start(NetNs namespace, List<String> arguments) {
        return start(namespace, Peer.class, arguments);
    }

    /** As above, for another program of ours. */
    static PeerProcess start(NetNs namespace, Class<?> program, List<String> arguments) {
        Ending.check();
        List<String> command =
                OwnProcess.command(program, List.of("-Xmx64m", "-Xshare:auto"), arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        PeerProcess peer = new PeerProcess(namespace.call(builder::start));
        String first = peer.reply();
        if (!first.equals("ready")) {
            peer.close();
            throw new IllegalStateException("peer " + arguments + " says: " + first);
        }
        return peer;
    }

    /**
     * Starts a server and a client at the ends of {@code path}, both pinned to the same processor.
     *
     * @return the client; both belong to {@code opened}
     */
    static PeerProcess client(Opened opened, MeasuredPath path) {
        String cpu = Integer.toString(PodToPod.CPU);
        opened.add(start(path.server(), List.of("server", cpu)));
        return opened.add(start(path.client(), List.of("client", cpu, path.address())));
    }

    /** {@return the first of the figures that {@link #ask} brings: p50, or the only one} */
    double askFirst(String test) {
        return Double.parseDouble(ask(test).split(" ", 2)[0]);
    }

    /** Sends one test to a client and waits for its figures. */
    String ask(String test) {
        try {
            requests.write(test + "\n");
            requests.flush();
        } catch (IOException e) {
            Ending.check();
            throw new UncheckedIOException("ask the peer", e);
        }
        return reply();
    }

    private String reply() {
        try {
            String line = replies.readLine();
            if (line == null) {
                Ending.check();
                throw new IllegalStateException("the peer ended; its error is above");
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException("read from the peer", e);
        }
    }

    /** {@return of the process} */
    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
