package io.weft.agent;

import io.weft.agent.Node.Guest;
import io.weft.model.Ref;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Guests that come and go, in the order of their calls; those that wait come or go in one change.
 * What becomes of one is no other's concern.
 */
final class GuestQueue implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(GuestQueue.class.getName());
    private static final int MOST = 32; // in one change: the last of them waits for the first

    private sealed interface Task {
        record Join(Guest guest, CompletableFuture<Endpoint> done) implements Task {}

        record Leave(Ref pod, CompletableFuture<Boolean> done) implements Task {}

        record End() implements Task {}
    }

    private final Node node;
    private final Unplugger unplugger;
    private final BlockingQueue<Task> tasks = new LinkedBlockingQueue<>();
    private final Thread thread;

    GuestQueue(Node node, Unplugger unplugger) {
        this.node = node;
        this.unplugger = unplugger;
        thread = Thread.ofPlatform().name("guests").daemon().start(this::run);
    }

    /**
     * Wires a guest and waits until it is up and under policy.
     *
     * @throws NodeException when it cannot come
     */
    Endpoint join(Guest guest) {
        CompletableFuture<Endpoint> done = new CompletableFuture<>();
        tasks.add(new Task.Join(guest, done));
        return Owner.get(done);
    }

    /** Has a guest go, soon: then it is without traffic, and its link is deleted. */
    void leave(Ref pod) {
        tasks.add(new Task.Leave(pod, new CompletableFuture<>()));
    }

    /**
     * Likewise, and waits until it is without traffic.
     *
     * @throws RuntimeException of the node, when it stays
     */
    void leaveNow(Ref pod) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        tasks.add(new Task.Leave(pod, done));
        Owner.get(done);
    }

    private void run() {
        List<Task> taken = new ArrayList<>();
        while (true) {
            taken.clear();
            try {
                taken.add(tasks.take());
            } catch (InterruptedException e) {
                return; // nobody does
            }
            tasks.drainTo(taken, MOST - 1);
            if (work(taken)) {
                return;
            }
        }
    }

    /** Runs of tasks of one kind are one change. {@return whether this is the end} */
    private boolean work(List<Task> taken) {
        List<Task.Join> joining = new ArrayList<>();
        List<Task.Leave> leaving = new ArrayList<>();
        for (Task task : taken) {
            switch (task) {
                case Task.Join join -> {
                    leave(leaving);
                    joining.add(join);
                }
                case Task.Leave leave -> {
                    join(joining);
                    leaving.add(leave);
                }
                case Task.End end -> {
                    join(joining);
                    leave(leaving);
                    return true;
                }
            }
        }
        join(joining);
        leave(leaving);
        return false;
    }

    private void leave(List<Task.Leave> leaving) {
        if (leaving.isEmpty()) {
            return;
        }
        List<Ref> pods = leaving.stream().map(Task.Leave::pod).toList();
        try {
            unplugger.unplug(node.change(List.of(), pods));
            leaving.forEach(leave -> leave.done().complete(true));
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, pods + " stay: " + e.getMessage(), e);
            leaving.forEach(leave -> leave.done().completeExceptionally(e));
        }
        leaving.clear();
    }

    private void join(List<Task.Join> joining) {
        if (joining.isEmpty()) {
            return;
        }
        List<Task.Join> all = List.copyOf(joining);
        joining.clear();
        all.forEach(join -> unplugger.await(join.guest().place().hostInterface()));
        if (all.size() == 1 || !tryTogether(all)) {
            all.forEach(this::alone);
        }
    }

    /** {@return false when one of them cannot come; then none has} */
    private boolean tryTogether(List<Task.Join> all) {
        try {
            node.change(all.stream().map(Task.Join::guest).toList(), List.of());
        } catch (RuntimeException e) {
            return false;
        }
        all.forEach(this::done);
        return true;
    }

    private void alone(Task.Join join) {
        try {
            node.change(List.of(join.guest()), List.of());
        } catch (RuntimeException | Error e) {
            join.done().completeExceptionally(e);
            return;
        }
        done(join);
    }

    private void done(Task.Join join) {
        Ref pod = join.guest().pod().ref();
        Endpoint endpoint = node.state().endpoints().get(pod);
        if (endpoint == null) {
            join.done().completeExceptionally(new IllegalStateException(pod + " is not wired"));
        } else {
            join.done().complete(endpoint);
        }
    }

    /** Does what waits, then ends. */
    @Override
    public void close() {
        tasks.add(new Task.End());
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
        tasks.forEach(task -> {
            NodeException ends = new NodeException(NodeException.Cause.MACHINE, "the agent ends");
            switch (task) {
                case Task.Join join -> join.done().completeExceptionally(ends);
                case Task.Leave leave -> leave.done().completeExceptionally(ends);
                case Task.End end -> {}
            }
        });
    }
}
