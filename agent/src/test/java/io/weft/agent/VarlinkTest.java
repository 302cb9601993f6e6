package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The wire format, between the two ends of a unix socket. */
class VarlinkTest {
    @TempDir private Path directory;
    private SocketChannel peer;
    private Varlink.Connection connection;

    @BeforeEach
    void connect() throws IOException {
        var address = UnixDomainSocketAddress.of(directory.resolve("s"));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address);
            peer = SocketChannel.open(address);
            connection = new Varlink.Connection(server.accept());
        }
    }

    @AfterEach
    void close() throws IOException {
        peer.close();
        connection.close();
    }

    private void write(byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            peer.write(left);
        }
    }

    private void write(String text) throws IOException {
        write(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsOneMessageAfterTheOther() throws IOException {
        write("{\"method\":\"a\"}\0{\"method\":\"b\",\"parameters\":{\"n\":1}}\0");

        assertThat(connection.receive()).contains(Map.of("method", "a"));
        assertThat(connection.receive())
                .contains(Map.of("method", "b", "parameters", Map.of("n", 1)));
    }

    @Test
    void waitsForTheRestOfAMessage() throws Exception {
        write("{\"method\":");
        Thread rest =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                write("\"späť\"}\0");
                            } catch (IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                        });

        assertThat(connection.receive()).contains(Map.of("method", "späť"));
        rest.join();
    }

    @Test
    void endsWithItsPeerAlsoInMidMessage() throws IOException {
        write("{\"method\":");
        peer.close();

        assertThat(connection.receive()).isEmpty();
    }

    @Test
    void writesWhatTheOtherEndReads() throws IOException {
        Map<String, Object> message =
                Map.of("parameters", Map.of("list", List.of("a\0b", "ü"), "yes", true));
        connection.send(message);

        ByteBuffer bytes = ByteBuffer.allocate(1000);
        peer.read(bytes);
        assertThat(bytes.get(bytes.position() - 1)).isZero();
        write(java.util.Arrays.copyOf(bytes.array(), bytes.position()));
        assertThat(connection.receive()).contains(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "null", "true", "7", "\"text\"", "[]", "{]", "{a:1}", "{}{}"})
    void refusesWhatIsNoObject(String text) throws IOException {
        write(text + "\0");

        assertThatThrownBy(() -> connection.receive()).isInstanceOf(IOException.class);
    }

    @Test
    void refusesObjectsThatAreNestedWithoutEnd() throws IOException {
        write("{\"a\":".repeat(5000) + "1" + "}".repeat(5000) + "\0");

        assertThatThrownBy(() -> connection.receive()).isInstanceOf(IOException.class);
    }

    @Test
    void refusesAMessageThatIsTooLong() throws Exception {
        byte[] filler = new byte[1 << 20];
        java.util.Arrays.fill(filler, (byte) ' ');
        Thread writer =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                while (true) { // until the other end has had enough
                                    write(filler);
                                }
                            } catch (IOException closed) {
                                // as it should be
                            }
                        });

        assertThatThrownBy(() -> connection.receive())
                .isInstanceOf(IOException.class)
                .hasMessage("message longer than 67108864 bytes");
        connection.close();
        writer.join();
    }

    @Test
    void turnsAnyBytesIntoAMessageOrAnIoException() throws IOException {
        byte[] seedMessage =
                """
                {"method":"io.weft.node.Apply","more":true,"parameters":{"files":[{"name":"a.yaml","text":"x\\u00fc\\n"}],"n":-1.5e3,"b":null}}\
                """
                        .getBytes(StandardCharsets.UTF_8);
        Random chance = new Random(20_260_101);
        int objects = 0;
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = mutate(seedMessage, chance);
            write(bytes);
            write(new byte[1]);
            try {
                Optional<Map<String, Object>> message = connection.receive();
                assertThat(message).as(new String(bytes, StandardCharsets.UTF_8)).isPresent();
                objects++;
            } catch (IOException e) {
                refused++;
            }
        }
        assertThat(objects).isPositive();
        assertThat(refused).isPositive();
    }

    private static byte[] mutate(byte[] from, Random chance) {
        byte[] bytes = from.clone();
        int changes = 1 + chance.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = chance.nextInt(bytes.length);
            switch (chance.nextInt(4)) {
                case 0 -> bytes[at] = (byte) (1 + chance.nextInt(255));
                case 1 -> bytes[at] = (byte) "{}[]\",:\\0-e".charAt(chance.nextInt(11));
                case 2 -> bytes = java.util.Arrays.copyOf(bytes, Math.max(1, at));
                default -> {
                    byte[] longer = java.util.Arrays.copyOf(bytes, bytes.length + 1);
                    System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
                    bytes = longer;
                }
            }
        }
        return bytes;
    }
}
