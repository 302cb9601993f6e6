package io.weft.datapath;

import io.weft.model.Ip;
import io.weft.model.Prefix;
import io.weft.model.Ref;
import io.weft.tables.Action;
import io.weft.tables.Direction;
import io.weft.tables.Group;
import io.weft.tables.Identities;
import io.weft.tables.MatchKey;
import io.weft.tables.NodePolicy;
import io.weft.tables.PodPolicy;
import io.weft.tables.Rules;
import io.weft.tables.Tables;
import io.weft.tables.Verdict;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tables by hand. */
final class TestTables {
    private final Map<Ip, Integer> pods = new HashMap<>();
    private final Map<Prefix, Integer> blocks = new HashMap<>();
    private final Map<Integer, Group> groups = new HashMap<>();
    private final Map<Ref, PodPolicy> policies = new LinkedHashMap<>();
    private NodePolicy host = NodePolicy.OPEN;

    TestTables() {
        blocks.put(Prefix.ALL_V4, Identities.WORLD);
        blocks.put(Prefix.ALL_V6, Identities.WORLD);
    }

    static Ref ref(String name) {
        return Ref.pod("t", name);
    }

    /** A pod that nothing isolates. */
    TestTables pod(String name, int identity, Ip... ips) {
        for (Ip ip : ips) {
            pods.put(ip, identity);
        }
        policies.put(ref(name), new PodPolicy(identity, Group.OPEN, Group.OPEN));
        return this;
    }

    TestTables node(Ip... ips) {
        for (Ip ip : ips) {
            pods.put(ip, Identities.HOST);
        }
        return this;
    }

    TestTables block(String prefix, int identity) {
        blocks.put(Prefix.parse(prefix), identity);
        return this;
    }

    /** Isolates a pod in one direction: only {@code entries} pass, {@code defaultRule} denies. */
    TestTables isolate(
            String pod, Direction direction, int defaultRule, Map<MatchKey, Verdict> entries) {
        int id = groups.size() + 1;
        groups.put(id, new Group(id, direction, defaultRule, Map.copyOf(entries)));
        PodPolicy old = policies.get(ref(pod));
        if (old == null) {
            throw new IllegalArgumentException("no pod " + pod);
        }
        policies.put(
                ref(pod),
                direction == Direction.EGRESS
                        ? new PodPolicy(old.identity(), id, old.ingressGroup())
                        : new PodPolicy(old.identity(), old.egressGroup(), id));
        return this;
    }

    /** As {@link #isolate}, of the node itself. */
    TestTables isolateNode(Direction direction, int defaultRule, Map<MatchKey, Verdict> entries) {
        int id = groups.size() + 1;
        groups.put(id, new Group(id, direction, defaultRule, Map.copyOf(entries)));
        host =
                direction == Direction.EGRESS
                        ? new NodePolicy(id, host.ingressGroup())
                        : new NodePolicy(host.egressGroup(), id);
        return this;
    }

    /** What a pod's policy denies passes, and is told of. */
    TestTables audit(String pod) {
        policies.computeIfPresent(
                ref(pod),
                (_, old) ->
                        new PodPolicy(old.identity(), old.egressGroup(), old.ingressGroup(), true));
        return this;
    }

    static Verdict allow(int rule) {
        return new Verdict(Action.ALLOW, 1, rule);
    }

    Tables build() {
        return new Tables(pods, blocks, groups, policies, Map.of(), host, new Rules(Map.of()));
    }
}
