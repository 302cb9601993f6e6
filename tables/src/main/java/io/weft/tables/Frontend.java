package io.weft.tables;

import io.weft.model.Prefix;
import io.weft.model.Ref;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What happens to a new connection to a {@link FrontendKey}.
 *
 * @param port name of the service's port; empty when it has none
 * @param inside for clients on this node: its pods and itself
 * @param outside for all others
 * @param masqueradeOutside whether the node's own address takes the place of an outside client's, so
 *     that the answer comes back this way
 * @param affinity how long a silent client keeps its backend
 * @param sourceRanges who may use it; empty: everyone
 */
public record Frontend(
        Ref service,
        String port,
        Exposure exposure,
        BackendSet.Id inside,
        BackendSet.Id outside,
        boolean masqueradeOutside,
        Optional<Duration> affinity,
        List<Prefix> sourceRanges,
        boolean terminateConnections) {
    /** As what a service is reached. */
    public enum Exposure {
        CLUSTER_IP,
        EXTERNAL_IP,
        LOAD_BALANCER,
        NODE_PORT;

        /** {@return whether it is meant for clients outside the cluster} */
        public boolean external() {
            return this != CLUSTER_IP;
        }
    }

    public Frontend {
        sourceRanges = List.copyOf(sourceRanges);
    }
}
