package io.weft.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.compiler.Decision.Outcome;
import io.weft.model.Delta;
import io.weft.model.Ip;
import io.weft.model.Snapshot;
import io.weft.tables.Rule;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The tables against the oracle, and steps against compiling from nothing. */
class RandomWorldsTest {
    private static final int WORLDS = Integer.getInteger("weft.worlds", 300);
    private static final int STEPS = 12;

    @Test
    void tables_agree_with_the_oracle_on_every_pair() {
        for (long seed = 0; seed < WORLDS; seed++) {
            RandomWorld world = new RandomWorld(seed);
            Snapshot snapshot = Snapshot.EMPTY.apply(world.first());
            Compilation compiled = Compiler.compile(snapshot, RandomWorld.NODES, world.options());
            Oracle oracle = new Oracle(snapshot, RandomWorld.NODES, world.options());
            for (Ip from : RandomWorld.addresses()) {
                for (Ip to : RandomWorld.addresses()) {
                    for (int i = 0; i < 4 && from.isV4() == to.isV4(); i++) {
                        Query query = world.query(from, to);
                        agree(seed, query, compiled.decide(query), oracle.decide(query));
                    }
                }
            }
        }
    }

    @Test
    void a_step_means_the_same_as_compiling_from_nothing() {
        List<Ip> addresses = RandomWorld.addresses();
        for (long seed = 0; seed < WORLDS; seed++) {
            RandomWorld world = new RandomWorld(seed);
            Snapshot snapshot = Snapshot.EMPTY.apply(world.first());
            Compilation compiled = Compiler.compile(snapshot, RandomWorld.NODES, world.options());
            for (int step = 0; step < STEPS; step++) {
                Delta delta = world.delta();
                Compilation before = compiled;
                Meaning meantBefore = Meaning.of(before);
                snapshot = snapshot.apply(delta);
                compiled = compiled.next(delta);
                assertThat(Meaning.of(compiled))
                        .as("seed %d step %d: %s", seed, step, delta)
                        .isEqualTo(
                                Meaning.of(
                                        Compiler.compile(
                                                snapshot, RandomWorld.NODES, world.options())));
                assertThat(Meaning.of(before))
                        .as("seed %d: the last step", seed)
                        .isEqualTo(meantBefore);
                Oracle oracle = new Oracle(snapshot, RandomWorld.NODES, world.options());
                for (int i = 0; i < 30; i++) {
                    Query query = world.query(addresses);
                    agree(seed, query, compiled.decide(query), oracle.decide(query));
                }
            }
        }
    }

    @Test
    void an_address_of_the_node_may_come_later() {
        for (long seed = 0; seed < WORLDS; seed++) {
            RandomWorld world = new RandomWorld(seed);
            Snapshot snapshot = Snapshot.EMPTY.apply(world.first());
            Ip first = RandomWorld.NODES.stream().sorted().findFirst().orElseThrow();
            Compilation compiled =
                    Compiler.compile(snapshot, Set.of(first), world.options())
                            .withNodeAddresses(RandomWorld.NODES);
            for (int step = 0; step < 2; step++) {
                assertThat(Meaning.of(compiled))
                        .as("seed %d step %d", seed, step)
                        .isEqualTo(
                                Meaning.of(
                                        Compiler.compile(
                                                snapshot, RandomWorld.NODES, world.options())));
                Delta delta = world.delta();
                snapshot = snapshot.apply(delta);
                compiled = compiled.next(delta);
            }
        }
    }

    private static void agree(long seed, Query query, Decision tables, Decision oracle) {
        agree(
                seed,
                query,
                tables.egressOutcome(),
                oracle.egressOutcome(),
                tables.egressRule(),
                oracle.egressRule());
        agree(
                seed,
                query,
                tables.ingressOutcome(),
                oracle.ingressOutcome(),
                tables.ingressRule(),
                oracle.ingressRule());
    }

    private static void agree(
            long seed, Query query, Outcome tables, Outcome oracle, Rule compiled, Rule naive) {
        // of several rules that allow, the two may name different ones
        boolean sameReason =
                naive instanceof Rule.OfPolicy
                        ? compiled instanceof Rule.OfPolicy
                        : compiled.equals(naive);
        if (tables != oracle || !sameReason) {
            throw new AssertionError(
                    "seed %d, %s: the tables say %s by %s, the oracle %s by %s"
                            .formatted(seed, query, tables, compiled, oracle, naive));
        }
    }
}
