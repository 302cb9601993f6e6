package io.weft.tables;

import io.weft.model.Ip;
import io.weft.model.Prefix;
import io.weft.model.Ref;
import java.util.Map;

/**
 * Everything that the kernel decides by, for one {@link io.weft.model.Snapshot}. Immutable; parts
 * that a change does not touch are the same objects in the next Tables.
 *
 * @param podIdentities address of each pod → identity; longest of all prefixes
 * @param blockIdentities CIDR blocks that policies name, and the two that hold everything →
 *     identity
 * @param groups by {@link Group#id}; without {@link Group#OPEN}
 * @param pods every pod that counts for policy
 * @param nodes address of each other node that a policy selects
 * @param host this node
 * @param services empty while nobody serves anything
 */
public record Tables(
        Map<Ip, Integer> podIdentities,
        Map<Prefix, Integer> blockIdentities,
        Map<Integer, Group> groups,
        Map<Ref, PodPolicy> pods,
        Map<Ip, NodePolicy> nodes,
        NodePolicy host,
        Rules rules,
        ServiceTable services) {
    /** No pods and no policies: everything is {@link Identities#WORLD}. */
    public static final Tables EMPTY =
            new Tables(
                    Map.of(),
                    Map.of(Prefix.ALL_V4, Identities.WORLD, Prefix.ALL_V6, Identities.WORLD),
                    Map.of(),
                    Map.of(),
                    new Rules(Map.of()));

    /** Makes tables in which no policy selects a node. */
    public Tables(
            Map<Ip, Integer> podIdentities,
            Map<Prefix, Integer> blockIdentities,
            Map<Integer, Group> groups,
            Map<Ref, PodPolicy> pods,
            Rules rules) {
        this(podIdentities, blockIdentities, groups, pods, Map.of(), NodePolicy.OPEN, rules);
    }

    /** Makes tables without services. */
    public Tables(
            Map<Ip, Integer> podIdentities,
            Map<Prefix, Integer> blockIdentities,
            Map<Integer, Group> groups,
            Map<Ref, PodPolicy> pods,
            Map<Ip, NodePolicy> nodes,
            NodePolicy host,
            Rules rules) {
        this(podIdentities, blockIdentities, groups, pods, nodes, host, rules, ServiceTable.EMPTY);
    }

    /** {@return the identity of an address, by longest prefix} */
    public int identityOf(Ip ip) {
        Integer exact = podIdentities.get(ip);
        return exact != null ? exact : blockIdentityOf(Prefix.of(ip));
    }

    /** {@return the identity of the longest block that holds all of {@code prefix}} */
    public int blockIdentityOf(Prefix prefix) {
        for (int length = prefix.length(); length >= 0; length--) {
            Integer identity = blockIdentities.get(new Prefix(prefix.ip(), length));
            if (identity != null) {
                return identity;
            }
        }
        return Identities.WORLD;
    }
}
