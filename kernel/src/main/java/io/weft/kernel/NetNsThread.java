package io.weft.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * One platform thread that goes into a namespace, works there and comes back: a tenth of the cost
 * of a thread of its own, whose end also keeps a processor busy for long after. Should it not come
 * back, it ends, and the next caller starts another.
 */
final class NetNsThread implements Runnable {
    /** Opens sockets, which is quick. */
    static final NetNsThread SOCKETS = new NetNsThread("netns-sockets");

    /** Makes namespaces. */
    static final NetNsThread MAKER = new NetNsThread("netns-maker");

    private static final class Order<T> {
        private final Runnable enter;
        private final Callable<T> work;
        private final CompletableFuture<T> done = new CompletableFuture<>();

        Order(Runnable enter, Callable<T> work) {
            this.enter = enter;
            this.work = work;
        }

        /** {@return whether the thread is back where it began} */
        boolean serve() {
            boolean back = true;
            try {
                T made;
                try (Fd home = Linux.open(NetNs.OF_THREAD, Linux.O_RDONLY)) {
                    enter.run();
                    back = false;
                    try {
                        made = work.call();
                    } finally {
                        back = isBack(home);
                    }
                }
                done.complete(made); // last: whoever waits may count on `home` being closed
            } catch (Exception | Error e) {
                done.completeExceptionally(e);
            }
            return back;
        }
    }

    private final String name;
    private final LinkedBlockingQueue<Order<?>> orders = new LinkedBlockingQueue<>();
    private @Nullable Thread thread; // which serves; guarded by this

    private NetNsThread(String name) {
        this.name = name;
    }

    /**
     * Waits for its end also when interrupted: the work may hold descriptors that only its result
     * hands over.
     *
     * @param enter takes the calling thread into the namespace, or throws
     * @param work runs there
     * @throws RuntimeException what {@code enter} or {@code work} threw
     */
    <T> T call(Runnable enter, Callable<T> work) {
        Order<T> order = new Order<>(enter, work);
        synchronized (this) {
            orders.add(order);
            if (thread == null) {
                thread = Thread.ofPlatform().name(name).daemon().start(this);
            }
        }
        try {
            return order.done.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case IOException cause -> throw new UncheckedIOException(cause);
                case null, default -> throw new IllegalStateException(e.getCause());
            }
        }
    }

    private static boolean isBack(Fd home) {
        try {
            Linux.setns(home, Linux.CLONE_NEWNET);
            return true;
        } catch (KernelException e) {
            return false;
        }
    }

    @Override
    public void run() {
        String failure = "cannot return from a namespace";
        try {
            while (orders.take().serve()) {}
        } catch (InterruptedException e) {
            failure = "interrupted"; // nobody does
        }
        List<Order<?>> left = new ArrayList<>();
        synchronized (this) { // a thread started from here would be where this one is
            thread = null;
            orders.drainTo(left);
        }
        for (Order<?> order : left) {
            order.done.completeExceptionally(
                    new IllegalStateException("thread " + name + ": " + failure + "; try again"));
        }
    }
}
