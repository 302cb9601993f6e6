package io.weft.tables;

import io.weft.model.Ip;
import io.weft.model.Prefix;
import io.weft.model.Ref;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What happens to a new connection to a {@link FrontendKey}.
 *
 * @param service that it is of; for {@link Exposure#HOST_PORT} the pod
 * @param port name of the service's port; empty when it has none; for host ports the pod's own
 * @param inside for clients on this node: its pods and itself
 * @param outside for all others
 * @param masquerade whose address the node's own takes the place of, so that the answer comes back
 *     this way; besides, that of a client which is the chosen backend itself, always
 * @param direct whether the node of a backend elsewhere answers clients outside itself, whose
 *     packets it gets unchanged inside of others; those of the cluster are masqueraded all the same
 * @param affinity how long a silent client keeps its backend
 * @param sourceRanges who may use it; empty: everyone
 */
public record Frontend(
        Ref service,
        String port,
        Exposure exposure,
        BackendSet.Id inside,
        BackendSet.Id outside,
        Masquerade masquerade,
        boolean direct,
        Optional<Duration> affinity,
        List<Prefix> sourceRanges,
        boolean terminateConnections) {
    /** As what a service is reached. */
    public enum Exposure {
        CLUSTER_IP,
        EXTERNAL_IP,
        LOAD_BALANCER,
        NODE_PORT,
        /** Of a pod: there is no service. */
        HOST_PORT;

        /** {@return whether it is meant for clients outside the cluster} */
        public boolean external() {
            return this != CLUSTER_IP;
        }
    }

    /** Where a client is, as this node sees it. */
    public enum Client {
        /** A pod of this node, or an address of its pod CIDRs. */
        POD,
        /** This node itself. */
        NODE,
        OUTSIDE;

        /** {@return whether {@link Frontend#inside} holds for it} */
        public boolean inside() {
            return this != OUTSIDE;
        }
    }

    /** Which clients' addresses the node's own takes the place of. */
    public record Masquerade(boolean pods, boolean node, boolean outside) {
        public static final Masquerade NONE = new Masquerade(false, false, false);
        public static final Masquerade ALL = new Masquerade(true, true, true);

        public boolean of(Client client) {
            return switch (client) {
                case POD -> pods;
                case NODE -> node;
                case OUTSIDE -> outside;
            };
        }
    }

    public Frontend {
        sourceRanges = List.copyOf(sourceRanges);
    }

    /** {@return the set among which a client chooses} */
    public BackendSet.Id set(Client client) {
        return client.inside() ? inside : outside;
    }

    /** {@return whether a client may use it} */
    public boolean admits(Ip client) {
        return sourceRanges.isEmpty() || sourceRanges.stream().anyMatch(r -> r.contains(client));
    }
}
