package io.weft.cni;

import java.util.List;

/**
 * What a plugin does. Called from many threads, for one container by one at a time, and for a
 * network's GC while nothing else of that network runs. Each may throw {@link CniException}.
 */
public interface CniPlugin {
    /**
     * Attaches the container; leaves nothing behind when it fails. With a {@code prevResult} the
     * interface is there already.
     */
    CniResult add(CniRequest request);

    /**
     * Undoes {@link #add}, whatever of it is there: nothing to undo is a success. The config may be
     * {@link NetworkConfig#absent}.
     */
    void delete(CniRequest request);

    /** Fails unless everything is as {@link #add} left it. */
    void check(CniRequest request);

    /** Undoes every add of the config's network but those of {@code valid}; tries all. */
    void gc(CniRequest request, List<AttachmentId> valid);

    /** Fails with code 50 or 51 when an add could not be served now. */
    void status(CniRequest request);
}
