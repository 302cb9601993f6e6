package io.weft.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.testing.KernelTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever the C client is given, it ends by itself and says nothing or one JSON object. */
@KernelTest
class ClientHammerTest {
    private static final int RUNS = Boolean.getBoolean("weft.full") ? 5000 : 300;
    private static final List<String> NAMES =
            List.of(
                    "CNI_COMMAND",
                    "CNI_CONTAINERID",
                    "CNI_NETNS",
                    "CNI_IFNAME",
                    "CNI_PATH",
                    "CNI_ARGS",
                    "CNI_",
                    "TRACEPARENT",
                    "BAGGAGE",
                    "WEFT_CNI_SOCKET",
                    "WEFT_CNI_TOMBSTONES",
                    "WEFT_CNI_TIMEOUT");

    @TempDir Path directory;

    private Random random = new Random(0);

    private Path program(String name, byte[] content) throws IOException {
        Path program = Files.write(directory.resolve(name), content);
        return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void neverCrashesAndAlwaysAnswersJson() throws Exception {
        Compiler.require();
        long seed = System.nanoTime();
        random = new Random(seed);
        System.out.println("seed " + seed);
        Path checked =
                program(
                        "checked",
                        CniInstaller.compile(
                                List.of(
                                        "-g",
                                        "-O1",
                                        "-fsanitize=address,undefined",
                                        "-fno-sanitize-recover=all")));
        Path installed = program("installed", CniInstaller.compile());
        FakePlugin plugin = new FakePlugin();
        CniDispatcher weft =
                new CniDispatcher(Set.of("weft"), plugin, plugin, Throwable::printStackTrace);
        Path socket = directory.resolve("cni.sock");
        try (CniServer _ = CniServer.listen(socket, weft, CniServer.Limits.DEFAULT)) {
            for (int run = 0; run < RUNS; run++) {
                Map<String, String> environment = environment(socket);
                byte[] stdin = stdin();
                Path program = run % 2 == 0 ? checked : installed;
                CniProcess.Output output =
                        CniProcess.run(
                                command(program), environment, stdin, Duration.ofSeconds(100));
                String what = "seed " + seed + ", run " + run + ": " + environment + output;
                assertThat(output.exitCode()).as(what).isBetween(0, 1);
                assertThat(output.stderr()).as(what).doesNotContain("Sanitizer", "runtime error");
                if (!output.stdout().isEmpty()) {
                    Map<String, Object> json =
                            Json.object(output.stdout().getBytes(StandardCharsets.UTF_8));
                    assertThat(json).as(what).containsKey("cniVersion");
                    assertThat(json.containsKey("code")).as(what).isEqualTo(output.exitCode() == 1);
                } else if (output.exitCode() == 1) {
                    assertThat(environment).as(what).containsEntry("closed", "stdout");
                }
            }
        }
        assertThat(plugin.asked).isNotEmpty();
    }

    private Map<String, String> environment(Path socket) {
        Map<String, String> environment = new TreeMap<>();
        environment.put("CNI_COMMAND", pick("ADD", "DEL", "CHECK", "GC", "STATUS", "VERSION", "x"));
        environment.put("CNI_CONTAINERID", "c" + random.nextInt(5));
        environment.put("CNI_IFNAME", "eth0");
        environment.put("CNI_PATH", "/opt/cni/bin");
        environment.put("WEFT_CNI_SOCKET", socket.toString());
        environment.put("WEFT_CNI_TOMBSTONES", directory.resolve("tombstones").toString());
        environment.put("WEFT_CNI_TIMEOUT", "20");
        for (int i = random.nextInt(4); i > 0; i--) {
            String name = NAMES.get(random.nextInt(NAMES.size()));
            switch (random.nextInt(3)) {
                case 0 -> environment.remove(name);
                case 1 -> environment.put(name, text(random.nextInt(8)));
                default -> environment.put(name, text(random.nextInt(70_000)));
            }
        }
        // what is wrong with it is said; where it leads to stays in this directory
        environment.computeIfPresent(
                "WEFT_CNI_TOMBSTONES",
                (_, v) ->
                        v.startsWith("/") && !v.startsWith(directory.toString())
                                ? directory + v.replace('.', '_')
                                : v);
        environment.putIfAbsent("WEFT_CNI_TOMBSTONES", directory.resolve("tombstones").toString());
        environment.putIfAbsent("WEFT_CNI_SOCKET", directory.resolve("nobody").toString());
        environment.put("closed", pick("", "", "", "", "stdin", "stdout", "stderr"));
        return environment;
    }

    private byte[] stdin() {
        byte[] bytes = new byte[0];
        switch (random.nextInt(6)) {
            case 0 -> {}
            case 1 -> {
                bytes = new byte[random.nextInt(3_000_000)];
                random.nextBytes(bytes);
            }
            case 2 ->
                    bytes =
                            ("{\"cniVersion\"" + text(3) + ":\"" + text(random.nextInt(40)) + "\"}")
                                    .getBytes(StandardCharsets.UTF_8);
            case 3 ->
                    bytes =
                            ("{\"cniVersion\":\"1.1." + "0".repeat(random.nextInt(30)))
                                    .getBytes(StandardCharsets.UTF_8);
            default ->
                    bytes =
                            "{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"type\":\"weft\"}"
                                    .getBytes(StandardCharsets.UTF_8);
        }
        return bytes;
    }

    private String text(int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(
                    (char)
                            (random.nextInt(4) == 0
                                    ? 1 + random.nextInt(126)
                                    : 'a' + random.nextInt(26)));
        }
        return text.toString();
    }

    private String pick(String... texts) {
        return texts[random.nextInt(texts.length)];
    }

    /** Through a shell that may close one of the three streams first. */
    private static List<String> command(Path program) {
        return new ArrayList<>(
                List.of(
                        "/bin/sh",
                        "-c",
                        "case $closed in stdin) exec \"$0\" <&-;; stdout) exec \"$0\" >&-;;"
                                + " stderr) exec \"$0\" 2>&-;; *) exec \"$0\";; esac",
                        program.toString()));
    }
}
