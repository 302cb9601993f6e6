package io.weft.agent;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A thread that owns state: all that touches it runs there, in order. */
final class Owner implements AutoCloseable {
    private final ExecutorService thread;

    Owner(String name) {
        thread = Executors.newSingleThreadExecutor(Thread.ofPlatform().name(name).factory());
    }

    /** Runs {@code work} there and waits for it. */
    <T> T call(Callable<T> work) {
        return get(thread.submit(work));
    }

    /** Has {@code work} run there. */
    <T> Future<T> submit(Callable<T> work) {
        return thread.submit(work);
    }

    /** {@return what the work gave; its exception as it is} */
    static <T> T get(Future<T> work) {
        try {
            return work.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException r -> throw r;
                case Error r -> throw r;
                case null, default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NodeException(NodeException.Cause.MACHINE, "interrupted");
        }
    }

    /** Waits for its end, whatever happens. {@return whether it was a good one} */
    static boolean succeeds(Future<?> work) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    work.get();
                    return true;
                } catch (ExecutionException e) {
                    return false;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Runs what waits, then ends. */
    @Override
    public void close() {
        thread.close();
    }
}
