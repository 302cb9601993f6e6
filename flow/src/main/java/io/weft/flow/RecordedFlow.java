package io.weft.flow;

import java.time.Instant;

/**
 * All connections between the same two parties to the same port, that got through or that did not.
 *
 * @param source that opened them
 * @param protocol IANA number
 * @param port of the destination; of ICMP and ICMPv6 the type; 0 for other protocols without ports
 * @param passed whether they got through
 * @param count of connections; a packet that is tried again counts once
 * @param lastSeen of the newest event
 */
public record RecordedFlow(
        FlowParty source,
        FlowParty destination,
        int protocol,
        int port,
        boolean passed,
        long count,
        Instant lastSeen) {
    /** {@return {@code 8080/TCP}, {@code 8/ICMPv4} or {@code IP-47}} */
    public String service() {
        return service(protocol, port);
    }

    /** {@return the same of any protocol and port} */
    public static String service(int protocol, int port) {
        return Protocols.hasPorts(protocol) || Protocols.isIcmp(protocol)
                ? port + "/" + Protocols.name(protocol)
                : Protocols.name(protocol);
    }
}
