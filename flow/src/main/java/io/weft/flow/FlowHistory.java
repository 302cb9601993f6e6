package io.weft.flow;

import io.weft.model.Entity;
import io.weft.model.Ip;
import io.weft.tables.EventType;
import io.weft.tables.Identities;
import io.weft.tables.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What was said, by whom to whom and on which port, over some time: events of the same connection
 * are one, and connections between the same parties are counted together. Immutable.
 *
 * @param flows by source, destination, protocol, port, those that passed first
 * @param since the oldest event that was looked at
 * @param lost events that the record itself says it misses
 */
public record FlowHistory(List<RecordedFlow> flows, Optional<Instant> since, long lost) {
    /** Distinct connections that one history tells apart. */
    static final int MAX_CONNECTIONS = 2_000_000;

    private static final Comparator<RecordedFlow> ORDER =
            Comparator.comparing((RecordedFlow flow) -> flow.source().name())
                    .thenComparing(flow -> flow.destination().name())
                    .thenComparingInt(RecordedFlow::protocol)
                    .thenComparingInt(RecordedFlow::port)
                    .thenComparing(RecordedFlow::passed, Comparator.reverseOrder())
                    .thenComparing(flow -> flow.source().ip())
                    .thenComparing(flow -> flow.destination().ip());

    /** Nothing was seen. */
    public static final FlowHistory EMPTY = new FlowHistory(List.of(), Optional.empty(), 0);

    public FlowHistory {
        flows = flows.stream().sorted(ORDER).toList();
    }

    /** {@return the history of a node's own flows} */
    public static FlowHistory of(Iterable<Flow> flows) {
        Builder builder = new Builder(Optional.empty());
        flows.forEach(builder::add);
        return builder.build();
    }

    /** {@return how many connections that is} */
    public long connections() {
        return flows.stream().mapToLong(RecordedFlow::count).sum();
    }

    /**
     * One event of a connection.
     *
     * @param opens whether it is the first packet, so that the same ports again are another one
     */
    record Event(
            Instant time,
            FlowParty source,
            int sourcePort,
            FlowParty destination,
            int protocol,
            int port,
            boolean passed,
            boolean opens) {}

    /** Collects events, in the order of time. */
    static final class Builder {
        private record Connection(
                Ip source,
                int sourcePort,
                Ip destination,
                int protocol,
                int port,
                boolean passed) {}

        /** Pods are told apart by name and family, others by address. */
        private record Key(
                String source,
                String destination,
                boolean v4,
                int protocol,
                int port,
                boolean passed) {}

        private final Optional<Instant> notBefore;
        private final Set<Connection> seen = new HashSet<>();
        private final Map<Key, RecordedFlow> flows = new HashMap<>();
        private Optional<Instant> oldest = Optional.empty();
        private long lost;

        /**
         * @param notBefore nothing older counts
         */
        Builder(Optional<Instant> notBefore) {
            this.notBefore = notBefore;
        }

        /** Adds an event of this node, unless it is no connection's that policy judges. */
        void add(Flow flow) {
            boolean passed = flow.verdict() != FlowVerdict.DROPPED;
            if (!flow.isIp()
                    || flow.type() == EventType.DROPPED
                    || (!passed && !byPolicy(flow.reason()))) {
                return;
            }
            add(
                    new Event(
                            flow.time(),
                            party(flow.source()),
                            flow.source().port(),
                            party(flow.destination()),
                            flow.protocol(),
                            Protocols.isIcmp(flow.protocol())
                                    ? flow.icmpType()
                                    : flow.hasPorts() ? flow.destination().port() : 0,
                            passed,
                            flow.type() == EventType.OPENED));
        }

        private static FlowParty party(FlowEnd end) {
            if (end.pod().isPresent()) {
                return new FlowParty.OfPod(end.pod().get(), end.ip());
            }
            return end.identity() == Identities.HOST
                    ? new FlowParty.OfEntity(Entity.HOST, end.ip())
                    : new FlowParty.OfAddress(end.ip());
        }

        void add(Event event) {
            if (notBefore.isPresent() && event.time().isBefore(notBefore.get())) {
                return;
            }
            if (oldest.isEmpty() || event.time().isBefore(oldest.get())) {
                oldest = Optional.of(event.time());
            }
            Ip from = event.source().ip();
            Ip to = event.destination().ip();
            boolean another =
                    seen.add(
                            new Connection(
                                    from,
                                    event.sourcePort(),
                                    to,
                                    event.protocol(),
                                    event.port(),
                                    event.passed()));
            if (seen.size() > MAX_CONNECTIONS) {
                throw new FlowFileException(
                        "more than "
                                + MAX_CONNECTIONS
                                + " connections: look at less of them, with --since");
            }
            flows.merge(
                    new Key(
                            name(event.source()),
                            name(event.destination()),
                            to.isV4(),
                            event.protocol(),
                            event.port(),
                            event.passed()),
                    new RecordedFlow(
                            event.source(),
                            event.destination(),
                            event.protocol(),
                            event.port(),
                            event.passed(),
                            another || event.opens() ? 1 : 0,
                            event.time()),
                    Builder::merge);
        }

        /** A pod may be called as an entity is. */
        private static String name(FlowParty party) {
            return switch (party) {
                case FlowParty.OfPod pod -> "pod " + pod.name();
                case FlowParty.OfEntity entity -> entity.name() + " " + entity.ip();
                case FlowParty.OfAddress address -> address.name();
            };
        }

        /** The newer one says who the parties are now. */
        private static RecordedFlow merge(RecordedFlow a, RecordedFlow b) {
            RecordedFlow newer = b.lastSeen().isBefore(a.lastSeen()) ? a : b;
            return new RecordedFlow(
                    newer.source(),
                    newer.destination(),
                    newer.protocol(),
                    newer.port(),
                    newer.passed(),
                    a.count() + b.count(),
                    newer.lastSeen());
        }

        private static boolean byPolicy(Reason reason) {
            return reason == Reason.POLICY_EGRESS || reason == Reason.POLICY_INGRESS;
        }

        void lost(long count) {
            lost += count;
        }

        FlowHistory build() {
            return new FlowHistory(new ArrayList<>(flows.values()), oldest, lost);
        }
    }
}
