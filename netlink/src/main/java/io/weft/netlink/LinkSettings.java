package io.weft.netlink;

import io.weft.kernel.NetNs;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What every new link has, whatever its kind. Start with {@link #named} and add to it.
 *
 * @param name 1 to 15 bytes, as IFNAMSIZ has it
 * @param index the ifindex to take; 0: the kernel chooses
 * @param mac empty: the kernel chooses
 * @param mtu bytes; 0: the kind's own
 * @param queues to send and to receive; 0: the kind's own, of a veth one for each CPU
 * @param group a number that {@link Links#deleteGroup} can name; 0 is the default group
 * @param alias a comment of up to 255 bytes; empty for none
 * @param up whether it starts up; links start down so that programs can be attached first
 * @param ipv6LinkLocal whether the kernel gives it an fe80:: address when it comes up
 * @param namespace where it is made; empty: where the socket is
 */
public record LinkSettings(
        String name,
        int index,
        Optional<HardwareAddress> mac,
        int mtu,
        int queues,
        int group,
        String alias,
        boolean up,
        boolean ipv6LinkLocal,
        Optional<NetNs> namespace) {

    public LinkSettings {
        checkName(name);
        if (index < 0 || mtu < 0 || queues < 0) {
            throw new IllegalArgumentException(
                    "index " + index + ", mtu " + mtu + ", " + queues + " queues of " + name);
        }
        if (alias.getBytes(StandardCharsets.UTF_8).length > 255) {
            throw new IllegalArgumentException("alias of " + name + " is over 255 bytes");
        }
    }

    /** As dev_valid_name() in net/core/dev.c. */
    static void checkName(String name) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1
                || length > 15
                || name.equals(".")
                || name.equals("..")
                || name.chars().anyMatch(c -> c == '/' || c == ':' || c == 0 || c <= ' ')) {
            throw new IllegalArgumentException("not a link name: '" + name + "'");
        }
    }

    /** {@return settings of a link that is down and leaves the rest to the kernel} */
    public static LinkSettings named(String name) {
        return new LinkSettings(
                name, 0, Optional.empty(), 0, 0, 0, "", false, true, Optional.empty());
    }

    public LinkSettings index(int ifindex) {
        return new LinkSettings(
                name, ifindex, mac, mtu, queues, group, alias, up, ipv6LinkLocal, namespace);
    }

    public LinkSettings mac(HardwareAddress address) {
        return new LinkSettings(
                name,
                index,
                Optional.of(address),
                mtu,
                queues,
                group,
                alias,
                up,
                ipv6LinkLocal,
                namespace);
    }

    public LinkSettings mtu(int bytes) {
        return new LinkSettings(
                name, index, mac, bytes, queues, group, alias, up, ipv6LinkLocal, namespace);
    }

    public LinkSettings queues(int number) {
        return new LinkSettings(
                name, index, mac, mtu, number, group, alias, up, ipv6LinkLocal, namespace);
    }

    public LinkSettings group(int number) {
        return new LinkSettings(
                name, index, mac, mtu, queues, number, alias, up, ipv6LinkLocal, namespace);
    }

    public LinkSettings alias(String text) {
        return new LinkSettings(
                name, index, mac, mtu, queues, group, text, up, ipv6LinkLocal, namespace);
    }

    /** Starts up at once. */
    public LinkSettings up(boolean start) {
        return new LinkSettings(
                name, index, mac, mtu, queues, group, alias, start, ipv6LinkLocal, namespace);
    }

    /** Has no fe80:: address of its own; addr_gen_mode none. */
    public LinkSettings withoutLinkLocal() {
        return new LinkSettings(name, index, mac, mtu, queues, group, alias, up, false, namespace);
    }

    /** Is made inside {@code target}, which must stay open until then. */
    public LinkSettings in(NetNs target) {
        return new LinkSettings(
                name,
                index,
                mac,
                mtu,
                queues,
                group,
                alias,
                up,
                ipv6LinkLocal,
                Optional.of(target));
    }
}
