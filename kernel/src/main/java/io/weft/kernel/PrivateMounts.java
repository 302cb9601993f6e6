package io.weft.kernel;

import java.nio.file.Path;

/**
 * Files that one thread, and the processes that it starts, see in the place of others: a mount
 * namespace of its own, as {@code ip netns exec} makes for {@code /etc/netns/NAME}. It lives as
 * long as one of them does.
 */
public final class PrivateMounts {
    private static final Path ROOT = Path.of("/");

    private PrivateMounts() {}

    /**
     * Takes this thread out of the machine's mount namespace, for good: it must be one that does
     * nothing else, such as that of {@link NetNs#call}. What is mounted or unmounted outside is so
     * inside, too, where the outside shares it; not the other way round.
     *
     * @throws KernelException EPERM without CAP_SYS_ADMIN
     */
    public static void enter() {
        Linux.unshare(Linux.CLONE_NEWNS);
        Linux.mount("none", ROOT, "none", Linux.MS_REC | Linux.MS_SLAVE);
    }

    /**
     * Shows {@code file} where {@code target} is; after {@link #enter}. A symbolic link is
     * followed.
     *
     * @throws KernelException ENOENT when there is none of the two
     */
    public static void show(Path file, Path target) {
        Linux.mount(file.toString(), target, "none", Linux.MS_BIND);
    }
}
