package io.weft.cli;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Closes what was opened, newest first, exactly once: at the end of the command, or when SIGINT or
 * SIGTERM end the process.
 */
final class Shutdown implements AutoCloseable {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final Thread hook = new Thread(this::onSignal, "shutdown");
    private final String farewell;
    private boolean closed;

    Shutdown() {
        this("ended; nothing is left behind");
    }

    /** {@return one that says something else when all was closed} */
    static Shutdown saying(String farewell) {
        return new Shutdown(farewell);
    }

    private Shutdown(String farewell) {
        this.farewell = farewell;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Takes over; closes at once when the end has come already. */
    synchronized void closing(AutoCloseable resource) {
        open.push(resource);
        if (closed) {
            closeAll();
        }
    }

    private synchronized void closeAll() {
        boolean clean = true;
        boolean had = !open.isEmpty();
        closed = true;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                clean = false;
                System.err.println("weft: on the way out: " + e);
            }
        }
        if (had && clean) {
            System.err.println("weft: " + farewell);
        }
    }

    private void onSignal() {
        boolean ours;
        synchronized (this) {
            ours = !closed;
        }
        if (ours) {
            System.err.println("weft: ending ...");
            closeAll();
        }
    }

    @Override
    public void close() {
        closeAll();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // the hook is running; it finds nothing left to do
        }
    }
}
