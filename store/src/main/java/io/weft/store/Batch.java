package io.weft.store;

import io.weft.store.LedgerException.Code;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes that become durable together or not at all, in the order in which they were added.
 * Several parts of a program add to one batch, then one of them writes it; closed unwritten, it is
 * as if it had never been. Not thread-safe.
 */
public final class Batch implements AutoCloseable {
    /** Most bytes of a key in UTF-8. */
    public static final int MAX_KEY_BYTES = 1024;

    /** Most bytes of a value. */
    public static final int MAX_VALUE_BYTES = 1 << 20;

    /** Most bytes of a batch, with 7 for each change besides its key and value. */
    public static final int MAX_BYTES = 4 << 20;

    /**
     * @param key in UTF-8
     * @param value null: removed
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Change(String name, byte[] key, byte @Nullable [] value) {
        int bytes() {
            return 7 + key.length + (value == null ? 0 : value.length);
        }
    }

    private enum State {
        OPEN,
        WRITTEN,
        ABANDONED
    }

    private final List<Change> changes = new ArrayList<>(4);
    private final List<Runnable> whenWritten = new ArrayList<>(2);
    private final List<Runnable> whenAbandoned = new ArrayList<>(2);
    private State state = State.OPEN;
    private int bytes;

    /**
     * Sets a key.
     *
     * @param value is copied
     * @throws LedgerException {@code TOO_LARGE}: the key, the value or the batch
     */
    public Batch put(String key, byte[] value) {
        if (value.length > MAX_VALUE_BYTES) {
            throw new LedgerException(
                    Code.TOO_LARGE,
                    "value of " + key + ": " + value.length + " bytes; at most " + MAX_VALUE_BYTES);
        }
        return add(key, value.clone());
    }

    /** Removes a key; one that is not there is no error. */
    public Batch remove(String key) {
        return add(key, null);
    }

    private Batch add(String name, byte @Nullable [] value) {
        requireOpen();
        byte[] key = name.getBytes(StandardCharsets.UTF_8);
        if (key.length == 0 || key.length > MAX_KEY_BYTES) {
            throw new LedgerException(
                    Code.TOO_LARGE,
                    "a key has 1 to " + MAX_KEY_BYTES + " bytes, not " + key.length);
        }
        if (!new String(key, StandardCharsets.UTF_8).equals(name)) {
            throw new IllegalArgumentException("a key with half a character: " + name);
        }
        Change change = new Change(name, key, value);
        if (bytes + change.bytes() > MAX_BYTES) {
            throw new LedgerException(
                    Code.TOO_LARGE, "a batch has at most " + MAX_BYTES + " bytes; write two");
        }
        changes.add(change);
        bytes += change.bytes();
        return this;
    }

    /**
     * Has something done by the thread that writes the batch, when readers see its changes and
     * before {@link Ledger#write} returns; in the order of these calls. It must not throw.
     */
    public Batch whenWritten(Runnable action) {
        requireOpen();
        whenWritten.add(action);
        return this;
    }

    /**
     * Has something undone by the thread that closes the batch unwritten (a batch that {@link
     * Ledger#write} refused is one), the last first. It must not throw.
     */
    public Batch whenAbandoned(Runnable action) {
        requireOpen();
        whenAbandoned.add(action);
        return this;
    }

    public boolean isEmpty() {
        return changes.isEmpty();
    }

    /** Abandons the batch, unless it was written. */
    @Override
    public void close() {
        if (state != State.OPEN) {
            return;
        }
        state = State.ABANDONED;
        whenAbandoned.reversed().forEach(Runnable::run);
    }

    List<Change> changes() {
        return changes;
    }

    boolean puts() {
        return changes.stream().anyMatch(change -> change.value() != null);
    }

    int bytes() {
        return bytes;
    }

    void requireOpen() {
        if (state != State.OPEN) {
            throw new IllegalStateException("this batch was " + state);
        }
    }

    void written() {
        state = State.WRITTEN;
        whenWritten.forEach(Runnable::run);
    }
}
