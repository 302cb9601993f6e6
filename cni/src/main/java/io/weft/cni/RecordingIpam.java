package io.weft.cni;

import io.weft.cni.ConformanceCase.Failed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * An IPAM plugin, a shell script, that gives one address and writes down what it was called with.
 */
final class RecordingIpam {
    static final String ADDRESS = "10.88.0.5";
    static final String REFUSAL = "no address today";
    private static final String NAME = "weft-conformance-ipam";

    private final Path directory;

    private RecordingIpam(Path directory) {
        this.directory = directory;
    }

    static RecordingIpam in(Path directory) throws IOException {
        String script =
                """
                #!/bin/sh
                dir='%s'
                env > "$dir/$CNI_COMMAND.env"
                cat > "$dir/$CNI_COMMAND.json"
                version=$(sed 's/.*"cniVersion" *: *"\\([0-9.]*\\)".*/\\1/' "$dir/$CNI_COMMAND.json")
                if [ -e "$dir/refuse" ]; then
                  echo '{"cniVersion":"1.0.0","code":150,"msg":"%s"}'
                  exit 1
                fi
                [ "$CNI_COMMAND" = ADD ] || exit 0
                printf '{"cniVersion":"%%s","ips":[{"version":"4","address":"%s/24","gateway":"10.88.0.1"}],' "$version"
                printf '"routes":[{"dst":"0.0.0.0/0","gw":"10.88.0.1"}],"dns":{}}'
                """
                        .formatted(directory, REFUSAL, ADDRESS);
        AtomicFile.write(
                directory.resolve(NAME), script.getBytes(StandardCharsets.UTF_8), "rwxr-xr-x");
        return new RecordingIpam(directory);
    }

    /** From now on every call fails. */
    void refuse() throws IOException {
        Files.writeString(directory.resolve("refuse"), "");
    }

    /** {@return the config with this as its IPAM plugin} */
    Map<String, Object> used(Map<String, Object> config) {
        return ConformanceBench.with(config, "ipam", Map.of("type", NAME));
    }

    Map<String, String> environment(String verb) throws IOException, Failed {
        Path file = directory.resolve(verb + ".env");
        if (!Files.exists(file)) {
            throw new Failed("the IPAM plugin was not called with " + verb);
        }
        Map<String, String> environment = new TreeMap<>();
        for (String line : Files.readAllLines(file)) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                environment.put(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        return environment;
    }

    Map<String, Object> stdin(String verb) throws IOException {
        return Json.object(Files.readAllBytes(directory.resolve(verb + ".json")));
    }
}
