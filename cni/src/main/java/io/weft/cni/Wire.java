package io.weft.cni;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A request between client and agent, and in a tombstone: {@code WEFTCNI1}, then {@code NAME=VALUE}
 * and a zero byte for each variable, one more zero byte, then stdin to the end.
 */
record Wire(Map<String, String> variables, Stdin stdin) {
    static final int MAX_VARIABLES = 64 << 10; // bytes, with what comes before
    static final int MAX_REQUEST = MAX_VARIABLES + CniDispatcher.MAX_STDIN;
    private static final byte[] MAGIC = "WEFTCNI1".getBytes(StandardCharsets.US_ASCII);

    /** Bytes that nobody changes. */
    static final class Stdin {
        private final byte[] bytes;

        Stdin(byte[] bytes) {
            this.bytes = bytes;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    /** {@return nothing when {@code bytes} are no such request} */
    static Optional<Wire> read(byte[] bytes) {
        if (bytes.length < MAGIC.length
                || bytes.length > MAX_REQUEST
                || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return Optional.empty();
        }
        Map<String, String> variables = new LinkedHashMap<>();
        int from = MAGIC.length;
        for (int at = from; at < Math.min(bytes.length, MAX_VARIABLES); at++) {
            if (bytes[at] != 0) {
                continue;
            }
            if (at == from) {
                return Optional.of(
                        new Wire(
                                variables,
                                new Stdin(Arrays.copyOfRange(bytes, at + 1, bytes.length))));
            }
            String variable = new String(bytes, from, at - from, StandardCharsets.UTF_8);
            int equals = variable.indexOf('=');
            if (equals <= 0) {
                return Optional.empty();
            }
            variables.putIfAbsent(variable.substring(0, equals), variable.substring(equals + 1));
            from = at + 1;
        }
        return Optional.empty();
    }

    static byte[] write(Map<String, String> variables, byte[] stdin) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(MAGIC);
        variables.forEach((name, value) -> {
            out.writeBytes((name + "=" + value).getBytes(StandardCharsets.UTF_8));
            out.write(0);
        });
        out.write(0);
        out.writeBytes(stdin);
        return out.toByteArray();
    }
}
