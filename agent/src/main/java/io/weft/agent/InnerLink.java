package io.weft.agent;

import io.weft.kernel.Errno;
import io.weft.kernel.KernelException;
import io.weft.kernel.NetNs;
import io.weft.netlink.Link;
import io.weft.netlink.Netlink;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A link that was made in a container's namespace and does not end with one at the node. Its alias
 * says whose it is, as a path may be of another namespace by now.
 */
final class InnerLink {
    private InnerLink() {}

    /** {@return it, when it is there} */
    static Optional<Link> find(Netlink inside, String name, String alias) {
        return inside.links().get(name).filter(link -> link.alias().equals(alias));
    }

    /** Deletes it; it may be gone. */
    static void remove(Netlink inside, String name, String alias) {
        find(inside, name, alias).ifPresent(link -> inside.links().delete(link.index()));
    }

    /** {@return whether that of an attachment is there} */
    static boolean isThere(Attachment attachment) {
        try (NetNs there = NetNs.open(Path.of(attachment.namespace()));
                Netlink inside = Netlink.open(there)) {
            return find(inside, attachment.id().ifname(), attachment.hostInterface()).isPresent();
        } catch (KernelException e) {
            requireGone(e);
            return false;
        }
    }

    /** The file is gone, or names no namespace any more. */
    private static void requireGone(KernelException e) {
        if (!e.is(Errno.ENOENT) && !e.is(Errno.EINVAL)) {
            throw e;
        }
    }

    /**
     * Deletes that of an attachment, when its kind has one; the namespace may be gone, and the link
     * with it.
     *
     * @param namespace that the runtime says it is in; empty: as it was said when it was made
     */
    static void remove(Attachment attachment, Optional<NetNs> namespace) {
        if (!attachment.kind().hasInnerLink()) {
            return;
        }
        if (namespace.isPresent()) {
            remove(attachment, namespace.get());
            return;
        }
        try (NetNs there = NetNs.open(Path.of(attachment.namespace()))) {
            remove(attachment, there);
        } catch (KernelException e) {
            requireGone(e);
        }
    }

    private static void remove(Attachment attachment, NetNs namespace) {
        try (Netlink inside = Netlink.open(namespace)) {
            remove(inside, attachment.id().ifname(), attachment.hostInterface());
        }
    }
}
