package io.weft.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Calls a running node over its unix socket. One call at a time. */
public final class NodeClient implements AutoCloseable {
    private final Varlink.Connection connection;
    private final Path socket;

    private NodeClient(Varlink.Connection connection, Path socket) {
        this.connection = connection;
        this.socket = socket;
    }

    /** No node answers on the socket, or no longer. */
    public static final class UnreachableException extends RuntimeException {
        UnreachableException(Path socket, IOException cause) {
            super(
                    "no running node answers on "
                            + socket
                            + " ("
                            + cause.getMessage()
                            + "): start one with 'weft up DIR'",
                    cause);
        }

        UnreachableException(Path socket, String during, IOException cause) {
            super("the node on " + socket + " ended " + during + ": " + cause.getMessage(), cause);
        }
    }

    /** The node refused the call. */
    public static final class CallFailedException extends RuntimeException {
        private final String error;
        private final Map<String, Object> parameters;

        CallFailedException(String error, Map<String, Object> parameters) {
            super(String.valueOf(parameters.getOrDefault("message", error)));
            this.error = error;
            this.parameters = parameters;
        }

        /** {@return e.g. {@code Invalid}: the name without its interface} */
        public String error() {
            return error.substring(error.lastIndexOf('.') + 1);
        }

        public Map<String, Object> parameters() {
            return parameters;
        }
    }

    /**
     * @throws UnreachableException when nobody listens
     */
    public static NodeClient connect(Path socket) {
        try {
            SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            return new NodeClient(new Varlink.Connection(channel), socket);
        } catch (IOException e) {
            throw new UnreachableException(socket, e);
        }
    }

    /**
     * {@return the reply's parameters}
     *
     * @param method without its interface: {@code Apply}
     * @throws CallFailedException when the node refuses
     * @throws UnreachableException when it ends meanwhile
     */
    public Map<String, Object> call(String method, Map<String, ?> parameters) {
        return stream(method, parameters, earlier -> {});
    }

    /** As {@link #call}; every reply but the last goes to {@code more}. */
    public Map<String, Object> stream(
            String method, Map<String, ?> parameters, Consumer<Map<String, Object>> more) {
        try {
            Map<String, Object> call = new HashMap<>();
            call.put("method", NodeApi.INTERFACE + "." + method);
            call.put("parameters", parameters);
            call.put("more", true);
            connection.send(call);
            while (true) {
                Map<String, Object> reply =
                        connection
                                .receive()
                                .orElseThrow(() -> new IOException("it closed the connection"));
                Map<String, Object> result = object(reply.get("parameters"));
                if (reply.get("error") instanceof String error) {
                    throw new CallFailedException(error, result);
                }
                if (!Boolean.TRUE.equals(reply.get("continues"))) {
                    return result;
                }
                more.accept(result);
            }
        } catch (IOException e) {
            throw new UnreachableException(socket, "during the call", e);
        }
    }

    @SuppressWarnings("unchecked") // JSON objects have string keys
    private static Map<String, Object> object(@org.jspecify.annotations.Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (IOException e) {
            throw new UncheckedIOException("close " + socket, e);
        }
    }
}
