package io.weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bpf.BpfFs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.model.Ref;
import io.weft.tables.AddressValue;
import io.weft.tables.Direction;
import io.weft.tables.Group;
import io.weft.tables.PodPolicy;
import io.weft.tables.PolicyKey;
import io.weft.tables.Tables;
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

/** A process that dies in the middle of a change, at each of its steps. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class DeathTest {
    private static final Limits LIMITS = new Limits(512, 512, 64, 4096);

    /** In {@code ./check full} more of them. */
    private static final int ROUNDS = Boolean.getBoolean("weft.full") ? 8 : 3;

    private static final class Died extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private final Path pins =
            BpfFs.DEFAULT.resolve("weft-t-death-" + ProcessHandle.current().pid());
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

    @ParameterizedTest
    @EnumSource(KernelTables.Step.class)
    void aProcessThatDiesLeavesOneRevisionWhole(KernelTables.Step step) {
        for (int round = 0; round < ROUNDS; round++) {
            long seed = System.nanoTime();
            Random random = new Random(seed);
            World before =
                    World.random(random, Tables.EMPTY)
                            .withPolicyOf(RandomTables.pod(0), Group.OPEN);
            World after = World.random(random, before.tables).withPolicyOf(RandomTables.pod(0), 1);

            LookUps.View inForce = leftByDeathAt(step, before, after);

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
        for (int round = 0; round < ROUNDS; round++) {
            long seed = System.nanoTime();
            Random random = new Random(seed);
            World before = World.random(random, Tables.EMPTY);
            World after = before.withoutPod(RandomTables.pod(1)).withPodIn(RandomTables.pod(2), 2);

            LookUps.View inForce = leftByDeathAt(step, before, after);

            Map<Object, Object> wanted = before.expected().answers();
            for (Object question : before.seenByBoth(after)) {
                assertThat(inForce.answers().get(question))
                        .as("seed %d, round %d, %s", seed, round, question)
                        .isEqualTo(wanted.get(question));
            }
            assertGoesOn(seed, random, after);
        }
    }

    @Test
    void anAddressWrittenBeforeItsWorkloadIsFree() {
        Ip ip = Ip.parse("10.0.0.7");
        datapath.map("weft_addresses")
                .typed(Codecs.IP, Codecs.ADDRESS)
                .put(ip, new AddressValue(77, 5, new Mac(1), new Mac(2), 0));
        datapath.close();

        datapath = Datapath.open(pins, LIMITS);

        assertThat(datapath.map("weft_addresses").typed(Codecs.IP, Codecs.ADDRESS).get(ip))
                .isEmpty();
    }

    private record World(Tables tables, Map<Ref, Integer> slots) {
        static World random(Random random, Tables tables) {
            Tables next = tables;
            for (int i = 0; i < 10; i++) {
                next = RandomTables.randomStep(random, next);
            }
            return new World(next, RandomTables.randomSlots(random));
        }

        LookUps.View expected() {
            return LookUps.expected(tables, slots);
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
            List<Object> questions = new ArrayList<>(RandomTables.probes());
            Set<Integer> groups = new HashSet<>();
            slots.forEach((pod, slot) -> {
                PodPolicy policy = tables.pods().get(pod);
                if (policy != null
                        && slot.equals(other.slots.get(pod))
                        && policy.equals(other.tables.pods().get(pod))) {
                    questions.add("slot " + slot);
                    for (Direction direction : Direction.values()) {
                        LookUps.questions()
                                .forEach(key ->
                                        questions.add(new LookUps.Asked(slot, direction, key)));
                    }
                    groups.add(policy.egressGroup());
                    groups.add(policy.ingressGroup());
                }
            });
            groups.remove(Group.OPEN);
            groups.forEach(group ->
                    LookUps.questions().forEach(key -> questions.add(new PolicyKey(group, key))));
            return questions;
        }
    }

    /** {@return what is in force, and in both slots, after a process died and another came} */
    private LookUps.View leftByDeathAt(KernelTables.Step step, World before, World after) {
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
        LookUps.View inForce = LookUps.kernel(datapath, revision);
        assertThat(LookUps.kernel(datapath, revision + 1))
                .as("repaired: both slots equal")
                .isEqualTo(inForce);
        return inForce;
    }

    private void assertGoesOn(long seed, Random random, World after) {
        Tables last = RandomTables.randomStep(random, after.tables);
        datapath.tables().apply(last, after.slots);
        datapath.tables().awaitSettled();
        assertThat(LookUps.kernel(datapath, datapath.tables().revision()))
                .as("seed %d", seed)
                .isEqualTo(LookUps.expected(last, after.slots));
        LookUps.assertSettled(datapath, last, after.slots);
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
}
