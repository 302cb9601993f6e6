package io.weft.agent;

import io.weft.kernel.Errno;
import io.weft.netlink.Batch;
import io.weft.netlink.LinkChange;
import io.weft.netlink.Netlink;
import io.weft.netlink.NetlinkException;
import java.lang.System.Logger.Level;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Deletes links in the background, many in one message: the kernel waits some 15 ms for each
 * message that deletes, however many links it names, and holds its lock meanwhile. Often it finds
 * nothing to do, as a link ends with its namespace.
 */
final class Unplugger implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Unplugger.class.getName());

    /** Link group of what is about to be deleted; not that of {@link Wiring#unplug}. */
    private static final int LEAVING = 0x77656675;

    private static final int MANY = 128;
    private static final long PAUSE_MILLIS = 100;

    private final Netlink netlink;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread thread;

    // under the lock
    private final Set<String> waiting = new LinkedHashSet<>();
    private Set<String> leaving = Set.of();
    private boolean hurry;
    private boolean closed;

    /**
     * @param netlink where the links are; closed with this
     */
    Unplugger(Netlink netlink) {
        this.netlink = netlink;
        thread = Thread.ofPlatform().name("unplugger").daemon().start(this::run);
    }

    /** Has links deleted, soon; those that are gone already are no error. */
    void unplug(List<String> links) {
        lock.lock();
        try {
            waiting.addAll(links);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until a link that is to be deleted is gone; at once when it is none. */
    void await(String link) {
        lock.lock();
        try {
            while (waiting.contains(link) || leaving.contains(link)) {
                hurry = true;
                changed.signalAll();
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        while (true) {
            List<String> links;
            lock.lock();
            try {
                while (waiting.isEmpty() && !closed) {
                    changed.awaitUninterruptibly();
                }
                gather();
                if (waiting.isEmpty()) {
                    return; // closed
                }
                links = waiting.stream().limit(MANY).toList();
                leaving = Set.copyOf(links);
                waiting.removeAll(links);
                hurry = false;
            } finally {
                lock.unlock();
            }
            try {
                delete(links);
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "links stay: " + links + ": " + e.getMessage());
            }
            lock.lock();
            try {
                leaving = Set.of();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Lets more come: one message for all. */
    private void gather() {
        long left = TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);
        while (left > 0 && waiting.size() < MANY && !hurry && !closed) {
            try {
                left = changed.awaitNanos(left);
            } catch (InterruptedException e) {
                return; // nobody does
            }
        }
    }

    private void delete(List<String> names) {
        Batch batch = netlink.batch();
        names.forEach(name -> batch.change(name, new LinkChange.Group(LEAVING)));
        batch.trySend(); // some have ended with their namespaces
        try {
            netlink.links().deleteGroup(LEAVING);
        } catch (NetlinkException e) {
            if (!e.is(Errno.ENODEV)) {
                throw e;
            }
        }
    }

    /** Deletes what waits, then ends. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        netlink.close();
    }
}
