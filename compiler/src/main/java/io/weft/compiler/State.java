package io.weft.compiler;

import io.weft.model.Ip;
import io.weft.model.OrderedMap;
import io.weft.model.PersistentMap;
import io.weft.model.Prefix;
import io.weft.model.Ref;
import io.weft.model.Snapshot;
import io.weft.tables.Group;
import io.weft.tables.Identities;
import io.weft.tables.NodePolicy;
import io.weft.tables.PodPolicy;
import io.weft.tables.Rule;
import io.weft.tables.Rules;
import io.weft.tables.Tables;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that is derived from one snapshot. Only a {@link Step} writes to it, and only to its
 * own {@link #copy}, which costs a few references; after the step it never changes again.
 */
final class State {
    /** A node that some policy selects. */
    record NodeGroups(Optional<GroupKey> egress, Optional<GroupKey> ingress) {
        boolean isEmpty() {
            return egress.isEmpty() && ingress.isEmpty();
        }
    }

    /** So many rules of the past keep their number, for flow events that still name them. */
    private static final int KEPT_RULES = 8192;

    /** A pod that counts for policy. */
    record Endpoint(
            List<Ip> ips,
            List<IdentityClass> classes,
            Optional<GroupKey> egress,
            Optional<GroupKey> ingress,
            boolean audit) {}

    /**
     * @param members identities that match
     * @param groups ids of the groups with a clause about it
     */
    record Matches(IdSet members, IdSet groups) {
        static final Matches NONE = new Matches(IdSet.EMPTY, IdSet.EMPTY);
    }

    Snapshot snapshot = Snapshot.EMPTY;

    /** Addresses of this node. */
    Set<Ip> nodes;

    final CompilerOptions options;

    PersistentMap<Ref, List<Statement>> statements = PersistentMap.empty();

    /** Those of policies without a namespace under the empty name. */
    PersistentMap<String, List<Statement>> statementsByNamespace = PersistentMap.empty();

    PersistentMap<Ref, Boolean> namesServices = PersistentMap.empty();

    Counts<String> namespaceKeys = new Counts<>();
    Counts<String> podKeys = new Counts<>();
    Counts<String> nodeKeys = new Counts<>();
    Counts<Ports.Name> egressNames = new Counts<>();
    Counts<Remote.IpBlock> ipBlocks = new Counts<>();
    Counts<Remote> remotes = new Counts<>();

    Regions regions = new Regions();
    PersistentMap<Ip, IdentityClass.OfNode> nodeClasses = PersistentMap.empty();
    PersistentMap<Ref, Endpoint> endpoints = PersistentMap.empty();
    PersistentMap<String, NodeGroups> nodeGroups = PersistentMap.empty();
    OrderedMap<Ip, List<Ref>> owners = OrderedMap.empty();
    PersistentMap<Remote, Matches> matches = PersistentMap.empty();
    Facet.Index<Remote> remotesByFacet = Facet.Index.empty();
    Facet.Index<Integer> identitiesByFacet = Facet.Index.empty();
    PersistentMap<Integer, GroupEntries> groupEntries = PersistentMap.empty();

    /** Policy → groups that it is part of. */
    PersistentMap<Ref, IdSet> groupsByPolicy = PersistentMap.empty();

    Numbering<IdentityClass> identities = new Numbering<>(Identities.FIRST, 0);
    Numbering<GroupKey> groups = new Numbering<>(Group.OPEN + 1, 0);
    Numbering<Rule> rules = new Numbering<>(Rules.FIRST, KEPT_RULES);

    PersistentMap<Ip, Integer> podIdentities = PersistentMap.empty();
    PersistentMap<Prefix, Integer> blockIdentities = PersistentMap.empty();
    PersistentMap<Integer, Group> groupTable = PersistentMap.empty();
    PersistentMap<Ref, PodPolicy> podTable = PersistentMap.empty();
    PersistentMap<Ip, NodePolicy> nodeTable = PersistentMap.empty();
    NodePolicy host = NodePolicy.OPEN;
    final ServiceState services;

    /** No resources at all. */
    State(Set<Ip> nodes, CompilerOptions options) {
        this.nodes = Set.copyOf(nodes);
        this.options = options;
        services = new ServiceState(this.nodes, options.services());
        for (Ip ip : this.nodes) {
            podIdentities = podIdentities.with(ip, Identities.HOST);
        }
        blockIdentities =
                blockIdentities
                        .with(Prefix.ALL_V4, Identities.WORLD)
                        .with(Prefix.ALL_V6, Identities.WORLD);
    }

    private State(State from) {
        nodes = from.nodes;
        options = from.options;
        snapshot = from.snapshot;
        statements = from.statements;
        statementsByNamespace = from.statementsByNamespace;
        namesServices = from.namesServices;
        namespaceKeys = from.namespaceKeys.copy();
        podKeys = from.podKeys.copy();
        nodeKeys = from.nodeKeys.copy();
        egressNames = from.egressNames.copy();
        ipBlocks = from.ipBlocks.copy();
        remotes = from.remotes.copy();
        regions = from.regions;
        nodeClasses = from.nodeClasses;
        endpoints = from.endpoints;
        nodeGroups = from.nodeGroups;
        owners = from.owners;
        matches = from.matches;
        remotesByFacet = from.remotesByFacet;
        identitiesByFacet = from.identitiesByFacet;
        groupEntries = from.groupEntries;
        groupsByPolicy = from.groupsByPolicy;
        identities = from.identities.copy();
        groups = from.groups.copy();
        rules = from.rules.copy();
        podIdentities = from.podIdentities;
        blockIdentities = from.blockIdentities;
        groupTable = from.groupTable;
        podTable = from.podTable;
        nodeTable = from.nodeTable;
        host = from.host;
        services = from.services.copy();
    }

    State copy() {
        return new State(this);
    }

    Tables tables() {
        return new Tables(
                podIdentities,
                blockIdentities,
                groupTable,
                podTable,
                nodeTable,
                host,
                new Rules(rules.byId()),
                services.table());
    }

    /** {@return the pod that answers for an address} */
    Optional<Ref> owner(Ip ip) {
        List<Ref> refs = owners.getOrDefault(ip, List.of());
        return refs.isEmpty() ? Optional.empty() : Optional.of(refs.getFirst());
    }
}
