package io.weft.lab;

import io.weft.kernel.NetNs;

/** A way between two namespaces, set up and ready to carry traffic. */
interface MeasuredPath extends AutoCloseable {
    /** {@return as the report names it} */
    String name();

    /** {@return where the client runs} */
    NetNs client();

    /** {@return where the server runs} */
    NetNs server();

    /** {@return IPv4 address of the server} */
    String address();

    @Override
    void close();
}
