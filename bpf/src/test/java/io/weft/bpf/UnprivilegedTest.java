package io.weft.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.testing.KernelTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What someone without capabilities is told: a process of its own gives them up. */
@KernelTest
class UnprivilegedTest {
    /** Runs in that process: reading works, loading says what is missing. */
    static final class Main {
        private Main() {}

        public static void main(String[] objects) {
            ObjectSpec spec = ObjectSpec.read(Path.of(objects[0]));
            System.out.println("read " + spec.programs().keySet());
            try (LoadedObject object = spec.load()) {
                System.out.println("loaded " + object.programs().keySet());
            } catch (BpfException e) {
                System.out.println(e.getMessage());
            }
            try {
                BpfFs.mount(Path.of("/tmp"));
            } catch (BpfException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void theMissingCapabilityIsNamed() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String object = Path.of("src/test/resources/globals.o").toAbsolutePath().toString();
        Process process =
                new ProcessBuilder(
                                "setpriv",
                                "--bounding-set=-all",
                                "--inh-caps=-all",
                                java,
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName(),
                                object)
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said)
                .contains("read [count, length, pass]")
                .contains("load BTF: EPERM (Operation not permitted)")
                .contains("this process lacks CAP_BPF (and CAP_SYS_ADMIN): run as root")
                .contains("mount bpffs on /tmp: EPERM")
                .doesNotContain("loaded");
    }
}
