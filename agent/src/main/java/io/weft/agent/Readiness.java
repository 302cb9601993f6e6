package io.weft.agent;

import io.weft.model.Ip;
import io.weft.model.Pod;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * When a pod is ready: each container with a readiness probe accepts a TCP connection from the
 * node; without one, every port that the pod declares is open in its namespace.
 */
final class Readiness {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(100);

    private Readiness() {}

    /**
     * Waits until it is ready.
     *
     * @return why it is not, after {@code timeout} or as soon as a process has ended
     */
    static Optional<String> await(Sandbox sandbox, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        Duration pause = FIRST_PAUSE;
        while (true) {
            Optional<String> reason = notReady(sandbox);
            boolean over = System.nanoTime() - deadline > 0 || ended(sandbox).isPresent();
            if (reason.isEmpty() || over) {
                return reason;
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Optional.of("interrupted");
            }
            pause =
                    pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
                            ? pause.multipliedBy(2)
                            : LONGEST_PAUSE;
        }
    }

    /** {@return why the pod is not ready now} */
    static Optional<String> notReady(Sandbox sandbox) {
        Optional<String> ended = ended(sandbox);
        if (ended.isPresent()) {
            return ended;
        }
        boolean probed = false;
        for (Pod.Container container : sandbox.pod().containers()) {
            if (container.readiness().isPresent()) {
                probed = true;
                Pod.Probe probe = container.readiness().get();
                Ip ip = sandbox.endpoint().ips().getFirst();
                if (!connects(ip, probe)) {
                    return Optional.of("port " + probe.port() + " does not accept connections yet");
                }
            }
        }
        if (probed || sandbox.processes().isEmpty()) {
            return Optional.empty();
        }
        Set<ListeningPorts.Port> open = ListeningPorts.of(sandbox.processes().getFirst().pid());
        for (Pod.ContainerPort port : sandbox.pod().ports()) {
            if (port.protocol() != io.weft.model.Protocol.SCTP
                    && !open.contains(new ListeningPorts.Port(port.protocol(), port.number()))) {
                return Optional.of(
                        "nothing listens on " + port.number() + "/" + port.protocol() + " yet");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> ended(Sandbox sandbox) {
        for (PodProcess process : sandbox.processes()) {
            if (!process.isAlive()) {
                String output = process.output().strip();
                return Optional.of(
                        "container "
                                + process.container().name()
                                + " ended with code "
                                + process.exitCode()
                                + (output.isEmpty() ? "" : ": " + output));
            }
        }
        return Optional.empty();
    }

    private static boolean connects(Ip ip, Pod.Probe probe) {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(ip.toString(), probe.port()),
                    (int) probe.timeout().toMillis());
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
