package io.weft.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** Answers Varlink calls on a unix socket that only root may open. */
final class VarlinkServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(VarlinkServer.class.getName());
    private static final int MAX_CONNECTIONS = 128;

    /** One method. It may reply any number of times; the last reply is sent when it returns. */
    @FunctionalInterface
    interface Method {
        Map<String, ?> call(Map<String, Object> parameters, Stream stream) throws IOException;
    }

    /** Replies before the last one, for callers that said {@code more}. */
    @FunctionalInterface
    interface Stream {
        /**
         * @throws IOException when the caller has gone: stop
         */
        void send(Map<String, ?> parameters) throws IOException;
    }

    /** An error of the interface; its name and parameters go over the wire. */
    static final class CallException extends RuntimeException {
        private final String error;
        private final Map<String, ?> parameters;

        CallException(String error, String message) {
            this(error, message, Map.of("message", message));
        }

        CallException(String error, String message, Map<String, ?> parameters) {
            super(message);
            this.error = error;
            this.parameters = parameters;
        }
    }

    private final Path path;
    private final ServerSocketChannel server;
    private final Map<String, Method> methods;
    private final Semaphore free = new Semaphore(MAX_CONNECTIONS);
    private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();

    private VarlinkServer(Path path, ServerSocketChannel server, Map<String, Method> methods) {
        this.path = path;
        this.server = server;
        this.methods = methods;
    }

    /** Replaces a socket file that a dead server left: the caller holds the instance's lock. */
    static VarlinkServer start(Path path, Map<String, Method> methods) {
        try {
            Files.deleteIfExists(path);
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            VarlinkServer started = new VarlinkServer(path, server, Map.copyOf(methods));
            Thread.ofPlatform().name("api-accept").daemon().start(started::accept);
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException("listen on " + path, e);
        }
    }

    private void accept() {
        try {
            while (true) {
                free.acquire();
                SocketChannel channel = server.accept();
                connections.add(channel);
                Thread.ofVirtual().name("api").start(() -> serve(channel));
            }
        } catch (ClosedChannelException | InterruptedException end) {
            // close() was called
        } catch (IOException e) {
            LOG.log(Level.ERROR, "the API stops accepting on {0}: {1}", path, e);
        }
    }

    private void serve(SocketChannel channel) {
        try (Varlink.Connection connection = new Varlink.Connection(channel)) {
            while (true) {
                Optional<Map<String, Object>> call = connection.receive();
                if (call.isEmpty()) {
                    return;
                }
                answer(connection, call.get());
            }
        } catch (IOException gone) {
            LOG.log(Level.DEBUG, "API connection ended: {0}", gone);
        } finally {
            connections.remove(channel);
            free.release();
        }
    }

    private void answer(Varlink.Connection connection, Map<String, Object> call)
            throws IOException {
        String name = String.valueOf(call.get("method"));
        Method method = methods.get(name);
        if (method == null) {
            connection.send(
                    Map.of(
                            "error",
                            "org.varlink.service.MethodNotFound",
                            "parameters",
                            Map.of("method", name)));
            return;
        }
        try {
            Map<String, ?> last =
                    method.call(
                            parameters(call),
                            more -> connection.send(Map.of("parameters", more, "continues", true)));
            connection.send(Map.of("parameters", last));
        } catch (CallException e) {
            connection.send(Map.of("error", e.error, "parameters", e.parameters));
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, name + " failed", e);
            connection.send(
                    Map.of(
                            "error",
                            NodeApi.INTERFACE + ".Internal",
                            "parameters",
                            Map.of("message", String.valueOf(e.getMessage()))));
        }
    }

    @SuppressWarnings("unchecked") // JSON objects have string keys
    private static Map<String, Object> parameters(Map<String, Object> call) {
        return call.get("parameters") instanceof Map<?, ?> map
                ? (Map<String, Object>) map
                : Map.of();
    }

    @Override
    public void close() {
        try {
            server.close();
            for (SocketChannel channel : List.copyOf(connections)) {
                channel.close();
            }
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "closing the API socket {0}: {1}", path, e);
        }
    }
}
