package io.weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bpf.BpfFs;
import io.weft.bpf.BpfMap;
import io.weft.bpf.Codec;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Prefix;
import io.weft.model.Ref;
import io.weft.tables.Action;
import io.weft.tables.Direction;
import io.weft.tables.EndpointValue;
import io.weft.tables.Group;
import io.weft.tables.IdentityValue;
import io.weft.tables.MatchKey;
import io.weft.tables.PodPolicy;
import io.weft.tables.PolicyKey;
import io.weft.tables.PolicyValue;
import io.weft.tables.PrefixKey;
import io.weft.tables.Rules;
import io.weft.tables.Tables;
import io.weft.tables.Verdict;
import io.weft.tables.Versioned;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The kernel's look-ups against those of the Tables themselves, under random changes. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class KernelTablesTest {
    private static final Limits LIMITS = new Limits(512, 512, 64, 4096);
    private static final int PODS = 6;

    private static final class Died extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private final Path pins =
            BpfFs.DEFAULT.resolve("weft-t-tables-" + ProcessHandle.current().pid());
    private Datapath datapath;

    @BeforeEach
    void load() {
        BpfFs.ensureMounted();
        datapath = Datapath.open(pins, LIMITS);
    }

    @AfterEach
    void unload() {
        datapath.close();
        Datapath.unpin(pins);
    }

    // ---- random worlds, small enough that everything collides ----

    private static Ref pod(int i) {
        return Ref.pod("t", "pod" + i);
    }

    private static final List<String> BLOCKS =
            List.of(
                    "0.0.0.0/0",
                    "::/0",
                    "10.0.0.0/8",
                    "10.0.0.0/29",
                    "10.0.0.4/30",
                    "10.0.0.4/32",
                    "10.128.0.0/9",
                    "fd00::/16",
                    "fd00::/125",
                    "fd00::4/126",
                    "fd00::4/128");

    private static List<Ip> probes() {
        List<Ip> probes = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            probes.add(Ip.parse("10.0.0." + i));
            probes.add(Ip.parse("fd00::" + i));
        }
        probes.add(Ip.parse("10.200.0.1"));
        probes.add(Ip.parse("11.0.0.1"));
        probes.add(Ip.parse("fd01::1"));
        return probes;
    }

    private static Map<MatchKey, Verdict> randomEntries(Random random) {
        Map<MatchKey, Verdict> entries = new HashMap<>();
        int[] bits = {0, 8, 16, 20, 24};
        for (int i = random.nextInt(12); i > 0; i--) {
            MatchKey key =
                    MatchKey.exact(random.nextInt(3), 6, random.nextInt(4) * 0x1001)
                            .shortened(bits[random.nextInt(bits.length)]);
            Action action = random.nextBoolean() ? Action.ALLOW : Action.DENY;
            entries.put(key, new Verdict(action, random.nextInt(3), 16 + random.nextInt(100)));
        }
        return Map.copyOf(entries);
    }

    /** Changes a part, and shares the rest with {@code old}, as the compiler does. */
    private static Tables randomStep(Random random, Tables old) {
        Map<Ip, Integer> podIdentities = old.podIdentities();
        Map<Prefix, Integer> blocks = old.blockIdentities();
        Map<Integer, Group> groups = old.groups();
        Map<Ref, PodPolicy> pods = old.pods();
        if (random.nextInt(3) == 0) {
            Map<Ip, Integer> next = new HashMap<>(podIdentities);
            for (int i = random.nextInt(4); i >= 0; i--) {
                Ip ip = probes().get(random.nextInt(20));
                if (random.nextBoolean()) {
                    next.put(ip, 256 + random.nextInt(4));
                } else {
                    next.remove(ip);
                }
            }
            podIdentities = next;
        }
        if (random.nextInt(3) == 0) {
            Map<Prefix, Integer> next = new HashMap<>(blocks);
            for (int i = random.nextInt(4); i >= 0; i--) {
                Prefix block = Prefix.parse(BLOCKS.get(random.nextInt(BLOCKS.size())));
                if (random.nextBoolean() || block.length() == 0) {
                    next.put(block, 300 + random.nextInt(4));
                } else {
                    next.remove(block);
                }
            }
            blocks = next;
        }
        if (random.nextInt(2) == 0) {
            Map<Integer, Group> next = new HashMap<>(groups);
            int id = 1 + random.nextInt(4);
            next.put(
                    id,
                    new Group(
                            id, Direction.INGRESS, 16 + random.nextInt(9), randomEntries(random)));
            groups = next;
        }
        if (random.nextInt(2) == 0) {
            Map<Ref, PodPolicy> next = new LinkedHashMap<>(pods);
            Ref pod = pod(random.nextInt(PODS));
            List<Integer> ids = new ArrayList<>(groups.keySet());
            ids.add(Group.OPEN);
            if (random.nextInt(5) == 0) {
                next.remove(pod);
            } else {
                next.put(
                        pod,
                        new PodPolicy(
                                256,
                                ids.get(random.nextInt(ids.size())),
                                ids.get(random.nextInt(ids.size()))));
            }
            pods = next;
        }
        return new Tables(podIdentities, blocks, groups, pods, new Rules(Map.of()));
    }

    private static Map<Ref, Integer> randomSlots(Random random) {
        Map<Ref, Integer> slots = new HashMap<>();
        for (int i = 0; i < PODS; i++) {
            if (random.nextInt(4) != 0) {
                slots.put(pod(i), i);
            }
        }
        return slots;
    }

    // ---- what look-ups must give ----

    /** What one look-up in each map says, at one revision. */
    private record View(Map<Object, Object> answers) {}

    private static View expected(Tables tables, Map<Ref, Integer> slots) {
        Map<Object, Object> answers = new LinkedHashMap<>();
        for (Ip ip : probes()) {
            answers.put(ip, tables.identityOf(ip));
        }
        EndpointTable.Sides[] sides = new EndpointTable.Sides[PODS];
        java.util.Arrays.fill(sides, EndpointTable.NOT_LOADED);
        Set<Integer> used = new HashSet<>();
        slots.forEach((ref, slot) -> {
            PodPolicy policy = tables.pods().get(ref);
            if (policy != null) {
                sides[slot] =
                        new EndpointTable.Sides(
                                side(tables, policy.egressGroup()),
                                side(tables, policy.ingressGroup()));
                used.add(policy.egressGroup());
                used.add(policy.ingressGroup());
            }
        });
        for (int slot = 0; slot < PODS; slot++) {
            answers.put("slot " + slot, sides[slot]);
        }
        for (int group = 1; group <= 4; group++) {
            for (MatchKey key : questions()) {
                Group loaded = used.contains(group) ? tables.groups().get(group) : null;
                Verdict verdict = loaded == null ? null : loaded.longestMatch(key);
                answers.put(
                        new PolicyKey(group, key),
                        verdict == null ? PolicyValue.NO_ENTRY : verdict);
            }
        }
        return new View(answers);
    }

    private static EndpointValue.Side side(Tables tables, int group) {
        Group found = tables.groups().get(group);
        return found == null
                ? EndpointValue.Side.OPEN
                : new EndpointValue.Side(group, found.defaultRule());
    }

    private static List<MatchKey> questions() {
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
    private static View kernel(Datapath datapath, int revision) {
        Map<Object, Object> answers = new LinkedHashMap<>();
        var identities = datapath.map("weft_identities").typed(Codecs.PREFIX, Codecs.IDENTITY);
        var policy = datapath.map("weft_policy").typed(Codecs.POLICY_KEY, Codecs.POLICY_VALUE);
        var endpoints = datapath.map("weft_endpoints").typed(Codec.U32, Codecs.ENDPOINT);
        for (Ip ip : probes()) {
            int id = identities.get(PrefixKey.of(ip)).map(v -> v.at(revision)).orElse(0);
            answers.put(ip, id == 0 ? 2 : id);
        }
        for (int slot = 0; slot < PODS; slot++) {
            EndpointValue value = endpoints.get(slot).orElseThrow();
            answers.put(
                    "slot " + slot,
                    new EndpointTable.Sides(
                            value.egress().at(revision), value.ingress().at(revision)));
        }
        for (int group = 1; group <= 4; group++) {
            for (MatchKey key : questions()) {
                PolicyKey question = new PolicyKey(group, key);
                answers.put(
                        question,
                        policy.get(question)
                                .map(v -> v.verdict().at(revision))
                                .orElse(PolicyValue.NO_ENTRY));
            }
        }
        return new View(answers);
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
                                .forEach((key, verdict) ->
                                        policy.put(
                                                new PolicyKey(group.id(), key),
                                                new PolicyValue(Versioned.same(verdict)))));
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
                });
    }

    // ---- tests ----

    /** By how much the revision moves when no packet can see the order of a change. */
    static final int UNSEEN = 2;

    @Test
    void randomChangesEndWithTheKernelEqualToTheTables() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Tables tables = Tables.EMPTY;
        for (int i = 0; i < 150; i++) {
            tables = randomStep(random, tables);
            Map<Ref, Integer> slots = randomSlots(random);

            int before = datapath.tables().revision();
            int revision = datapath.tables().apply(tables, slots).revision();

            if (revision - before == UNSEEN) {
                datapath.tables().awaitSettled(); // until then entries that nobody reaches stay
            }
            assertThat(kernel(datapath, revision))
                    .as("seed %d, step %d", seed, i)
                    .isEqualTo(expected(tables, slots));
            datapath.tables().awaitSettled();
            assertSettled(datapath, tables, slots);
        }
    }

    @Test
    void changesThatDoNotWaitForEachOtherSettleAllTheSame() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Tables tables = Tables.EMPTY;
        for (int i = 0; i < 300; i++) {
            tables = randomStep(random, tables);
            Map<Ref, Integer> slots = randomSlots(random);
            datapath.tables().apply(tables, slots);
            if (i % 20 == 0) {
                datapath.tables().awaitSettled();
                assertThat(kernel(datapath, datapath.tables().revision()))
                        .as("seed %d, step %d", seed, i)
                        .isEqualTo(expected(tables, slots));
                assertSettled(datapath, tables, slots);
            }
        }
    }

    /** Looks into the kernel in the middle of each change. */
    private final class Onlooker implements java.util.function.Consumer<KernelTables.Step> {
        private View before = expected(Tables.EMPTY, Map.of());
        private View after = before;
        private final List<String> wrong =
                java.util.Collections.synchronizedList(new ArrayList<>());

        @Override
        public void accept(KernelTables.Step step) {
            boolean flipped = step.compareTo(KernelTables.Step.REVISION_STORED) >= 0;
            View now = kernel(datapath, datapath.tables().revision());
            if (!now.equals(flipped ? after : before)) {
                wrong.add(step + " saw " + now + ", not " + (flipped ? after : before));
            }
        }
    }

    @Test
    void atEveryStepOneRevisionIsWholeAndInForce() {
        datapath.close();
        Onlooker onlooker = new Onlooker();
        datapath = Datapath.open(pins, LIMITS, onlooker);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Tables tables = Tables.EMPTY;
        for (int i = 0; i < 60; i++) {
            tables = randomStep(random, tables);
            Map<Ref, Integer> slots = randomSlots(random);
            onlooker.after = expected(tables, slots);

            int before = datapath.tables().revision();
            datapath.tables().apply(tables, slots);
            datapath.tables().awaitSettled();

            if (datapath.tables().revision() - before == UNSEEN) {
                onlooker.wrong.clear(); // the onlooker sees more than packets do
            }
            assertThat(onlooker.wrong).as("seed %d, step %d", seed, i).isEmpty();
            onlooker.before = onlooker.after;
        }
    }

    @Test
    void allSlotsMovedToAnotherSlotInOneStep() {
        Tables tables = new TestTables().pod("web", 300).pod("db", 301).build();
        datapath.tables().apply(tables, Map.of(TestTables.ref("web"), 0, TestTables.ref("db"), 1));
        datapath.tables().apply(tables, Map.of(TestTables.ref("web"), 1, TestTables.ref("db"), 2));
        datapath.tables().awaitSettled();

        View view = kernel(datapath, datapath.tables().revision());
        assertThat(view.answers.get("slot 0")).isEqualTo(EndpointTable.NOT_LOADED);
        assertThat(view.answers.get("slot 2"))
                .isEqualTo(
                        new EndpointTable.Sides(EndpointValue.Side.OPEN, EndpointValue.Side.OPEN));
    }

    @Test
    void theSameTablesAgainCostNothing() {
        Map<Ref, Integer> slots = Map.of(TestTables.ref("web"), 0);
        Tables tables = new TestTables().pod("web", 300, Ip.parse("10.0.0.1")).build();
        int revision = datapath.tables().apply(tables, slots).revision();

        Tables equal = new TestTables().pod("web", 300, Ip.parse("10.0.0.1")).build();

        assertThat(datapath.tables().apply(tables, slots))
                .isEqualTo(new KernelTables.Applied(revision, 0, 0, 0));
        assertThat(datapath.tables().apply(equal, slots))
                .isEqualTo(new KernelTables.Applied(revision, 0, 0, 0));
    }

    @Test
    void onlyWhatChangesIsWritten() {
        Map<Ref, Integer> slots = Map.of(TestTables.ref("web"), 0);
        Map<MatchKey, Verdict> entries = new HashMap<>();
        for (int port = 0; port < 100; port++) {
            entries.put(MatchKey.exact(300, 6, port), TestTables.allow(20));
        }
        TestTables tables = new TestTables().pod("web", 300, Ip.parse("10.0.0.1"));
        tables.isolate("web", Direction.INGRESS, 50, entries);
        datapath.tables().apply(tables.build(), slots);
        entries.remove(MatchKey.exact(300, 6, 7));
        TestTables next = new TestTables().pod("web", 300, Ip.parse("10.0.0.1"));
        next.isolate("web", Direction.INGRESS, 50, entries);

        KernelTables.Applied applied = datapath.tables().apply(next.build(), slots);

        assertThat(applied.policyEntries()).isEqualTo(1);
        assertThat(applied.identities()).isZero();
        assertThat(applied.endpoints()).isZero();
    }

    @ParameterizedTest
    @EnumSource(KernelTables.Step.class)
    void aProcessThatDiesLeavesOneRevisionWhole(KernelTables.Step step) {
        for (int round = 0; round < 8; round++) {
            long seed = System.nanoTime();
            Random random = new Random(seed);
            World before = World.random(random, Tables.EMPTY).withPolicyOf(pod(0), Group.OPEN);
            World after = World.random(random, before.tables).withPolicyOf(pod(0), 1);

            View inForce = leftByDeathAt(step, before, after);

            assertThat(inForce)
                    .as("seed %d, round %d", seed, round)
                    .isIn(before.expected(), after.expected());
            if (step.compareTo(KernelTables.Step.REVISION_STORED) < 0) {
                assertThat(inForce).as("seed %d", seed).isEqualTo(before.expected());
            }
            assertGoesOn(seed, random, after);
        }
    }

    /** Most of these changes come or go with a pod, and are written in place. */
    @ParameterizedTest
    @EnumSource(KernelTables.Step.class)
    void whoDiesChangesNothingForPodsThatStay(KernelTables.Step step) {
        for (int round = 0; round < 8; round++) {
            long seed = System.nanoTime();
            Random random = new Random(seed);
            World before = World.random(random, Tables.EMPTY);
            World after = before.withoutPod(pod(1)).withPodIn(pod(2), 2);

            View inForce = leftByDeathAt(step, before, after);

            Map<Object, Object> wanted = before.expected().answers();
            for (Object question : before.seenByBoth(after)) {
                assertThat(inForce.answers().get(question))
                        .as("seed %d, round %d, %s", seed, round, question)
                        .isEqualTo(wanted.get(question));
            }
            assertGoesOn(seed, random, after);
        }
    }

    private record World(Tables tables, Map<Ref, Integer> slots) {
        static World random(Random random, Tables tables) {
            Tables next = tables;
            for (int i = 0; i < 10; i++) {
                next = randomStep(random, next);
            }
            return new World(next, randomSlots(random));
        }

        View expected() {
            return KernelTablesTest.expected(tables, slots);
        }

        /** Loaded in slot 0, where packets can tell one group from another. */
        World withPolicyOf(Ref pod, int ingressGroup) {
            Map<Integer, Group> groups = new HashMap<>(tables.groups());
            groups.computeIfAbsent(
                    ingressGroup, id -> new Group(id, Direction.INGRESS, 16, Map.of()));
            groups.remove(Group.OPEN);
            return with(groups, pod, new PodPolicy(256, Group.OPEN, ingressGroup), 0);
        }

        World withPodIn(Ref pod, int slot) {
            return with(tables.groups(), pod, new PodPolicy(256, Group.OPEN, Group.OPEN), slot);
        }

        private World with(Map<Integer, Group> groups, Ref pod, PodPolicy policy, int slot) {
            Map<Ref, PodPolicy> pods = new LinkedHashMap<>(tables.pods());
            pods.put(pod, policy);
            Map<Ref, Integer> next = new HashMap<>(slots);
            next.put(pod, slot);
            return new World(
                    new Tables(
                            tables.podIdentities(),
                            tables.blockIdentities(),
                            groups,
                            pods,
                            tables.rules()),
                    next);
        }

        World withoutPod(Ref pod) {
            Map<Ref, Integer> next = new HashMap<>(slots);
            next.remove(pod);
            return new World(tables, next);
        }

        /** What packets of pods that neither come nor go may ask. */
        List<Object> seenByBoth(World other) {
            List<Object> questions = new ArrayList<>(probes());
            Set<Integer> groups = new HashSet<>();
            slots.forEach((pod, slot) -> {
                PodPolicy policy = tables.pods().get(pod);
                if (policy != null
                        && slot.equals(other.slots.get(pod))
                        && policy.equals(other.tables.pods().get(pod))) {
                    questions.add("slot " + slot);
                    groups.add(policy.egressGroup());
                    groups.add(policy.ingressGroup());
                }
            });
            groups.remove(Group.OPEN);
            groups.forEach(
                    group -> questions().forEach(key -> questions.add(new PolicyKey(group, key))));
            return questions;
        }
    }

    /** {@return what is in force, and in both slots, after a process died and another came} */
    private View leftByDeathAt(KernelTables.Step step, World before, World after) {
        datapath.tables().apply(before.tables, before.slots);
        datapath.tables().awaitSettled();
        datapath.close();
        boolean[] armed = {false};
        datapath =
                Datapath.open(
                        pins,
                        LIMITS,
                        at -> {
                            if (armed[0] && at == step) {
                                throw new Died();
                            }
                        });
        datapath.tables().apply(before.tables, before.slots);
        armed[0] = true;
        dieIn(after.tables, after.slots);
        datapath.close();

        datapath = Datapath.open(pins, LIMITS);
        int revision = datapath.tables().revision();
        View inForce = kernel(datapath, revision);
        assertThat(kernel(datapath, revision + 1))
                .as("repaired: both slots equal")
                .isEqualTo(inForce);
        return inForce;
    }

    private void assertGoesOn(long seed, Random random, World after) {
        Tables last = randomStep(random, after.tables);
        datapath.tables().apply(last, after.slots);
        datapath.tables().awaitSettled();
        assertThat(kernel(datapath, datapath.tables().revision()))
                .as("seed %d", seed)
                .isEqualTo(expected(last, after.slots));
        assertSettled(datapath, last, after.slots);
    }

    private void dieIn(Tables tables, Map<Ref, Integer> slots) {
        try {
            datapath.tables().apply(tables, slots);
            datapath.tables().awaitSettled();
        } catch (Died | DatapathException expected) {
            // as a killed process: whoever comes next opens what is pinned
            return;
        }
        // nothing changed between the two random worlds, so there was no step to die in
        assertThat(datapath.tables().apply(tables, slots).policyEntries()).isZero();
    }

    @Test
    void whatDoesNotFitChangesNothing() {
        Map<Ref, Integer> slots = Map.of(TestTables.ref("web"), 0);
        Tables small = new TestTables().pod("web", 300, Ip.parse("10.0.0.1")).build();
        int revision = datapath.tables().apply(small, slots).revision();
        TestTables many = new TestTables().pod("web", 300, Ip.parse("10.0.0.1"));
        for (int i = 0; i < 600; i++) {
            many.block("192.168." + i / 256 + "." + i % 256 + "/32", 400);
        }

        assertThatThrownBy(() -> datapath.tables().apply(many.build(), slots))
                .isInstanceOf(DatapathException.class)
                .hasMessageContaining("603 identity prefixes do not fit")
                .hasMessageContaining("the map holds 512");

        assertThat(datapath.tables().revision()).isEqualTo(revision);
        datapath.tables().awaitSettled();
        assertSettled(datapath, small, slots);
    }

    @Test
    void slotsMustBeThoseOfTheNode() {
        Tables tables = new TestTables().pod("web", 300).pod("db", 301).build();

        assertThatThrownBy(
                        () -> datapath.tables().apply(tables, Map.of(TestTables.ref("web"), 4096)))
                .hasMessageContaining("a node holds 4096 workloads");
        assertThatThrownBy(() ->
                        datapath.tables()
                                .apply(
                                        tables,
                                        Map.of(
                                                TestTables.ref("web"), 1,
                                                TestTables.ref("db"), 1)))
                .hasMessage("slot 1 is given twice");
    }

    @Test
    void whatIsPinnedWithAnotherShapeIsRefusedAndNamed() {
        assertThatThrownBy(() -> Datapath.open(pins, new Limits(1024, 512, 64, 4096)))
                .isInstanceOf(DatapathException.class)
                .hasMessageContaining("weft_identities")
                .hasMessageContaining("512 entries")
                .hasMessageContaining("1024 entries")
                .hasMessageContaining(pins.toString());
        assertThat(datapath.tables().revision()).isZero();
    }

    @Test
    void aSecondProcessAdoptsMapsAndPrograms() {
        Tables tables = new TestTables().pod("web", 300, Ip.parse("10.0.0.1")).build();
        datapath.tables().apply(tables, Map.of(TestTables.ref("web"), 0));
        int revision = datapath.tables().revision();
        BpfMap before = datapath.map("weft_identities");
        int id = before.info().id();
        datapath.close();
        assertThat(Datapath.isPinned(pins)).isTrue();

        datapath = Datapath.open(pins, LIMITS);

        assertThat(datapath.map("weft_identities").info().id()).isEqualTo(id);
        assertThat(datapath.tables().revision()).isEqualTo(revision);
        assertThat(datapath.live().identityOf(Ip.parse("10.0.0.1"))).isEqualTo(300);
        assertThat(datapath.tables().apply(tables, Map.of(TestTables.ref("web"), 0)).revision())
                .as("equal tables, so nothing to do")
                .isEqualTo(revision);
    }
}
