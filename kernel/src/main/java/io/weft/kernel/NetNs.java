package io.weft.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/**
 * A network namespace, held open by a descriptor: it lives as long as this object even when its
 * name and processes are gone. See network_namespaces(7).
 */
public final class NetNs implements AutoCloseable {
    /** Where iproute2 keeps names, so that {@code ip netns} sees ours. */
    public static final Path NAMES = Path.of("/run/netns");

    static final Path OF_THREAD = Path.of("/proc/thread-self/ns/net");
    private static final long SIOCGSKNS = 0x894c;
    private static final long NS_GET_NSTYPE = 0xb703;

    private final Fd fd;

    private NetNs(Fd fd) {
        this.fd = fd;
    }

    /** Opens any namespace file: {@code /proc/1/ns/net}, {@code /run/netns/blue}. */
    public static NetNs open(Path path) {
        return new NetNs(Linux.open(path, Linux.O_RDONLY));
    }

    /**
     * Takes ownership of a descriptor that another process handed over.
     *
     * @throws KernelException EINVAL or ENOTTY when it is no network namespace; it is closed then
     */
    public static NetNs of(Fd fd) {
        try {
            if (Linux.ioctl(fd, NS_GET_NSTYPE, 0L) != Linux.CLONE_NEWNET) {
                throw new KernelException("use " + fd + " as network namespace", Errno.EINVAL);
            }
        } catch (KernelException e) {
            fd.close();
            throw e;
        }
        return new NetNs(fd);
    }

    /** Opens a namespace that {@code ip netns} knows by {@code name}. */
    public static NetNs named(String name) {
        return open(pathOf(name));
    }

    /** Opens the namespace of the process {@code pid}. */
    public static NetNs ofProcess(long pid) {
        return open(Path.of("/proc/" + pid + "/ns/net"));
    }

    /** Opens the namespace that this process was started in. */
    public static NetNs current() {
        return open(Path.of("/proc/self/ns/net"));
    }

    /** Opens the namespace that {@code socket} was made in; SIOCGSKNS, needs CAP_NET_ADMIN. */
    public static NetNs ofSocket(Fd socket) {
        return new NetNs(Fd.own(Linux.ioctl(socket, SIOCGSKNS, 0L), "namespace of " + socket));
    }

    /** {@return the file that names {@code name} in {@link #NAMES}} */
    public static Path pathOf(String name) {
        if (name.isEmpty() || name.contains("/") || name.startsWith(".")) {
            throw new IllegalArgumentException("not a namespace name: '" + name + "'");
        }
        return NAMES.resolve(name);
    }

    /** Makes a namespace without a name: it ends with its last holder. */
    public static NetNs createAnonymous() {
        return NetNsThread.MAKER.call(
                () -> Linux.unshare(Linux.CLONE_NEWNET), () -> open(OF_THREAD));
    }

    /**
     * Makes a namespace and binds it to {@link #NAMES}, as {@code ip netns add} does.
     *
     * @throws KernelException EEXIST when the name is taken
     */
    public static NetNs create(String name) {
        return create(name, () -> {});
    }

    /**
     * As {@link #create(String)}.
     *
     * @param first runs inside as soon as it is there, on the thread that made it: what it opens
     *     stays in this namespace, without the cost of going there. When it fails, nothing is made
     */
    public static NetNs create(String name, Runnable first) {
        Path path = pathOf(name);
        try {
            Files.createDirectories(NAMES);
            if (Files.exists(path)) {
                throw new KernelException("create namespace " + name, Errno.EEXIST);
            }
            Files.createFile(path);
        } catch (IOException e) {
            throw new UncheckedIOException("create namespace " + name, e);
        }
        try {
            return NetNsThread.MAKER.call(
                    () -> Linux.unshare(Linux.CLONE_NEWNET),
                    () -> {
                        Linux.mount(OF_THREAD.toString(), path, "none", Linux.MS_BIND);
                        NetNs made = open(path);
                        try {
                            first.run();
                            return made;
                        } catch (RuntimeException | Error e) {
                            made.close();
                            throw e;
                        }
                    });
        } catch (RuntimeException | Error e) {
            delete(name);
            throw e;
        }
    }

    /** Takes the name away; the namespace ends when nobody holds it. Absent names are no error. */
    public static void delete(String name) {
        Path path = pathOf(name);
        if (!Files.exists(path)) {
            return;
        }
        try {
            Linux.unmount(path, Linux.MNT_DETACH);
        } catch (KernelException e) {
            if (!e.is(Errno.EINVAL)) { // EINVAL: a file that is no mount point
                throw e;
            }
        }
        deleteFile(path);
    }

    private static void deleteFile(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException("delete " + path, e);
        }
    }

    /** {@return the descriptor, for IFLA_NET_NS_FD and setns(2)} */
    public Fd fd() {
        return fd;
    }

    /**
     * Runs {@code work} inside, on a platform thread made for it. Sockets opened and processes
     * started by {@code work} stay in this namespace.
     */
    public <T> T call(Callable<T> work) {
        return onNewThread(
                "netns",
                () -> {
                    Linux.setns(fd, Linux.CLONE_NEWNET);
                    return work.call();
                });
    }

    /** socket(2) inside; it stays in this namespace. Quicker than {@link #call}. */
    public Fd socket(int domain, int type, int protocol, String what) {
        return NetNsThread.SOCKETS.call(
                () -> Linux.setns(fd, Linux.CLONE_NEWNET),
                () -> Linux.socket(domain, type, protocol, what));
    }

    /** As {@link #call}, without a result. */
    public void run(Runnable work) {
        call(() -> {
            work.run();
            return Boolean.TRUE;
        });
    }

    /** {@return whether both are one namespace} */
    public boolean isSame(NetNs other) {
        return inode() == other.inode();
    }

    /** {@return its number in {@code net:[INODE]}: unique while it lives} */
    private long inode() {
        return Linux.inode(fd);
    }

    /** {@return SO_NETNS_COOKIE: unique until the machine restarts} */
    public long cookie() {
        return call(() -> {
            try (Fd socket = Linux.socket(Linux.AF_UNIX, Linux.SOCK_DGRAM, 0, "unix socket")) {
                return Linux.optionLong(socket, Linux.SOL_SOCKET, Linux.SO_NETNS_COOKIE);
            }
        });
    }

    @Override
    public void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return fd.toString();
    }

    private static <T> T onNewThread(String name, Callable<T> work) {
        Result<T> result = new Result<>(work);
        Thread thread = Thread.ofPlatform().name(name).start(result);
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                // The work may hold descriptors that only its result hands over.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return result.get();
    }

    private static final class Result<T> implements Runnable {
        private final Callable<T> work;
        private java.util.Optional<T> value = java.util.Optional.empty();
        private java.util.Optional<Throwable> failure = java.util.Optional.empty();

        Result(Callable<T> work) {
            this.work = work;
        }

        @Override
        public void run() {
            try {
                value = java.util.Optional.of(work.call());
            } catch (Throwable t) {
                failure = java.util.Optional.of(t);
            }
        }

        T get() {
            if (failure.isPresent()) {
                switch (failure.get()) {
                    case RuntimeException e -> throw e;
                    case Error e -> throw e;
                    case IOException e -> throw new UncheckedIOException(e);
                    case Throwable e -> throw new IllegalStateException(e);
                }
            }
            return value.orElseThrow();
        }
    }
}
