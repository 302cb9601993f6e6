package io.weft.cni;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Whose turn it is: calls start in the order they came, but for those that would meet one that they
 * exclude, running or waiting before them. Nothing waits here: a call that may run is started.
 */
final class CniQueue {
    /** What waits for its turn. */
    interface Work {
        CniCall call();

        /** Runs it elsewhere; whoever does so calls {@link CniQueue#done}. */
        void start();

        /** It will not run. */
        void refuse();
    }

    private final int maxRunning;
    private final int maxWaiting;
    private final List<CniCall> running = new ArrayList<>(); // guarded by this
    private final List<Work> waiting = new ArrayList<>(); // guarded by this
    private boolean closed; // guarded by this

    CniQueue(int maxRunning, int maxWaiting) {
        this.maxRunning = maxRunning;
        this.maxWaiting = maxWaiting;
    }

    /** Starts it, keeps it, or refuses it when too many wait. */
    void add(Work work) {
        boolean refused = false;
        List<Work> ready = List.of();
        synchronized (this) {
            if (closed || (waiting.size() >= maxWaiting && !mayRun(work.call(), List.of()))) {
                refused = true;
            } else {
                waiting.add(work);
                ready = takeReady();
            }
        }
        if (refused) {
            work.refuse();
        }
        ready.forEach(Work::start);
    }

    /** A call that was started has ended. */
    void done(CniCall call) {
        List<Work> ready;
        synchronized (this) {
            running.remove(call);
            ready = takeReady();
            notifyAll();
        }
        ready.forEach(Work::start);
    }

    /** Refuses those that wait, and waits for those that run; at most {@code millis}. */
    void close(long millis) throws InterruptedException {
        List<Work> refused;
        synchronized (this) {
            closed = true;
            refused = List.copyOf(waiting);
            waiting.clear();
        }
        refused.forEach(Work::refuse);
        long end = System.nanoTime() + millis * 1_000_000;
        synchronized (this) {
            for (long left = millis;
                    !running.isEmpty() && left > 0;
                    left = (end - System.nanoTime()) / 1_000_000) {
                wait(left);
            }
        }
    }

    synchronized int running() {
        return running.size();
    }

    synchronized int waiting() {
        return waiting.size();
    }

    /** Called with the lock held. */
    private List<Work> takeReady() {
        List<Work> ready = new ArrayList<>();
        List<CniCall> passed = new ArrayList<>();
        Iterator<Work> each = waiting.iterator();
        while (running.size() < maxRunning && each.hasNext()) {
            Work work = each.next();
            if (mayRun(work.call(), passed)) {
                each.remove();
                running.add(work.call());
                ready.add(work);
            } else {
                passed.add(work.call());
            }
        }
        return ready;
    }

    private boolean mayRun(CniCall call, List<CniCall> before) {
        return running.size() < maxRunning
                && running.stream().noneMatch(call::excludes)
                && before.stream().noneMatch(call::excludes);
    }
}
