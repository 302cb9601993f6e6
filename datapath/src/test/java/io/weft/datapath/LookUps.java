package io.weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bpf.Codec;
import io.weft.model.Ip;
import io.weft.model.Ref;
import io.weft.tables.Action;
import io.weft.tables.Direction;
import io.weft.tables.EndpointValue;
import io.weft.tables.Group;
import io.weft.tables.IdentityValue;
import io.weft.tables.Lengths;
import io.weft.tables.MatchKey;
import io.weft.tables.PodPolicy;
import io.weft.tables.PolicyKey;
import io.weft.tables.PolicyValue;
import io.weft.tables.PrefixKey;
import io.weft.tables.Tables;
import io.weft.tables.Verdict;
import io.weft.tables.Versioned;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What look-ups give, by the Tables themselves and in the kernel. */
final class LookUps {
    private static final Lengths ALL_LENGTHS = new Lengths(0x101ffff, 0x101ffff);

    private LookUps() {}

    /** What one look-up in each map says, at one revision. */
    record View(Map<Object, Object> answers) {}

    /** What a packet asks the policy of a workload. */
    record Asked(int slot, Direction direction, MatchKey key) {}

    static View expected(Tables tables, Map<Ref, Integer> slots) {
        Map<Object, Object> answers = new LinkedHashMap<>();
        for (Ip ip : RandomTables.probes()) {
            answers.put(ip, tables.identityOf(ip));
        }
        EndpointTable.Sides[] sides = new EndpointTable.Sides[RandomTables.PODS];
        java.util.Arrays.fill(sides, EndpointTable.NOT_LOADED);
        Set<Integer> used = new HashSet<>();
        slots.forEach((ref, slot) -> {
            PodPolicy policy = tables.pods().get(ref);
            if (policy != null) {
                sides[slot] =
                        new EndpointTable.Sides(
                                side(tables, policy.egressGroup(), policy.audit()),
                                side(tables, policy.ingressGroup(), policy.audit()));
                used.add(policy.egressGroup());
                used.add(policy.ingressGroup());
            }
        });
        for (int slot = 0; slot < RandomTables.PODS; slot++) {
            answers.put("slot " + slot, sides[slot]);
            for (MatchKey key : questions()) {
                for (Direction direction : Direction.values()) {
                    Group group = tables.groups().get(side(sides[slot], direction).group());
                    answers.put(new Asked(slot, direction, key), longest(group, key));
                }
            }
        }
        for (int group = 1; group <= 4; group++) {
            for (MatchKey key : questions()) {
                Group loaded = used.contains(group) ? tables.groups().get(group) : null;
                answers.put(new PolicyKey(group, key), longest(loaded, key));
            }
        }
        return new View(answers);
    }

    private static Verdict longest(@Nullable Group group, MatchKey key) {
        Verdict verdict = group == null ? null : group.longestMatch(key);
        return verdict == null ? PolicyValue.NO_ENTRY : verdict;
    }

    private static EndpointValue.Side side(Tables tables, int group, boolean audit) {
        Group found = tables.groups().get(group);
        return found == null
                ? EndpointValue.Side.OPEN
                : new EndpointValue.Side(group, found.defaultRule(), audit, Lengths.NONE);
    }

    private static EndpointValue.Side side(EndpointTable.Sides both, Direction direction) {
        return direction == Direction.EGRESS ? both.egress() : both.ingress();
    }

    static List<MatchKey> questions() {
        List<MatchKey> questions = new ArrayList<>();
        for (int identity = 0; identity < 3; identity++) {
            for (int port = 0; port < 5; port++) {
                questions.add(MatchKey.exact(identity, 6, port * 0x1001));
            }
            questions.add(MatchKey.exact(identity, 17, 0x1001));
        }
        return questions;
    }

    /** What the kernel's look-ups give, in the slot that {@code revision} picks. */
    static View kernel(Datapath datapath, int revision) {
        Map<Object, Object> answers = new LinkedHashMap<>();
        var identities = datapath.map("weft_identities").typed(Codecs.PREFIX, Codecs.IDENTITY);
        Map<PolicyKey, PolicyValue> policy =
                datapath.map("weft_policy").typed(Codecs.POLICY_KEY, Codecs.POLICY_VALUE).entries();
        var endpoints = datapath.map("weft_endpoints").typed(Codec.U32, Codecs.ENDPOINT);
        for (Ip ip : RandomTables.probes()) {
            int id = identities.get(PrefixKey.of(ip)).map(v -> v.at(revision)).orElse(0);
            answers.put(ip, id == 0 ? 2 : id);
        }
        for (int slot = 0; slot < RandomTables.PODS; slot++) {
            EndpointValue value = endpoints.get(slot).orElseThrow();
            EndpointTable.Sides sides =
                    new EndpointTable.Sides(
                            value.egress().at(revision), value.ingress().at(revision));
            answers.put("slot " + slot, sides.withoutLengths());
            for (MatchKey key : questions()) {
                for (Direction direction : Direction.values()) {
                    EndpointValue.Side side = side(sides, direction);
                    answers.put(
                            new Asked(slot, direction, key),
                            find(policy, side.group(), key, side.lengths(), revision));
                }
            }
        }
        for (int group = 1; group <= 4; group++) {
            for (MatchKey key : questions()) {
                answers.put(
                        new PolicyKey(group, key), find(policy, group, key, ALL_LENGTHS, revision));
            }
        }
        return new View(answers);
    }

    private static Verdict find(
            Map<PolicyKey, PolicyValue> policy,
            int group,
            MatchKey exact,
            Lengths lengths,
            int revision) {
        return lengths.ladder(exact).stream()
                .map(key -> policy.get(new PolicyKey(group, key)))
                .filter(java.util.Objects::nonNull)
                .map(value -> value.verdict().at(revision))
                .filter(verdict -> verdict.action() != Action.NONE)
                .findFirst()
                .orElse(PolicyValue.NO_ENTRY);
    }

    /** At rest: both slots equal, and no key that the tables do not have. */
    static void assertSettled(Datapath datapath, Tables tables, Map<Ref, Integer> slots) {
        Map<PrefixKey, IdentityValue> identities = new HashMap<>();
        tables.blockIdentities()
                .forEach((b, id) -> identities.put(PrefixKey.of(b), IdentityValue.same(id)));
        tables.podIdentities()
                .forEach((ip, id) -> identities.put(PrefixKey.of(ip), IdentityValue.same(id)));
        Map<PolicyKey, PolicyValue> policy = new HashMap<>();
        slots.keySet().stream()
                .map(tables.pods()::get)
                .filter(java.util.Objects::nonNull)
                .flatMap(p -> java.util.stream.Stream.of(p.egressGroup(), p.ingressGroup()))
                .filter(id -> id != Group.OPEN)
                .distinct()
                .map(id -> PolicyTable.group(tables, id))
                .forEach(group ->
                        group.entries()
                                .forEach((match, verdict) -> {
                                    PolicyKey key = new PolicyKey(group.id(), match);
                                    policy.put(key, new PolicyValue(key, Versioned.same(verdict)));
                                }));
        assertThat(datapath.map("weft_identities").typed(Codecs.PREFIX, Codecs.IDENTITY).entries())
                .isEqualTo(identities);
        assertThat(
                        datapath.map("weft_policy")
                                .typed(Codecs.POLICY_KEY, Codecs.POLICY_VALUE)
                                .entries())
                .isEqualTo(policy);
        datapath.map("weft_endpoints")
                .typed(Codec.U32, Codecs.ENDPOINT)
                .forEach((slot, value) -> {
                    assertThat(value.egress().even()).isEqualTo(value.egress().odd());
                    assertThat(value.ingress().even()).isEqualTo(value.ingress().odd());
                    assertLengths(tables, value.egress().even());
                    assertLengths(tables, value.ingress().even());
                });
    }

    private static void assertLengths(Tables tables, EndpointValue.Side side) {
        Group group = tables.groups().get(side.group());
        Set<MatchKey> entries = group == null ? Set.of() : group.entries().keySet();
        assertThat(side.lengths()).as("group %d", side.group()).isEqualTo(Lengths.of(entries));
    }
}
