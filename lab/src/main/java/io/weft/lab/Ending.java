package io.weft.lab;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets an experiment take back what it made when SIGINT or SIGTERM end the process. The signal ends
 * the processes that the experiment started, so that whoever waits for one goes on, and makes the
 * next step throw; the process stays until the experiment's own blocks have closed everything.
 */
final class Ending implements AutoCloseable {
    /** The experiment was told to end. */
    static final class EndedException extends CancellationException {
        EndedException() {
            super("ended by a signal; what was made is taken back");
        }
    }

    private static final int MOST_SECONDS = 20;
    private static final int AGAIN_MILLIS = 50;

    private static volatile boolean ending;

    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread hook = new Thread(this::onSignal, "lab-ending");

    Ending() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * @throws EndedException when the process is being ended
     */
    static void check() {
        if (ending) {
            throw new EndedException();
        }
    }

    /** {@return whether the process is being ended} */
    static boolean isEnding() {
        return ending;
    }

    private void onSignal() {
        ending = true;
        try {
            for (int i = 0; i < MOST_SECONDS * 1_000 / AGAIN_MILLIS; i++) {
                ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
                if (over.await(AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                    System.err.println("weft: ended; nothing is left behind");
                    return;
                }
            }
            System.err.println(
                    "weft: the experiment does not end: the next one takes back what is left");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The experiment has closed everything. */
    @Override
    public void close() {
        over.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // the hook is running, and ends now
        }
    }
}
