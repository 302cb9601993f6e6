package io.weft.lab;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Closes what was added, newest first, exactly once, at the end of the block; {@link Ending} brings
 * the end when a signal comes.
 */
final class Opened implements AutoCloseable {
    private final Deque<AutoCloseable> stack = new ArrayDeque<>();

    /**
     * Takes over.
     *
     * @throws Ending.EndedException when the process is being ended; the block closes {@code
     *     resource} with the others then
     */
    <T extends AutoCloseable> T add(T resource) {
        stack.push(resource);
        Ending.check();
        return resource;
    }

    @Override
    public void close() {
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
}
