package io.weft.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CniInstallerTest {
    @TempDir Path root;

    @BeforeAll
    static void compiler() {
        Compiler.require();
    }

    private CniInstaller installer(String instance) {
        return new CniInstaller(root.resolve("bin"), root.resolve("net.d"), "weft", instance);
    }

    private static List<String> launcher() {
        return List.of("/bin/echo", "it's", "java");
    }

    @Test
    void installsAClientThatAnswersAndAConfigThatRuntimesRead() throws Exception {
        CniInstaller.Report report = installer("default").install(launcher());
        assertThat(report.files())
                .containsExactly(root.resolve("bin/weft"), root.resolve("net.d/10-weft.conflist"));
        assertThat(report.notes()).isEmpty();
        assertThat(root.resolve("net.d/10-weft.conflist"))
                .content()
                .startsWith(
                        "{\"cniVersion\":\"1.0.0\",\"cniVersions\":[\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"],"
                                + "\"name\":\"weft\",\"plugins\":[{\"type\":\"weft\"");
        CniProcess.Output answer =
                CniProcess.run(
                        List.of(root.resolve("bin/weft").toString()),
                        Map.of("CNI_COMMAND", "VERSION"),
                        new byte[0],
                        Duration.ofSeconds(20));
        assertThat(answer.stdout()).contains("supportedVersions");

        installer("default").install(launcher()); // over itself
        installer("default").uninstall();
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void aBinaryThatRunsIsReplaced() throws Exception {
        installer("default").install(launcher());
        Process running =
                CniProcess.start(root.resolve("bin/weft"), Map.of(), Map.of("CNI_COMMAND", "ADD"));
        try {
            installer("default").install(launcher()); // it waits for stdin: no "text file busy"
            assertThat(running.isAlive()).isTrue();
        } finally {
            running.destroyForcibly().waitFor();
        }
    }

    @Test
    void instancesLiveBesideEachOther() throws Exception {
        installer("default").install(launcher());
        CniInstaller blue =
                new CniInstaller(root.resolve("bin"), root.resolve("net.d"), "blue", "blue");
        blue.install(launcher());
        assertThat(blue.program()).isEqualTo(root.resolve("bin/weft-blue"));
        installer("default").uninstall();
        assertThat(names(root.resolve("bin")))
                .containsExactly(".weft-blue.blue.installed", "weft-blue");
        assertThat(names(root.resolve("net.d"))).containsExactly("10-blue.conflist");
        blue.uninstall();
        assertThat(names(root.resolve("bin"))).isEmpty();
    }

    private static List<String> names(Path directory) throws Exception {
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(f -> f.getFileName() + "").sorted().toList();
        }
    }

    @Test
    void foreignFilesAreNeitherOverwrittenNorRemoved() throws Exception {
        Files.createDirectories(root.resolve("net.d"));
        Path config = root.resolve("net.d/10-weft.conflist");
        Files.writeString(config, "{}");
        assertThatThrownBy(() -> installer("default").install(launcher()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith(
                        config + " is there, and is not as an install of weft left it");
        assertThat(root.resolve("bin/weft")).doesNotExist();
        assertThat(config).hasContent("{}");
        Files.delete(config);

        installer("default").install(launcher());
        Files.writeString(config, "{\"changed\":\"by its owner\"}");
        assertThatThrownBy(() -> installer("default").install(launcher()))
                .hasMessageContaining("10-weft.conflist");
        CniInstaller.Report removed = installer("default").uninstall();
        assertThat(removed.notes())
                .containsExactly(config + " is not as an install of weft left it: kept");
        assertThat(config).exists();
        assertThat(root.resolve("bin/weft")).doesNotExist();
    }

    @Test
    void saysWhichConfigComesFirstAndWhatANameIs() throws Exception {
        Files.createDirectories(root.resolve("net.d"));
        Files.writeString(root.resolve("net.d/05-other.conf"), "{}");
        assertThat(installer("default").install(launcher()).notes())
                .containsExactly(
                        "05-other.conf comes before 10-weft.conflist: runtimes that take the first config take that one");
        assertThatThrownBy(() -> installer("a/b"))
                .hasMessage(
                        "--instance: 'a/b': must be a letter or digit, then letters, digits, '_', '.' and '-', at most 64");
    }

    @Test
    void withoutACompilerAScriptStartsJava() throws Exception {
        List<String> java =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"));
        CniInstaller.Report report = installer("blue").install(java, false);
        assertThat(report.notes().getFirst()).startsWith("no C client, so each call starts a JVM");
        assertThat(report.files())
                .contains(root.resolve("bin/weft-blue"))
                .last()
                .isEqualTo(root.resolve("net.d/10-weft.conflist"));
        CniProcess.Output output =
                CniProcess.run(
                        List.of(root.resolve("bin/weft-blue").toString()),
                        Map.of("CNI_COMMAND", "ADD"),
                        new byte[0],
                        Duration.ofSeconds(20));
        assertThat(output.exitCode()).isEqualTo(1);
        assertThat(output.stdout()).contains("\"code\":11", "/run/weft/blue/cni.sock");
        assertThat(output.stderr()).isEmpty();

        installer("blue").install(java); // now with a compiler: the cache is of no use any more
        assertThat(names(root.resolve("bin")))
                .containsExactly(".weft-blue.weft.installed", "weft-blue");
        installer("blue").uninstall();
        assertThat(root).isEmptyDirectory();
    }
}
