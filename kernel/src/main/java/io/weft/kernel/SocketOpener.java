package io.weft.kernel;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * One platform thread that goes into a namespace, opens a socket there and comes back: a tenth of
 * the cost of a thread of its own. Should it not come back, it ends, and another takes its place.
 */
final class SocketOpener implements Runnable {
    private static final SocketOpener ONLY = new SocketOpener();

    private record Order(NetNs namespace, Callable<Fd> open, CompletableFuture<Fd> done) {}

    private final LinkedBlockingQueue<Order> orders = new LinkedBlockingQueue<>();

    private SocketOpener() {
        start();
    }

    private void start() {
        Thread.ofPlatform().name("netns-sockets").daemon().start(this);
    }

    static Fd open(NetNs namespace, Callable<Fd> socket) {
        CompletableFuture<Fd> done = new CompletableFuture<>();
        ONLY.orders.add(new Order(namespace, socket, done));
        try {
            return done.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    @Override
    public void run() {
        boolean home = true;
        while (home) {
            try {
                Order order = orders.take();
                home = serve(order);
            } catch (InterruptedException e) {
                break; // nobody interrupts it; if so, another thread goes on
            }
        }
        start();
    }

    /** {@return whether the thread is back where it began} */
    private static boolean serve(Order order) {
        boolean inside = false;
        boolean back = false;
        Fd socket = null;
        Throwable failure = null;
        try (Fd home = Linux.open(Path.of("/proc/thread-self/ns/net"), Linux.O_RDONLY)) {
            Linux.setns(order.namespace.fd(), Linux.CLONE_NEWNET);
            inside = true;
            try {
                socket = order.open.call();
            } finally {
                Linux.setns(home, Linux.CLONE_NEWNET);
                back = true;
            }
        } catch (Exception | Error e) {
            failure = e;
        }
        // last: whoever waits may count on `home` being closed
        if (failure == null) {
            order.done.complete(socket);
        } else {
            if (socket != null) {
                socket.close();
            }
            order.done.completeExceptionally(failure);
        }
        return !inside || back;
    }
}
