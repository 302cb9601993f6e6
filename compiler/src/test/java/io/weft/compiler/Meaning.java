package io.weft.compiler;

import io.weft.model.Ip;
import io.weft.model.Prefix;
import io.weft.model.Ref;
import io.weft.tables.Direction;
import io.weft.tables.Group;
import io.weft.tables.Identities;
import io.weft.tables.MatchKey;
import io.weft.tables.NodePolicy;
import io.weft.tables.PodPolicy;
import io.weft.tables.Rule;
import io.weft.tables.Tables;
import io.weft.tables.Verdict;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Tables without their numbers, so that two lineages can be compared. */
record Meaning(
        Map<Ip, Object> pods,
        Map<Prefix, Object> blocks,
        Map<Ref, PodMeaning> policies,
        Set<GroupMeaning> groups,
        Map<Object, List<Object>> nodes,
        int identities) {

    record PodMeaning(Object identity, Object egress, Object ingress, boolean audit) {}

    record GroupMeaning(Direction direction, Rule defaultRule, Map<EntryMeaning, Rule> entries) {}

    record EntryMeaning(Object identity, MatchKey key, Verdict verdict) {}

    static Meaning of(Compilation compilation) {
        Tables tables = compilation.tables();
        Map<Integer, Object> groups = new HashMap<>();
        groups.put(Group.OPEN, "open");
        tables.groups().forEach((id, group) -> groups.put(id, group(compilation, group)));
        Map<Ip, Object> pods = new HashMap<>();
        tables.podIdentities().forEach((ip, id) -> pods.put(ip, identity(compilation, id)));
        Map<Prefix, Object> blocks = new HashMap<>();
        tables.blockIdentities()
                .forEach((block, id) -> blocks.put(block, identity(compilation, id)));
        Map<Ref, PodMeaning> policies = new HashMap<>();
        for (Map.Entry<Ref, PodPolicy> entry : tables.pods().entrySet()) {
            PodPolicy policy = entry.getValue();
            policies.put(
                    entry.getKey(),
                    new PodMeaning(
                            identity(compilation, policy.identity()),
                            get(groups, policy.egressGroup()),
                            get(groups, policy.ingressGroup()),
                            policy.audit()));
        }
        Set<GroupMeaning> distinct = new HashSet<>();
        tables.groups().values().forEach(group -> distinct.add(group(compilation, group)));
        Map<Object, List<Object>> nodes = new HashMap<>();
        Map<Object, NodePolicy> all = new HashMap<>(tables.nodes());
        all.put("this one", tables.host());
        all.forEach((who, policy) ->
                nodes.put(
                        who,
                        List.of(
                                get(groups, policy.egressGroup()),
                                get(groups, policy.ingressGroup()))));
        return new Meaning(
                pods,
                blocks,
                policies,
                distinct,
                nodes,
                compilation.state().identities.byId().size());
    }

    private static GroupMeaning group(Compilation compilation, Group group) {
        Map<EntryMeaning, Rule> entries = new HashMap<>();
        group.entries()
                .forEach((key, verdict) ->
                        entries.put(
                                new EntryMeaning(
                                        identity(compilation, key.identity()),
                                        new MatchKey(0, key.protocol(), key.port(), key.bits()),
                                        new Verdict(verdict.action(), verdict.precedence(), 0)),
                                rule(compilation, verdict.rule())));
        return new GroupMeaning(group.direction(), rule(compilation, group.defaultRule()), entries);
    }

    private static Rule rule(Compilation compilation, int id) {
        return compilation.tables().rules().find(id).orElseThrow();
    }

    private static Object identity(Compilation compilation, int id) {
        return switch (id) {
            case Identities.ANY -> "any";
            case Identities.HOST -> "host";
            case Identities.WORLD -> "world";
            default -> get(compilation.state().identities.byId(), id);
        };
    }

    private static <K, V> V get(Map<K, V> map, K key) {
        V value = map.get(key);
        if (value == null) {
            throw new AssertionError(key + " stands for nothing");
        }
        return value;
    }
}
