package io.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.testing.KernelTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@KernelTest
class CniCommandTest {
    @TempDir Path root;

    private String[] place(String command) {
        return new String[] {
            "cni", command, "--bin-dir", root + "/bin", "--conf-dir", root + "/net.d"
        };
    }

    @Test
    void installsSaysWhatAndUndoesIt() throws Exception {
        Weft.Result installed = Weft.run(place("install"));
        assertThat(installed.code()).as(installed.err()).isZero();
        assertThat(installed.out())
                .isEqualTo(
                        "installed %s/bin/weft\ninstalled %s/net.d/10-weft.conflist\n"
                                .formatted(root, root));
        Files.writeString(root.resolve("net.d/10-weft.conflist"), "{}");
        Weft.Result again = Weft.run(place("install"));
        assertThat(again.code()).isEqualTo(Exit.NO);
        assertThat(again.err()).contains("10-weft.conflist is there, and is not as");
        Weft.Result removed = Weft.run(place("uninstall"));
        assertThat(removed.out())
                .isEqualTo(
                        "removed %s/bin/weft\n".formatted(root)
                                + "removed %s/bin\n".formatted(root));
        assertThat(removed.err())
                .contains("10-weft.conflist is not as an install of weft left it: kept");
    }

    /** What the script of a machine without a C compiler starts. */
    @Test
    void execIsThePlugin() throws Exception {
        Weft.Result version = exec(Map.of("CNI_COMMAND", "VERSION"));
        assertThat(version.code()).isZero();
        assertThat(version.out())
                .startsWith("{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[\"0.3.0\"");
        Weft.Result add = exec(Map.of("CNI_COMMAND", "ADD", "WEFT_CNI_SOCKET", root + "/nobody"));
        assertThat(add.code()).isEqualTo(1);
        assertThat(add.out()).contains("\"code\":11", root + "/nobody");
        assertThat(add.err()).isEmpty();
    }

    private static Weft.Result exec(Map<String, String> environment) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(Weft.command("cni", "exec", "--as", "weft-blue"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        return Weft.finish(process);
    }

    @Test
    void conformancePrintsAColumnForEachPlugin() throws Exception {
        Path broken = root.resolve("broken");
        Files.writeString(
                broken,
                "#!/bin/sh\ncat >/dev/null\necho '{\"code\":100,\"msg\":\"no\"}'; exit 1\n");
        assertThat(broken.toFile().setExecutable(true)).isTrue();
        Path ptp = Path.of("/usr/lib/cni/loopback");
        Assumptions.assumeTrue(
                Files.isExecutable(ptp),
                "no reference plugins (Debian: apt-get install containernetworking-plugins)");
        Weft.Result result =
                Weft.run(
                        "cni",
                        "conformance",
                        "--plugin",
                        broken.toString(),
                        "--plugin",
                        ptp.toString());
        assertThat(result.code()).isEqualTo(Exit.NO);
        assertThat(result.out()).containsPattern("CASE +SPEC +broken +loopback\n");
        assertThat(result.out()).contains("1 FAIL: VERSION lists versions: VERSION: code 100 (no)");
        Weft.Result json =
                Weft.run("cni", "conformance", "-o", "json", "--plugin", broken.toString());
        assertThat(json.jsonList()).hasSize(1);
        assertThat(json.out().getBytes(StandardCharsets.UTF_8)).isNotEmpty();
    }

    @Test
    void whatIsNoPluginIsRefused() {
        Weft.Result result = Weft.run("cni", "conformance", "--plugin", root.toString());
        assertThat(result.code()).isEqualTo(Exit.BAD_INPUT);
        assertThat(result.err()).contains("--plugin: " + root + ": must be an executable file");
        assertThat(List.of(Weft.run("cni", "install", "--name", "a/b").code()))
                .containsExactly(Exit.BAD_INPUT);
    }
}
