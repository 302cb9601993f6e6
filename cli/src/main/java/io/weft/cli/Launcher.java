package io.weft.cli;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How to start this very program again, small and quick: pods run it in their namespaces. */
final class Launcher {
    private Launcher() {}

    static List<String> command() {
        List<String> command = new ArrayList<>(java());
        command.add(Main.class.getName());
        return command;
    }

    /** {@return how to start any class of this program} */
    static List<String> java() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-Xmx64m",
                        "-Xss256k",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp"));
        command.add(classPath());
        return command;
    }

    /** The jar that this class is in when packaged, else the whole class path. */
    private static String classPath() {
        try {
            Path own =
                    Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            return own.toString().endsWith(".jar")
                    ? own.toString()
                    : System.getProperty("java.class.path");
        } catch (URISyntaxException e) {
            return System.getProperty("java.class.path").replace(File.pathSeparator, ":");
        }
    }
}
