package io.weft.agent;

import io.weft.kernel.NetNs;
import io.weft.kernel.PrivateMounts;
import io.weft.model.Pod;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * One container's command as a process in the pod's network namespace, with the host's programs and
 * files: a try-out runtime. Its last output is kept for the day that it fails.
 */
final class PodProcess {
    private static final int KEPT_OUTPUT_BYTES = 16 << 10;

    private final Pod.Container container;
    private final Process process;
    private final byte[] output = new byte[KEPT_OUTPUT_BYTES];
    private long written;

    private PodProcess(Pod.Container container, Process process) {
        this.container = container;
        this.process = process;
    }

    /**
     * Starts it inside {@code namespace}. A command {@code weft …} runs this very program.
     *
     * @throws NodeException when the kernel does not run the command
     */
    static PodProcess start(
            NetNs namespace, Pod pod, Pod.Container container, ProcessContext context) {
        List<String> command = new ArrayList<>(container.command());
        if (command.getFirst().equals("weft")) {
            command.removeFirst();
            command.addAll(0, context.launcher());
        }
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.put("POD_NAME", pod.name());
        environment.put("POD_NAMESPACE", pod.namespace());
        if (!pod.ips().isEmpty()) {
            environment.put("POD_IP", pod.ips().getFirst().toString());
        }
        environment.putAll(context.environment());
        environment.putAll(container.environment());
        // a child inherits the namespaces of the thread that starts it
        Process process =
                namespace.call(() -> {
                    try {
                        if (context.resolvConf().isPresent()) {
                            PrivateMounts.enter();
                            PrivateMounts.show(context.resolvConf().get(), NodeNames.RESOLV_CONF);
                        }
                        return builder.start();
                    } catch (IOException e) {
                        throw cannotStart(pod, container, e);
                    }
                });
        PodProcess started = new PodProcess(container, process);
        Thread.ofVirtual().name("output " + pod.ref().path()).start(started::keepOutput);
        return started;
    }

    private static NodeException cannotStart(Pod pod, Pod.Container container, IOException cause) {
        return new NodeException(
                NodeException.Cause.INPUT,
                pod.source()
                        + ": "
                        + pod.ref()
                        + ": container "
                        + container.name()
                        + ": cannot start "
                        + container.command()
                        + ": "
                        + cause.getMessage());
    }

    private void keepOutput() {
        byte[] chunk = new byte[4096];
        try (InputStream in = process.getInputStream()) {
            int n;
            while ((n = in.read(chunk)) >= 0) {
                synchronized (output) {
                    for (int i = 0; i < n; i++) {
                        output[(int) (written++ % KEPT_OUTPUT_BYTES)] = chunk[i];
                    }
                }
            }
        } catch (IOException ended) {
            // the process was killed while we read
        }
    }

    Pod.Container container() {
        return container;
    }

    long pid() {
        return process.pid();
    }

    /** {@return is done when it has ended} */
    CompletableFuture<Process> end() {
        return process.onExit();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** {@return how it ended}, for a process that is not alive. */
    int exitCode() {
        return process.exitValue();
    }

    /** {@return the last output, at most 16 KiB} */
    String output() {
        synchronized (output) {
            int kept = (int) Math.min(written, KEPT_OUTPUT_BYTES);
            byte[] last = new byte[kept];
            for (int i = 0; i < kept; i++) {
                last[i] = output[(int) ((written - kept + i) % KEPT_OUTPUT_BYTES)];
            }
            return new String(last, StandardCharsets.UTF_8);
        }
    }
}
