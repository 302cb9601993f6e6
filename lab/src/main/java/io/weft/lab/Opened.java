package io.weft.lab;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Closes what was added, newest first, exactly once: at the end of the block, or when SIGINT or
 * SIGTERM end the process.
 */
final class Opened implements AutoCloseable {
    private final Deque<AutoCloseable> stack = new ArrayDeque<>();
    private final Thread hook = new Thread(this::onSignal, "lab-shutdown");
    private boolean closed;

    Opened() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Takes over.
     *
     * @throws IllegalStateException when the end has come already; {@code resource} is closed then
     */
    synchronized <T extends AutoCloseable> T add(T resource) {
        stack.push(resource);
        if (closed) {
            closeAll();
            throw new IllegalStateException("the experiment is being ended");
        }
        return resource;
    }

    private void onSignal() {
        try {
            closeAll();
        } catch (RuntimeException e) {
            System.err.println("weft: on the way out: " + e);
        }
    }

    private synchronized void closeAll() {
        closed = true;
        RuntimeException failure = null;
        while (!stack.isEmpty()) {
            AutoCloseable resource = stack.pop();
            try {
                resource.close();
            } catch (Exception e) {
                if (failure == null) {
                    failure = new IllegalStateException("close " + resource, e);
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // the hook is running, or finds nothing left to do
        }
        closeAll();
    }
}
