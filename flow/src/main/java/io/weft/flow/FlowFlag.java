package io.weft.flow;

import java.util.Optional;

/** The flags of a {@link FlowQuery}, named and meant as in {@code hubble observe}. */
public enum FlowFlag {
    POD("--pod", "[NAMESPACE/]NAME", "either end, or the observer, is a pod whose name begins so"),
    FROM_POD("--from-pod", "[NAMESPACE/]NAME", "the source is a pod whose name begins so"),
    TO_POD("--to-pod", "[NAMESPACE/]NAME", "the destination is a pod whose name begins so"),
    NAMESPACE("--namespace", "NAME", "either end is a pod of this namespace"),
    FROM_NAMESPACE("--from-namespace", "NAME", "the source is a pod of this namespace"),
    TO_NAMESPACE("--to-namespace", "NAME", "the destination is a pod of this namespace"),
    IP("--ip", "IP|CIDR", "either end has this address, or one of this block"),
    FROM_IP("--from-ip", "IP|CIDR", "the source has this address, or one of this block"),
    TO_IP("--to-ip", "IP|CIDR", "the destination has this address, or one of this block"),
    PORT("--port", "PORT", "either end has this port"),
    FROM_PORT("--from-port", "PORT", "the source has this port"),
    TO_PORT("--to-port", "PORT", "the destination has this port"),
    LABEL("--label", "SELECTOR", "either end is a pod with these labels: 'app=web,tier!=db'"),
    FROM_LABEL("--from-label", "SELECTOR", "the source is a pod with these labels"),
    TO_LABEL("--to-label", "SELECTOR", "the destination is a pod with these labels"),
    PROTOCOL("--protocol", "NAME", "tcp, udp, sctp, icmp (both), icmpv4, icmpv6 or ip-NUMBER"),
    VERDICT("--verdict", "NAME", "forwarded, dropped or audit"),
    TYPE("--type", "NAME", "opened, denied, changed, closed, dropped or audit"),
    NOT("--not", "", "turns the meaning of the next filter around"),
    SINCE("--since", "DURATION|TIME", "not older than '5m', or than '2026-01-31T12:00:00Z'"),
    LAST("--last", "N", "the newest N of those that match"),
    FIRST("--first", "N", "the oldest N of those that match");

    private final String text;
    private final String argument;
    private final String help;

    FlowFlag(String text, String argument, String help) {
        this.text = text;
        this.argument = argument;
        this.help = help;
    }

    /** {@return what follows it: {@code IP|CIDR}; empty when it stands alone} */
    public String argument() {
        return argument;
    }

    /** {@return what it selects, for a usage text} */
    public String help() {
        return help;
    }

    static Optional<FlowFlag> find(String text) {
        for (FlowFlag flag : values()) {
            if (flag.text.equals(text)) {
                return Optional.of(flag);
            }
        }
        return Optional.empty();
    }

    /** {@return {@code --from-pod}} */
    @Override
    public String toString() {
        return text;
    }
}
