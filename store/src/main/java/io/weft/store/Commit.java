package io.weft.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The way of one batch to the disk. */
public final class Commit {
    private final CompletableFuture<Void> durable;

    Commit(CompletableFuture<Void> durable) {
        this.durable = durable;
    }

    static Commit done() {
        return new Commit(CompletableFuture.completedFuture(null));
    }

    /**
     * Returns when the batch, and with it all before it, outlives a power failure. A virtual thread
     * leaves its carrier meanwhile; interrupts are left pending.
     *
     * @throws LedgerException {@code DISK}: it may or may not be there after the next opening
     */
    public void await() {
        try {
            durable.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof LedgerException cause) {
                throw cause.again();
            }
            throw e;
        }
    }

    /** {@return whether the batch outlives a power failure} */
    public boolean isDurable() {
        return durable.isDone() && !durable.isCompletedExceptionally();
    }
}
