package io.weft.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.testing.KernelTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@KernelTest
class PrivateMountsTest {
    @TempDir private Path directory;

    /**
     * {@return what a process reads that is started where {@code own} is shown for {@code common}}
     */
    private static String readInside(Path own, Path common) {
        try (NetNs namespace = NetNs.createAnonymous()) {
            return namespace.call(() -> {
                PrivateMounts.enter();
                PrivateMounts.show(own, common);
                Process cat = new ProcessBuilder("cat", common.toString()).start();
                String text =
                        new String(cat.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(cat.waitFor()).isZero();
                return text;
            });
        }
    }

    @Test
    void aProcessSeesItsOwnFileAndTheMachineKeepsIts() throws IOException {
        Path common = Files.writeString(directory.resolve("common"), "the machine's");
        Path own = Files.writeString(directory.resolve("own"), "its own");

        assertThat(readInside(own, common)).isEqualTo("its own");
        assertThat(Files.readString(common)).isEqualTo("the machine's");
        Files.delete(common); // EBUSY if it were mounted on
    }

    @Test
    void namesAFileThatIsNotThere() throws IOException {
        Path own = Files.writeString(directory.resolve("own"), "its own");
        Path absent = directory.resolve("absent");
        assertThatThrownBy(() -> readInside(own, absent))
                .hasMessageContaining("mount none on " + absent)
                .hasMessageContaining("ENOENT");
    }
}
