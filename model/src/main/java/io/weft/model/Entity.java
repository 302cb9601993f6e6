package io.weft.model;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The peers that Cilium names without selectors ({@code pkg/policy/api/entity.go}). */
public enum Entity {
    /** Everyone, inside and outside. */
    ALL("all"),
    /** Every address outside of the cluster. */
    WORLD("world"),
    WORLD_IPV4("world-ipv4"),
    WORLD_IPV6("world-ipv6"),
    /** Everything inside: pods, nodes, and the entities below but NONE. */
    CLUSTER("cluster"),
    /** The pod's own node, with the pods of its network. */
    HOST("host"),
    /** Every other node. */
    REMOTE_NODE("remote-node"),
    /** Pods whose labels are not known yet. */
    INIT("init"),
    /** The endpoints of Cilium's own health checks. */
    HEALTH("health"),
    /** Pods of the cluster that the network does not manage. */
    UNMANAGED("unmanaged"),
    /** The API server, inside or outside. */
    KUBE_APISERVER("kube-apiserver"),
    /** The proxy of Ingress and Gateway. */
    INGRESS("ingress"),
    /** Nobody. */
    NONE("none");

    private final String text;

    Entity(String text) {
        this.text = text;
    }

    /** {@return the entity spelled as Cilium spells it; case counts} */
    public static Optional<Entity> tryParse(String text) {
        return Arrays.stream(values()).filter(e -> e.text.equals(text)).findFirst();
    }

    static List<String> spellings() {
        return Arrays.stream(values()).map(Entity::toString).toList();
    }

    /** {@return as manifests spell it: {@code remote-node}} */
    @Override
    public String toString() {
        return text;
    }
}
