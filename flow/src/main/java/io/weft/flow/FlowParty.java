package io.weft.flow;

import io.weft.model.Entity;
import io.weft.model.Ip;

/** Who one end of a recorded flow was. */
public sealed interface FlowParty {
    /** {@return the address that it had} */
    Ip ip();

    /** {@return {@code shop/web}, {@code host}, or the address} */
    String name();

    /** A pod, by the name and labels that it had. */
    record OfPod(NamedPod pod, Ip ip) implements FlowParty {
        @Override
        public String name() {
            return pod.ref().path();
        }
    }

    /**
     * What belongs to the cluster and is no pod.
     *
     * @param entity {@link Entity#HOST}, {@link Entity#REMOTE_NODE}, …, never the world
     */
    record OfEntity(Entity entity, Ip ip) implements FlowParty {
        @Override
        public String name() {
            return entity.toString();
        }
    }

    /** An address outside of the cluster. */
    record OfAddress(Ip ip) implements FlowParty {
        @Override
        public String name() {
            return ip.toString();
        }
    }
}
