package io.weft.agent;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Optional;

/**
 * The Varlink wire format (varlink.org/Method-Call): JSON objects on a stream socket, each followed
 * by a zero byte. One connection carries one call at a time.
 */
final class Varlink {
    /** A longer message ends the connection. */
    static final int MAX_MESSAGE_BYTES = 64 << 20;

    private Varlink() {}

    /** Reads and writes messages on one connection. Not thread-safe for reading. */
    static final class Connection implements AutoCloseable {
        private final SocketChannel channel;
        private final ByteBuffer buffer = ByteBuffer.allocate(64 << 10).flip();

        Connection(SocketChannel channel) {
            this.channel = channel;
        }

        /** {@return the next message, or nothing when the peer has closed} */
        Optional<Map<String, Object>> receive() throws IOException {
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            while (true) {
                while (buffer.hasRemaining()) {
                    byte b = buffer.get();
                    if (b == 0) {
                        return Optional.of(parse(message.toByteArray()));
                    }
                    message.write(b);
                    if (message.size() > MAX_MESSAGE_BYTES) {
                        throw new IOException(
                                "message longer than " + MAX_MESSAGE_BYTES + " bytes");
                    }
                }
                buffer.clear();
                int n = channel.read(buffer);
                buffer.flip();
                if (n < 0) {
                    return Optional.empty();
                }
            }
        }

        /** One object and nothing else: the reader takes {@code null} and ignores what follows. */
        private static Map<String, Object> parse(byte[] message) throws IOException {
            try (JsonParser parser = JSON.std.createParser(message)) {
                if (parser.nextToken() != JsonToken.START_OBJECT) {
                    throw new IOException("a message is a JSON object");
                }
                Map<String, Object> object = JSON.std.mapFrom(parser);
                if (parser.nextToken() != null) {
                    throw new IOException("a message is one JSON object");
                }
                return object;
            }
        }

        synchronized void send(Map<String, ?> message) throws IOException {
            byte[] json = JSON.std.asBytes(message);
            ByteBuffer bytes = ByteBuffer.allocate(json.length + 1).put(json).put((byte) 0).flip();
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
