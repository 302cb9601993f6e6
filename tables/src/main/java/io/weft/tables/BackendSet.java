package io.weft.tables;

import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Service.Balancing;
import java.util.List;

/**
 * The backends among which a new connection chooses: of one port of a service, one family, and one
 * kind of client. Several frontends may share it.
 *
 * @param backends in their order, each once; empty: {@code whenEmpty}
 * @param sticky whether a client keeps its backend ({@link Frontend#affinity})
 * @param handed those of this node to which other nodes may hand packets of clients outside ({@link
 *     Frontend#direct}), whether or not one is chosen from here
 */
public record BackendSet(
        Id id,
        List<Backend> backends,
        WhenEmpty whenEmpty,
        Balancing balancing,
        boolean sticky,
        List<Backend> handed) {
    /** Which clients it is for. */
    public enum Scope {
        /** Every endpoint that may be used from here. */
        CLUSTER,
        /** Those on this node alone: a traffic policy of Local. */
        LOCAL
    }

    /**
     * @param port name of the service's port; empty when it has none
     */
    public record Id(Ref service, String port, Protocol protocol, boolean v4, Scope scope)
            implements Comparable<Id> {
        @Override
        public int compareTo(Id other) {
            int c = service.compareTo(other.service);
            c = c != 0 ? c : port.compareTo(other.port);
            c = c != 0 ? c : protocol.compareTo(other.protocol);
            c = c != 0 ? c : Boolean.compare(other.v4, v4);
            return c != 0 ? c : scope.compareTo(other.scope);
        }
    }

    /** What becomes of a packet that finds no backend. */
    public enum WhenEmpty {
        /** Nobody serves it anywhere: TCP RST, ICMP port unreachable. */
        REJECT,
        /** It is served elsewhere, but not for this client: silence, so that others can answer. */
        DROP
    }

    /** Makes one to which no other node hands anything. */
    public BackendSet(
            Id id,
            List<Backend> backends,
            WhenEmpty whenEmpty,
            Balancing balancing,
            boolean sticky) {
        this(id, backends, whenEmpty, balancing, sticky, List.of());
    }

    public BackendSet {
        handed = List.copyOf(handed);
        backends = List.copyOf(backends);
    }
}
