package io.weft.netlink;

import io.weft.kernel.NetNs;
import java.util.OptionalInt;

/**
 * A connection to the network configuration of one namespace: rtnetlink(7).
 *
 * <p>Safe for many threads; requests are answered one at a time. The socket keeps the namespace it
 * was opened in, whatever the calling thread's.
 */
public final class Netlink implements AutoCloseable {
    private final NetlinkSocket socket;

    private Netlink(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** Opens a connection to the namespace of this process. */
    public static Netlink open() {
        return new Netlink(NetlinkSocket.open());
    }

    /** Opens a connection to {@code namespace}, which need not stay open. */
    public static Netlink open(NetNs namespace) {
        return new Netlink(NetlinkSocket.open(namespace));
    }

    public Links links() {
        return new Links(socket);
    }

    public Addresses addresses() {
        return new Addresses(socket);
    }

    public Routes routes() {
        return new Routes(socket);
    }

    public Neighbours neighbours() {
        return new Neighbours(socket);
    }

    public Rules rules() {
        return new Rules(socket);
    }

    public Traffic traffic() {
        return new Traffic(socket);
    }

    /**
     * {@return the id that {@code namespace} has in the one of this connection, as {@link
     * Link#peerNamespace} says it; empty when none of its links leads there}
     */
    public OptionalInt idOf(NetNs namespace) {
        Request request = NamespaceMessages.get(namespace);
        return NetlinkSocket.parse(request, socket.call(request), NamespaceMessages::parse).stream()
                .filter(id -> id != NamespaceMessages.NOT_ASSIGNED)
                .mapToInt(Integer::intValue)
                .findFirst();
    }

    /** {@return an empty batch} */
    public Batch batch() {
        return new Batch(socket);
    }

    /** {@return SO_NETNS_COOKIE of its namespace: unique until the machine restarts} */
    public long namespaceCookie() {
        return socket.namespaceCookie();
    }

    @Override
    public void close() {
        socket.close();
    }

    @Override
    public String toString() {
        return socket.toString();
    }
}
