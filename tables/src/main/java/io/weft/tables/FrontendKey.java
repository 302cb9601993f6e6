package io.weft.tables;

import io.weft.model.Ip;
import io.weft.model.Protocol;

/**
 * Where clients find a service.
 *
 * @param ip {@link #ANY_V4} or {@link #ANY_V6}: every address of this node that takes node ports
 * @param port 1–65535
 */
public record FrontendKey(Ip ip, int port, Protocol protocol) implements Comparable<FrontendKey> {
    public static final Ip ANY_V4 = Ip.v4(0);
    public static final Ip ANY_V6 = Ip.parse("::");

    /** {@return the node port of a family} */
    public static FrontendKey nodePort(boolean v4, int port, Protocol protocol) {
        return new FrontendKey(v4 ? ANY_V4 : ANY_V6, port, protocol);
    }

    public boolean isNodePort() {
        return ip.equals(ANY_V4) || ip.equals(ANY_V6);
    }

    @Override
    public int compareTo(FrontendKey other) {
        int c = ip.compareTo(other.ip);
        c = c != 0 ? c : Integer.compare(port, other.port);
        return c != 0 ? c : protocol.compareTo(other.protocol);
    }

    /** {@return {@code 10.96.0.1:80/TCP}, {@code *:30080/TCP}} */
    @Override
    public String toString() {
        String host = isNodePort() ? "*" : ip.isV4() ? ip.toString() : "[" + ip + "]";
        return host + ":" + port + "/" + protocol;
    }
}
