package io.weft.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Delta;
import io.weft.model.MapDiff;
import io.weft.model.Snapshot;
import io.weft.tables.ServiceTable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tables of services against the naive oracle, and steps against compiling from nothing. */
class RandomServicesTest {
    private static final int WORLDS =
            Integer.getInteger("weft.worlds", Boolean.getBoolean("weft.full") ? 4_000 : 400);
    private static final int STEPS = 12;
    private static final int QUERIES = 60;

    /** What was answered how often, so that no kind of answer goes untested. */
    private final Map<String, Integer> answers = new HashMap<>();

    @Test
    void tables_oracle_and_steps_agree() {
        for (long seed = 0; seed < WORLDS; seed++) {
            RandomServices world = new RandomServices(seed);
            Compilation stepped = Compiler.compile(Snapshot.EMPTY, world.addresses, world.options);
            for (int step = 0; step < STEPS; step++) {
                Delta delta = step == 0 ? world.first() : world.next();
                Compilation next = stepped.next(delta);
                Compilation anew =
                        Compiler.compile(next.snapshot(), world.addresses, world.options);
                assertThat(next.tables().services())
                        .as("seed %d step %d: %s", seed, step, delta)
                        .isEqualTo(anew.tables().services());
                keepsWhatIsEqual(seed, stepped.tables().services(), next.tables().services());
                stepped = next;
                ServiceOracle oracle =
                        new ServiceOracle(
                                stepped.snapshot(), world.addresses, world.options.services());
                for (int i = 0; i < QUERIES; i++) {
                    Query query = world.query(stepped.tables().services());
                    Translation naive = oracle.translate(query);
                    assertThat(stepped.translate(query))
                            .as("seed %d step %d: %s", seed, step, query)
                            .isEqualTo(naive);
                    answers.merge(naive.getClass().getSimpleName(), 1, Integer::sum);
                    if (naive instanceof Translation.ToBackends to) {
                        answers.merge(to.frontend().exposure().toString(), 1, Integer::sum);
                        answers.merge(to.client().toString(), 1, Integer::sum);
                        answers.merge(to.set().scope().toString(), 1, Integer::sum);
                    } else if (naive instanceof Translation.Dropped dropped) {
                        answers.merge(dropped.reason().toString(), 1, Integer::sum);
                    }
                }
            }
        }
        System.out.println("services: " + answers);
        assertThat(answers)
                .containsKeys("NotAService", "ToBackends", "Rejected", "CLUSTER", "LOCAL")
                .containsKeys(
                        "CLUSTER_IP", "EXTERNAL_IP", "LOAD_BALANCER", "NODE_PORT", "HOST_PORT")
                .containsKeys("POD", "NODE", "OUTSIDE")
                .containsKeys(
                        Arrays.stream(Translation.Reason.values())
                                .map(Enum::toString)
                                .toArray(String[]::new));
    }

    private static void keepsWhatIsEqual(long seed, ServiceTable before, ServiceTable after) {
        after.frontends().differences(before.frontends(), isAnother(seed));
        after.sets().differences(before.sets(), isAnother(seed));
        after.clusterIps().differences(before.clusterIps(), isAnother(seed));
    }

    private static <K, V> MapDiff.Visitor<K, V> isAnother(long seed) {
        return (key, old, now) ->
                assertThat(old).as("seed %d: %s made anew", seed, key).isNotEqualTo(now);
    }
}
