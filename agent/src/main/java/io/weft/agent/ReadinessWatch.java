package io.weft.agent;

import io.weft.model.Pod;
import io.weft.model.Ref;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Tells when pods become ready, and when they are so no more: a container has ended, or its probe
 * fails. One virtual thread for each pod, which mostly waits.
 */
final class ReadinessWatch implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(100);
    private static final Duration USUAL_PERIOD = Duration.ofSeconds(10); // as Kubernetes' probes

    /** Is told of a change. */
    interface Listener {
        void ready(Sandbox sandbox, boolean ready);
    }

    private final Listener listener;
    private final Map<Ref, Thread> threads = new ConcurrentHashMap<>();

    ReadinessWatch(Listener listener) {
        this.listener = listener;
    }

    /** Watches a pod whose processes run. */
    void watch(Sandbox sandbox) {
        if (!sandbox.processes().isEmpty()) {
            Ref pod = sandbox.pod().ref();
            threads.put(
                    pod,
                    Thread.ofVirtual()
                            .name("readiness " + pod.path())
                            .start(() -> follow(sandbox)));
        }
    }

    /** Lets a pod be. */
    void forget(Sandbox sandbox) {
        Thread thread = threads.remove(sandbox.pod().ref());
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void follow(Sandbox sandbox) {
        boolean ready = false;
        Duration pause = FIRST_PAUSE;
        CompletableFuture<Object> end =
                CompletableFuture.anyOf(
                        sandbox.processes().stream()
                                .map(PodProcess::end)
                                .toArray(CompletableFuture[]::new));
        try {
            while (!Thread.currentThread().isInterrupted()) {
                boolean now = Readiness.notReady(sandbox).isEmpty();
                if (now != ready) {
                    ready = now;
                    listener.ready(sandbox, now);
                }
                if (end.isDone()) {
                    return; // a container does not start again
                }
                Duration wait = ready ? period(sandbox.pod()) : pause;
                pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE);
                await(end, wait);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void await(CompletableFuture<Object> end, Duration wait)
            throws InterruptedException {
        try {
            end.get(wait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // time to look again
        }
    }

    private static Duration period(Pod pod) {
        return pod.containers().stream()
                .flatMap(container -> container.readiness().stream())
                .map(Pod.Probe::period)
                .reduce(USUAL_PERIOD, ReadinessWatch::shorter);
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    @Override
    public void close() {
        threads.values().forEach(Thread::interrupt);
        threads.clear();
    }
}
