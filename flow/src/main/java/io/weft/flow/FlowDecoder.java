package io.weft.flow;

import io.weft.model.Ip;
import io.weft.model.Ref;
import io.weft.tables.Direction;
import io.weft.tables.EventRecord;
import io.weft.tables.EventType;
import io.weft.tables.Reason;
import io.weft.tables.Rules;
import java.time.Duration;
import java.util.Optional;

/** Gives events their names. Stateless but for the names, so any thread may use it. */
public final class FlowDecoder {
    private final FlowClock clock;
    private final NameBook names;

    public FlowDecoder(FlowClock clock, NameBook names) {
        this.clock = clock;
        this.names = names;
    }

    /** {@return the event with the names that hold now} */
    public Flow flow(EventRecord event) {
        Optional<Ref> observer = names.workload(event.slot());
        // A forged source address is not its owner's doing.
        boolean forged = event.reason() == Reason.SPOOFED || event.reason() == Reason.NEIGHBOUR;
        FlowEnd source = end(event.source(), event.sourcePort(), event.sourceIdentity(), !forged);
        FlowEnd destination =
                end(
                        event.destination(),
                        event.destinationPort(),
                        event.destinationIdentity(),
                        true);
        return new Flow(
                clock.at(event.time()),
                event.type(),
                verdict(event),
                event.reason(),
                direction(event, observer, source, destination),
                event.protocol(),
                event.icmpType(),
                source,
                destination,
                rule(event.egressRule(), Direction.EGRESS),
                rule(event.ingressRule(), Direction.INGRESS),
                observer,
                new Traffic(
                        event.sourcePackets(),
                        event.destinationPackets(),
                        event.sourceBytes(),
                        event.destinationBytes()),
                event.type() == EventType.CLOSED
                        ? Optional.of(Duration.ofNanos(event.time() - event.created()))
                        : Optional.empty(),
                event.revision(),
                event.slot());
    }

    /** A connection that is closed or told of as AUDIT has passed, whatever the reason. */
    private static FlowVerdict verdict(EventRecord event) {
        if (event.reason() == Reason.FORWARDED) {
            return FlowVerdict.FORWARDED;
        }
        return switch (event.type()) {
            case AUDIT, CLOSED -> FlowVerdict.AUDIT;
            case OPENED, DENIED, CHANGED, DROPPED -> FlowVerdict.DROPPED;
        };
    }

    private FlowEnd end(Ip ip, int port, int identity, boolean named) {
        return new FlowEnd(ip, port, identity, named ? names.pod(ip) : Optional.empty());
    }

    private Optional<FlowRule> rule(int id, Direction side) {
        return id == Rules.NONE
                ? Optional.empty()
                : Optional.of(new FlowRule(id, side, names.rule(id)));
    }

    private static Optional<Direction> direction(
            EventRecord event, Optional<Ref> observer, FlowEnd source, FlowEnd destination) {
        return switch (event.reason()) {
            case POLICY_EGRESS, SPOOFED, NEIGHBOUR -> Optional.of(Direction.EGRESS);
            case POLICY_INGRESS, DESTINATION -> Optional.of(Direction.INGRESS);
            case FORWARDED,
                    NO_WORKLOAD,
                    MALFORMED,
                    ETHERTYPE,
                    EXTENSION_HEADERS,
                    FRAGMENT,
                    CONNECTIONS_FULL,
                    NO_ENDPOINT,
                    NO_LOCAL_ENDPOINT,
                    SOURCE_RANGE,
                    NO_SERVICE,
                    MASQUERADE,
                    TRANSLATION,
                    TOO_BIG -> {
                if (observer.isPresent() && observer.equals(source.pod().map(NamedPod::ref))) {
                    yield Optional.of(Direction.EGRESS);
                }
                if (observer.isPresent() && observer.equals(destination.pod().map(NamedPod::ref))) {
                    yield Optional.of(Direction.INGRESS);
                }
                if (event.egressRule() != Rules.NONE) {
                    yield Optional.of(Direction.EGRESS);
                }
                yield event.ingressRule() != Rules.NONE
                        ? Optional.of(Direction.INGRESS)
                        : Optional.empty();
            }
        };
    }
}
