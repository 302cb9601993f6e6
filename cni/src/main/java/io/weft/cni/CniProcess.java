package io.weft.cni;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs a program to its end, with bounds on its time and on what it prints. */
final class CniProcess {
    private static final int MAX_OUTPUT = 4 << 20; // bytes

    private CniProcess() {}

    /**
     * @param exitCode 128 and more: ended by a signal
     */
    record Output(int exitCode, String stdout, String stderr) {}

    /**
     * @param environment all of it
     * @throws IOException when it cannot be started, or prints too much
     * @throws LateException when it takes longer than {@code limit}; it is killed
     */
    static Output run(
            List<String> command, Map<String, String> environment, byte[] stdin, Duration limit)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            CompletableFuture<String> out = reader(process.getInputStream());
            CompletableFuture<String> err = reader(process.getErrorStream());
            Thread.ofVirtual()
                    .start(() -> {
                        try (var pipe = process.getOutputStream()) {
                            pipe.write(stdin);
                        } catch (IOException _) {
                            // it does not read all of its input, which is its own affair
                        }
                    });
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new LateException(command.getFirst() + " did not end within " + limit);
            }
            // a child that it left behind may hold the pipes open
            return new Output(
                    process.exitValue(),
                    out.get(limit.toMillis(), TimeUnit.MILLISECONDS),
                    err.get(limit.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LateException(command.getFirst() + ": interrupted");
        } catch (TimeoutException e) {
            throw new LateException(command.getFirst() + " left its output open");
        } catch (ExecutionException e) {
            throw new IOException(command.getFirst() + ": " + e.getCause(), e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** It took too long. */
    static final class LateException extends IOException {
        LateException(String message) {
            super(message);
        }
    }

    /** Starts a plugin that the caller ends. */
    static Process start(Path program, Map<String, String> more, Map<String, String> environment)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(program.toAbsolutePath().toString());
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        builder.environment().putAll(more);
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static CompletableFuture<String> reader(InputStream stream) {
        CompletableFuture<String> text = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(() -> {
                    try (stream) {
                        byte[] bytes = stream.readNBytes(MAX_OUTPUT + 1);
                        if (bytes.length > MAX_OUTPUT) {
                            throw new IOException("prints more than " + MAX_OUTPUT + " bytes");
                        }
                        text.complete(new String(bytes, StandardCharsets.UTF_8));
                    } catch (IOException e) {
                        text.completeExceptionally(e);
                    }
                });
        return text;
    }
}
