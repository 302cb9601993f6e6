package io.weft.lab;

import io.weft.kernel.NetNs;
import java.util.List;

/**
 * One client and several servers on a node. Each server is selected by its own number of policies;
 * each policy lets one block of 16 addresses reach one port, and the block of the last one is the
 * client's.
 */
interface LastRule extends AutoCloseable {
    /** Addresses of the policies' peers, but the last one's. */
    int FIRST_PEER = 0x0a63_0000; // 10.99.0.0

    /**
     * A server.
     *
     * @param policies that select it; 0: nothing isolates it
     * @param address IPv4
     */
    record Server(int policies, NetNs namespace, String address) {}

    String name();

    NetNs client();

    List<Server> servers();

    @Override
    void close();
}
