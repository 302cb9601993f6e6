package io.weft.cni;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The C compiler that the client needs. */
final class Compiler {
    private Compiler() {}

    static void require() {
        Assumptions.assumeTrue(
                Stream.of(String.valueOf(System.getenv("PATH")).split(":", -1))
                        .anyMatch(d -> Files.isExecutable(Path.of(d, "cc"))),
                "no C compiler (Debian: apt-get install gcc libc6-dev)");
    }
}
