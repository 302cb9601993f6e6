package io.weft.model;

/**
 * May this connection be opened?
 *
 * @param port of the destination, 1–65535
 */
public record FlowQuery(Expectation.Party from, Expectation.Party to, Protocol protocol, int port) {
    /** {@return {@code shop/web -> 10.0.0.1 8080/TCP}} */
    @Override
    public String toString() {
        return from + " -> " + to + " " + port + "/" + protocol;
    }
}
