package io.weft.tables;

import java.util.Optional;

/** Why a packet went no further: {@code enum weft_reason}. */
public enum Reason {
    FORWARDED(0, "forwarded", "Nothing to do: the packet went on."),
    NO_WORKLOAD(
            1,
            "no-workload",
            "Wait until the workload is wired; if it stays, its interface is not Weft's to carry:"
                    + " see 'weft status'."),
    MALFORMED(
            2,
            "malformed",
            "A header is cut short or contradicts itself: capture on the workload's interface and"
                    + " look at the sender."),
    ETHERTYPE(
            3,
            "ethertype",
            "Only IPv4, IPv6 and ARP are carried: stop the sender, or use another network for this"
                    + " protocol."),
    EXTENSION_HEADERS(
            4,
            "extension-headers",
            "The packet has more IPv6 extension headers than Weft walks: send fewer."),
    SPOOFED(
            5,
            "spoofed",
            "The workload used a source address that is not its own: compare the addresses inside"
                    + " it with those that Weft gave it."),
    POLICY_EGRESS(
            6,
            "policy-egress",
            "An egress rule at the source denies it, or none allows it: 'weft why' names the rule."),
    POLICY_INGRESS(
            7,
            "policy-ingress",
            "An ingress rule at the destination denies it, or none allows it: 'weft why' names the"
                    + " rule."),
    FRAGMENT(
            8,
            "fragment",
            "The first fragment of the datagram was not let through or is not known: look for its"
                    + " own drop, or lower the sender's MTU so that it does not fragment."),
    DESTINATION(
            9,
            "destination",
            "The workload does not own the destination address: look for a stale route or"
                    + " neighbour entry on the sender's side."),
    CONNECTIONS_FULL(
            10,
            "connections-full",
            "The connection table is full: see 'weft top' for who holds it, and close or limit"
                    + " connections."),
    NEIGHBOUR(
            11,
            "neighbour",
            "The workload sent an ARP or ND message that it may not send, such as an answer for"
                    + " another's address: look for address conflicts inside it."),
    NO_ENDPOINT(
            12,
            "no-endpoint",
            "Nobody serves it, and the sender was told so: see 'weft get services', and whether the"
                    + " service's pods are ready."),
    NO_LOCAL_ENDPOINT(
            13,
            "no-local-endpoint",
            "The service is for endpoints on the client's or the entry node alone, and this one has"
                    + " none: see its traffic policies."),
    SOURCE_RANGE(
            14, "source-range", "The client is outside the service's loadBalancerSourceRanges."),
    NO_SERVICE(
            15,
            "no-service",
            "The address is kept for services, and none has it: the client uses the address of one"
                    + " that is gone."),
    MASQUERADE(
            16,
            "masquerade",
            "The node has no address of this family, or no free port for one more connection to"
                    + " this backend: see 'weft status', and add backends."),
    TRANSLATION(
            17,
            "translation",
            "It is a service's, but of no known connection, out of hops, or SCTP to another target"
                    + " port, which cannot be translated: let the client connect anew."),
    TOO_BIG(
            18,
            "too-big",
            "It does not fit the way to the backend's node with one header more, and the client was"
                    + " told the size that does: raise the MTU between the nodes, or let ICMP reach"
                    + " the client.");

    private static final Reason[] ALL = values();

    private final int code;
    private final String text;
    private final String advice;

    Reason(int code, String text, String advice) {
        this.code = code;
        this.text = text;
        this.advice = advice;
    }

    /** {@return the kernel's number} */
    public int code() {
        return code;
    }

    /** {@return one sentence of what to do} */
    public String advice() {
        return advice;
    }

    /** {@return whether a policy decided, and not the packet itself} */
    public boolean isPolicy() {
        return this == POLICY_EGRESS || this == POLICY_INGRESS;
    }

    /**
     * {@return the reason with this code}
     *
     * @throws IllegalArgumentException when there is none
     */
    public static Reason ofCode(int code) {
        if (code < 0 || code >= ALL.length) {
            throw Abi.unknown("reason", code);
        }
        return ALL[code];
    }

    /** {@return the reason that {@link #toString} writes so} */
    public static Optional<Reason> tryParse(String text) {
        for (Reason reason : ALL) {
            if (reason.text.equals(text)) {
                return Optional.of(reason);
            }
        }
        return Optional.empty();
    }

    /** {@return {@code policy-ingress}} */
    @Override
    public String toString() {
        return text;
    }
}
