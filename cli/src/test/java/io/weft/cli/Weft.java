package io.weft.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.weft.kernel.NetNs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs weft: inside this process, or as one of its own. */
final class Weft {
    /** The root of the checkout. */
    static final Path ROOT = Path.of(System.getProperty("weft.root", "..")).toAbsolutePath();

    private Weft() {}

    /** How a command ended. */
    record Result(int code, String out, String err) {
        @SuppressWarnings("unchecked") // JSON objects have string keys
        Map<String, Object> json() {
            try {
                return (Map<String, Object>) (Map<?, ?>) JSON.std.mapFrom(out);
            } catch (IOException e) {
                throw new UncheckedIOException(out, e);
            }
        }

        List<Object> jsonList() {
            try {
                return JSON.std.listFrom(out);
            } catch (IOException e) {
                throw new UncheckedIOException(out, e);
            }
        }
    }

    static Result run(String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        try (PrintStream newOut = new PrintStream(outBytes, true, StandardCharsets.UTF_8);
                PrintStream newErr = new PrintStream(errBytes, true, StandardCharsets.UTF_8)) {
            System.setOut(newOut);
            System.setErr(newErr);
            int code = Main.run(arguments);
            newOut.flush();
            newErr.flush();
            return new Result(
                    code,
                    outBytes.toString(StandardCharsets.UTF_8),
                    errBytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    /** {@return the command line of a weft of its own} */
    static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /**
     * Starts a process whose machine is {@code host}. It takes SIGINT, which a shell has jobs in
     * its background ignore, and all that they start.
     */
    static Process start(NetNs host, List<String> command) {
        List<String> taking = new ArrayList<>(List.of("env", "--default-signal=INT"));
        taking.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(taking).directory(ROOT.toFile());
        return host.call(builder::start);
    }

    /** Runs a process to its end. */
    static Result finish(Process process) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Thread reader =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                process.getErrorStream().transferTo(err);
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
        try {
            String out =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            reader.join();
            return new Result(process.waitFor(), out, err.toString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw new IllegalStateException(e);
        }
    }
}
