package io.weft.lab;

import io.weft.kernel.NetNs;

/**
 * A node with a client, a pod that serves ten ports, and services: of so many, the last one leads
 * to these ports, the others ({@link ServiceWorld}) to nobody who is there.
 */
interface ServiceNode extends AutoCloseable {
    /** What a load took: of the tools and the kernel for them. */
    record Cost(double cpuSeconds, double seconds) {}

    String name();

    NetNs client();

    NetNs server();

    /** {@return the pod's address} */
    String pod();

    /**
     * Makes it have so many services.
     *
     * @throws Commands.ToolException when that takes too long, or a tool refuses
     */
    Cost load(int services);

    /**
     * Adds the service with this number.
     *
     * @return milliseconds until it is in force
     */
    double add(int service);

    @Override
    void close();
}
