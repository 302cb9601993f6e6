package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.compiler.Compilation;
import io.weft.compiler.Compiler;
import io.weft.compiler.Oracle;
import io.weft.compiler.Query;
import io.weft.compiler.RandomWorld;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Delta;
import io.weft.model.Ip;
import io.weft.model.Ref;
import io.weft.model.Snapshot;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Oracle, compiled tables and the loaded programs agree on random worlds of all kinds of policies,
 * pods here and elsewhere, nodes, services and the world, as they change step by step.
 *
 * <p>{@code -Dweft.full=true} takes all worlds; {@code -Dweft.seed=N} only that one.
 */
@KernelTest
class KernelProofTest {
    private static final boolean FULL = Boolean.getBoolean("weft.full");
    private static final int WORLDS = Integer.getInteger("weft.worlds", FULL ? 2_000 : 120);
    private static final int STEPS = 4;
    private static final int PODS = 8;

    @Test
    void oracleTablesAndKernelAgreeOnRandomWorlds() throws Exception {
        Long only = Long.getLong("weft.seed");
        AtomicLong next = new AtomicLong(only == null ? 0 : only);
        long last = only == null ? WORLDS : only + 1;
        Prover.Tally all =
                Prover.atOnce(
                        PODS,
                        RandomWorld.NODES,
                        prover -> {
                            for (long s = next.getAndIncrement();
                                    s < last;
                                    s = next.getAndIncrement()) {
                                new Life(prover, s).live();
                            }
                        });
        System.out.printf("%d random worlds in %d steps: %s: all agree%n", last, STEPS, all);
        assertThat(all.allowed()).isPositive();
        assertThat(all.denied()).isPositive();
        assertThat(all.again()).isPositive();
    }

    /** One world and how it goes on. */
    private static final class Life {
        private final Prover prover;
        private final long seed;
        private final RandomWorld world;
        private final Random random;
        private final BitSet homes = new BitSet();
        private List<Prover.Asked> asked = List.of();

        Life(Prover prover, long seed) {
            this.prover = prover;
            this.seed = seed;
            world = new RandomWorld(seed);
            random = new Random(seed);
            for (int pod = 0; pod < PODS; pod++) {
                homes.set(pod, random.nextInt(3) != 0);
            }
        }

        void live() {
            prover.forget(new HashSet<>(RandomWorld.addresses()));
            Snapshot snapshot = Snapshot.EMPTY.apply(world.first());
            Compilation compiled = Compiler.compile(snapshot, RandomWorld.NODES);
            for (int step = 0; step <= STEPS; step++) {
                if (step > 0) {
                    Delta delta = world.delta();
                    snapshot = snapshot.apply(delta);
                    compiled = compiled.next(delta);
                }
                prove("seed " + seed + " step " + step, compiled);
            }
        }

        private void prove(String where, Compilation compiled) {
            Map<Ref, Integer> here = here(compiled);
            Map<Integer, List<Ip>> ips = Prover.owned(compiled, here);
            here.values().retainAll(ips.keySet());
            prover.load(compiled, here, ips);
            Oracle oracle = new Oracle(compiled.snapshot(), RandomWorld.NODES);
            prover.agreeAgain(where, compiled, oracle, asked);
            asked = prover.agree(where, compiled, oracle, flows());
        }

        /** Most pods are here; another pod moves now and then. */
        private Map<Ref, Integer> here(Compilation compiled) {
            Map<Ref, Integer> slots = new TreeMap<>();
            for (Ref ref : compiled.snapshot().pods().keySet()) {
                int number = ref.name().charAt("pod".length()) - '0';
                boolean moves = random.nextInt(10) == 0;
                if (homes.get(number) != moves) {
                    slots.put(ref, number);
                }
            }
            return slots;
        }

        /** From and to every address here, with everyone at the other end. */
        private List<Query> flows() {
            List<Query> flows = new ArrayList<>();
            for (Ip from : RandomWorld.addresses()) {
                for (Ip to : RandomWorld.addresses()) {
                    if ((prover.isHere(from) || prover.isHere(to))
                            && from.isV4() == to.isV4()
                            && !from.equals(to)) {
                        flows.add(besides(world.query(from, to)));
                    }
                }
            }
            return flows;
        }

        /** Now and then the port beside, where ranges begin and end. */
        private Query besides(Query query) {
            if (!Set.of(6, 17, 132).contains(query.protocol()) || random.nextInt(3) != 0) {
                return query;
            }
            int port = query.port() + (random.nextBoolean() ? 1 : -1);
            return new Query(
                    query.from(), query.to(), query.protocol(), Math.clamp(port, 0, 65535));
        }
    }
}
