package io.weft.tables;

import io.weft.model.Ip;

/**
 * Where a connection to a service ends.
 *
 * @param port after translation, 1–65535
 * @param local whether it runs on this node
 */
public record Backend(Ip ip, int port, boolean local) implements Comparable<Backend> {
    /** By address, then port. */
    @Override
    public int compareTo(Backend other) {
        int c = ip.compareTo(other.ip);
        return c != 0 ? c : Integer.compare(port, other.port);
    }

    /** {@return the same end, wherever it runs} */
    public Backend anywhere() {
        return local ? new Backend(ip, port, false) : this;
    }

    /** {@return {@code 10.0.0.1:80}, {@code [fd00::1]:80}} */
    @Override
    public String toString() {
        return ip.isV4() ? ip + ":" + port : "[" + ip + "]:" + port;
    }
}
