package io.weft.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A process of its own that does one {@link ServiceLoad} and prints its processor time. */
public final class FirstLoad {
    private FirstLoad() {}

    public static void main(String[] arguments) {
        System.out.println(ServiceLoad.once(Integer.parseInt(arguments[0])));
    }

    /** {@return what it prints: seconds} */
    static String run(int services) {
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FirstLoad.class.getName(),
                        Integer.toString(services));
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.onExit().join();
            return output.strip();
        } catch (IOException e) {
            throw new UncheckedIOException("start a process that loads services", e);
        }
    }
}
