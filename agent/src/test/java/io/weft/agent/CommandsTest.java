package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.model.ManifestReader;
import io.weft.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest {
    @TempDir private Path directory;
    private Path program;

    @BeforeEach
    void makeAProgram() throws IOException {
        program = Files.createFile(directory.resolve("here"));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createFile(directory.resolve("no-program"));
        Files.createDirectory(directory.resolve("directory"));
    }

    private static Pod running(String command) {
        return (Pod)
                new ManifestReader()
                        .readTexts(
                                Map.of(
                                        "web.yaml",
                                        """
                                        apiVersion: v1
                                        kind: Pod
                                        metadata: {name: web, namespace: shop}
                                        spec: {containers: [{name: main, command: ["%s", "1"]}]}
                                        """
                                                .formatted(command)))
                        .getFirst();
    }

    private void require(String command) {
        Commands.require(running(command), "/nowhere:" + directory);
    }

    @Test
    void findsAProgramByNameOrPathAndItself() {
        assertThatCode(() -> require("here")).doesNotThrowAnyException();
        assertThatCode(() -> require(program.toString())).doesNotThrowAnyException();
        assertThatCode(() -> require("weft")).doesNotThrowAnyException();
    }

    @Test
    void namesTheContainerWhoseProgramIsMissing() {
        assertThatThrownBy(() -> require("nginx"))
                .isInstanceOfSatisfying(
                        NodeException.class,
                        e ->
                                org.assertj.core.api.Assertions.assertThat(e.cause())
                                        .isEqualTo(NodeException.Cause.INPUT))
                .hasMessage(
                        "web.yaml:1: Pod shop/web: container main: program 'nginx' is not on this"
                                + " machine; pods run the host's own programs");
    }

    @Test
    void takesNeitherDirectoriesNorFilesThatCannotRun() {
        for (String wrong : new String[] {"no-program", "directory", directory + "/directory"}) {
            assertThatThrownBy(() -> require(wrong))
                    .as(wrong)
                    .isInstanceOf(NodeException.class)
                    .hasMessageContaining("'" + wrong + "' is not on this machine");
        }
    }
}
