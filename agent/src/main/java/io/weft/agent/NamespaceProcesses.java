package io.weft.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The processes that live in one network namespace, found in /proc: a pod's own, their children,
 * and whatever a crashed node left there. No process id is remembered, so none can be mistaken.
 */
final class NamespaceProcesses {
    private static final Path PROC = Path.of("/proc");
    private static final Duration FIRST_PAUSE = Duration.ofMillis(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(50);
    private static final Duration KILL_TIMEOUT = Duration.ofSeconds(5);

    private NamespaceProcesses() {}

    /** {@return processes whose main thread is in the namespace bound at {@code name}} */
    static List<ProcessHandle> in(Path name) {
        return in(List.of(name));
    }

    private static List<ProcessHandle> in(List<Path> names) {
        Set<String> identities = new HashSet<>();
        for (Path name : names) {
            try {
                identities.add("net:[" + Files.getAttribute(name, "unix:ino") + "]");
            } catch (IOException e) {
                // no such name, no such processes
            }
        }
        List<ProcessHandle> found = new ArrayList<>();
        if (identities.isEmpty()) {
            return found;
        }
        try (Stream<Path> entries = Files.list(PROC)) {
            entries.filter(e -> Character.isDigit(e.getFileName().toString().charAt(0)))
                    .filter(e -> identities.contains(namespaceOf(e)))
                    .map(e -> Long.parseLong(e.getFileName().toString()))
                    .forEach(pid -> ProcessHandle.of(pid).ifPresent(found::add));
        } catch (IOException e) {
            throw new UncheckedIOException("list /proc", e);
        }
        return found;
    }

    private static String namespaceOf(Path process) {
        try {
            return Files.readSymbolicLink(process.resolve("ns/net")).toString();
        } catch (IOException ended) {
            return "";
        }
    }

    /**
     * Asks all in these namespaces to end (SIGTERM) and, after {@code grace}, makes them (SIGKILL):
     * again and again, as one may start another while they are listed.
     *
     * @throws NodeException when some do not end
     */
    static void end(List<Path> names, Duration grace) {
        List<ProcessHandle> left = in(names);
        left.forEach(ProcessHandle::destroy);
        long start = System.nanoTime();
        Duration pause = FIRST_PAUSE;
        while (!left.isEmpty()) {
            Duration waited = Duration.ofNanos(System.nanoTime() - start);
            if (waited.compareTo(grace.plus(KILL_TIMEOUT)) > 0) {
                throw new NodeException(
                        NodeException.Cause.MACHINE,
                        "processes "
                                + left.stream().map(ProcessHandle::pid).toList()
                                + " do not end, not even by SIGKILL");
            }
            if (waited.compareTo(grace) > 0) {
                left.forEach(ProcessHandle::destroyForcibly);
            }
            LockSupport.parkNanos(pause.toNanos());
            pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            left = in(names);
        }
    }
}
