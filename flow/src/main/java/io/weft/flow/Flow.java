package io.weft.flow;

import io.weft.model.Ref;
import io.weft.tables.Abi;
import io.weft.tables.Direction;
import io.weft.tables.EventType;
import io.weft.tables.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One thing that the datapath saw, with names. The source is the end that opened the connection.
 *
 * @param reason {@link Reason#FORWARDED} unless dropped; of verdict AUDIT, what it would have been
 *     dropped for
 * @param direction as seen from the workload whose hook saw it; empty when that is not known
 * @param protocol IANA number; 0 when the packet is not IP
 * @param icmpType ICMP and ICMPv6 only
 * @param egress what judged it at the source; empty when the source is no local workload
 * @param ingress what judged it at the destination; likewise
 * @param observer the workload whose hook saw it; of a spoofed packet the one that sent it
 * @param traffic of a closed connection all of it, else the one packet, or zero when the event does
 *     not count
 * @param duration of a closed connection
 * @param revision under which it was judged
 * @param slot of the observer on this node, or {@link Abi#NO_SLOT}
 */
public record Flow(
        Instant time,
        EventType type,
        FlowVerdict verdict,
        Reason reason,
        Optional<Direction> direction,
        int protocol,
        int icmpType,
        FlowEnd source,
        FlowEnd destination,
        Optional<FlowRule> egress,
        Optional<FlowRule> ingress,
        Optional<Ref> observer,
        Traffic traffic,
        Optional<Duration> duration,
        int revision,
        int slot) {

    /**
     * {@return the rule that made the verdict} Of a packet that policy dropped it is that of the
     * side which dropped it. Of an allowed one, where both sides agreed, it is a policy's rule
     * before one that always holds, then the destination's before the source's. Empty when policy
     * did not decide.
     */
    public Optional<FlowRule> rule() {
        return switch (reason) {
            case POLICY_EGRESS -> egress;
            case POLICY_INGRESS -> ingress;
            case FORWARDED ->
                    ingress.filter(FlowRule::ofPolicy)
                            .or(() -> egress.filter(FlowRule::ofPolicy))
                            .or(() -> ingress)
                            .or(() -> egress);
            case NO_WORKLOAD,
                    MALFORMED,
                    ETHERTYPE,
                    EXTENSION_HEADERS,
                    SPOOFED,
                    FRAGMENT,
                    DESTINATION,
                    CONNECTIONS_FULL,
                    NEIGHBOUR,
                    NO_ENDPOINT,
                    NO_LOCAL_ENDPOINT,
                    SOURCE_RANGE,
                    NO_SERVICE,
                    MASQUERADE,
                    TRANSLATION,
                    TOO_BIG ->
                    Optional.empty();
        };
    }

    /** {@return {@code TCP}, {@code UDP}, {@code SCTP}, {@code ICMPv4}, … or {@code IP-47}} */
    public String protocolName() {
        return isIp() ? Protocols.name(protocol) : "non-IP";
    }

    public boolean isIp() {
        return source.hasIp() || destination.hasIp();
    }

    public boolean hasPorts() {
        return Protocols.hasPorts(protocol);
    }
}
