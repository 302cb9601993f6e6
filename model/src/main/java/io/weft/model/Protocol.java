package io.weft.model;

import java.util.Optional;

/** The transport protocols that a policy port may name, with their IANA numbers. */
public enum Protocol {
    TCP(6),
    UDP(17),
    SCTP(132);

    private final int number;

    Protocol(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /** {@return the protocol spelled as Kubernetes spells it; case counts} */
    public static Optional<Protocol> tryParse(String text) {
        return switch (text) {
            case "TCP" -> Optional.of(TCP);
            case "UDP" -> Optional.of(UDP);
            case "SCTP" -> Optional.of(SCTP);
            default -> Optional.empty();
        };
    }
}
