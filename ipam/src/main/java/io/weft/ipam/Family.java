package io.weft.ipam;

import io.weft.model.Ip;

/** An address family. */
public enum Family {
    V4("IPv4"),
    V6("IPv6");

    private final String text;

    Family(String text) {
        this.text = text;
    }

    public static Family of(Ip ip) {
        return ip.isV4() ? V4 : V6;
    }

    /** {@return {@code IPv4}, {@code IPv6}} */
    @Override
    public String toString() {
        return text;
    }
}
