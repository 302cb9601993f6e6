package io.weft.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.jr.ob.JSON;
import io.weft.kernel.NetNs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A plugin of Debian's containernetworking-plugins, called as a runtime does.
 *
 * @param node the namespace that it runs in
 * @param config with everything but name and version
 */
record ReferencePlugin(NetNs node, Map<String, Object> config) {
    static final Path DIRECTORY = Path.of("/usr/lib/cni");

    /**
     * @param data where host-local keeps its leases
     */
    static ReferencePlugin of(NetNs node, String type, String more, Path data) {
        String config =
                """
                {"type": "%s", %s "ipam": {"type": "host-local", "dataDir": "%s",
                 "ranges": [[{"subnet": "10.88.1.0/24"}], [{"subnet": "fd88:1::/64"}]],
                 "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}}
                """
                        .formatted(type, more, data);
        return new ReferencePlugin(node, json(config));
    }

    static boolean isInstalled(String type) {
        return Files.isExecutable(DIRECTORY.resolve(type));
    }

    static Map<String, Object> json(String text) {
        try {
            return text.isBlank() ? Map.of() : JSON.std.mapFrom(text);
        } catch (IOException e) {
            throw new UncheckedIOException(text, e);
        }
    }

    static String text(Object json) {
        try {
            return JSON.std.asString(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return the result} */
    Map<String, Object> call(String verb, String container, Path namespace) {
        Map<String, Object> stdin = new LinkedHashMap<>(config);
        stdin.put("cniVersion", "1.0.0");
        stdin.put("name", "net");
        Path program = DIRECTORY.resolve(String.valueOf(config.get("type")));
        Process process =
                node.call(() -> {
                    ProcessBuilder builder = new ProcessBuilder(program.toString());
                    builder.environment()
                            .putAll(
                                    Map.of(
                                            "CNI_COMMAND",
                                            verb,
                                            "CNI_CONTAINERID",
                                            container,
                                            "CNI_NETNS",
                                            namespace.toString(),
                                            "CNI_IFNAME",
                                            "eth0",
                                            "CNI_PATH",
                                            DIRECTORY.toString()));
                    return builder.redirectErrorStream(true).start();
                });
        try {
            process.getOutputStream().write(text(stdin).getBytes(UTF_8));
            process.getOutputStream().close();
            String out = new String(process.getInputStream().readAllBytes(), UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(program + " " + verb + ": " + out);
            }
            return json(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
