package io.weft.netlink;

import io.weft.kernel.NetNs;
import java.nio.charset.StandardCharsets;

/** One property of a link to change; several go in one message, see {@link Links#change}. */
public sealed interface LinkChange {
    /** IFF_UP. */
    record Up(boolean up) implements LinkChange {}

    /** In bytes. */
    record Mtu(int bytes) implements LinkChange {}

    /** 1 to 15 bytes. */
    record Name(String name) implements LinkChange {
        public Name {
            LinkSettings.checkName(name);
        }
    }

    record Mac(HardwareAddress address) implements LinkChange {}

    /**
     * The bridge it is a port of.
     *
     * @param index 0: none
     */
    record Master(int index) implements LinkChange {}

    record Group(int number) implements LinkChange {}

    /** Up to 255 bytes; empty takes it away. */
    record Alias(String text) implements LinkChange {
        public Alias {
            if (text.getBytes(StandardCharsets.UTF_8).length > 255) {
                throw new IllegalArgumentException("alias is over 255 bytes: " + text);
            }
        }
    }

    /**
     * Whether the kernel gives it an fe80:: address when it comes up; addr_gen_mode eui64, none.
     */
    record Ipv6LinkLocal(boolean generated) implements LinkChange {}

    /** Moves it; it loses addresses and routes, and goes down. */
    record Namespace(NetNs target) implements LinkChange {}
}
