package io.weft.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.compiler.Passage.Way;
import io.weft.model.Delta;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.LabelSelector;
import io.weft.model.Labels;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import io.weft.model.Source;
import io.weft.tables.FrontendKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Flows through services in worlds full of policies: translation and verdict of the tables against
 * the naive oracles. {@code -Dweft.full=true} takes more worlds.
 */
class RandomPassagesTest {
    private static final int WORLDS =
            Integer.getInteger("weft.worlds", Boolean.getBoolean("weft.full") ? 3_000 : 300);
    private static final int STEPS = 4;
    private static final int QUERIES = 60;
    private static final List<String> TARGETS = List.of("http", "dns", "80", "53", "8080", "0");

    /** What was answered how often, so that no kind of answer goes untested. */
    private final Map<String, Integer> answers = new HashMap<>();

    @Test
    void tables_lead_and_judge_as_the_oracles_do() {
        for (long seed = 0; seed < WORLDS; seed++) {
            RandomWorld world = new RandomWorld(seed);
            Random random = new Random(seed);
            Snapshot snapshot = Snapshot.EMPTY.apply(world.first()).apply(services(random));
            Compilation compiled = Compiler.compile(snapshot, RandomWorld.NODES, world.options());
            for (int step = 0; step < STEPS; step++) {
                agree(seed, random, compiled);
                compiled = compiled.next(random.nextBoolean() ? world.delta() : services(random));
            }
        }
        System.out.println("passages: " + answers);
        assertThat(answers)
                .containsKeys("allow", "audit", "deny", "some", "hairpin", "masqueraded")
                .containsKeys("ToBackends", "Rejected", "NotAService");
    }

    private void agree(long seed, Random random, Compilation compiled) {
        Snapshot snapshot = compiled.snapshot();
        Oracle policy = new Oracle(snapshot, RandomWorld.NODES, compiled.options());
        ServiceOracle services =
                new ServiceOracle(snapshot, RandomWorld.NODES, compiled.options().services());
        List<FrontendKey> keys =
                compiled.tables().services().frontends().keySet().stream().sorted().toList();
        for (int i = 0; i < QUERIES; i++) {
            Query query = query(random, keys);
            Passage tables = compiled.pass(query);
            Passage naive = Passage.of(query, services.translate(query), policy);
            assertThat(tables.translation())
                    .as("seed %d: %s", seed, query)
                    .isEqualTo(naive.translation());
            assertThat(outcomes(tables))
                    .as("seed %d: %s: %s", seed, query, tables)
                    .isEqualTo(outcomes(naive));
            assertThat(tables.word()).isEqualTo(naive.word());
            ServiceExplanation.of(compiled, tables).ifPresent(e -> explains(tables, e));
            answers.merge(tables.word(), 1, Integer::sum);
            answers.merge(tables.translation().getClass().getSimpleName(), 1, Integer::sum);
            if (tables.masqueraded()) {
                answers.merge("masqueraded", 1, Integer::sum);
            }
            if (tables.isToService()
                    && tables.ways().stream().anyMatch(w -> w.query().to().equals(query.from()))) {
                answers.merge("hairpin", 1, Integer::sum);
            }
        }
    }

    private static List<Object> outcomes(Passage passage) {
        return passage.ways().stream()
                .map(Way::decision)
                .<Object>map(d -> List.of(d.egressOutcome(), d.ingressOutcome()))
                .toList();
    }

    /** What is said to be used is what the tables use. */
    private static void explains(Passage tables, ServiceExplanation explanation) {
        assertThat(
                        explanation.endpoints().stream()
                                .filter(ServiceExplanation.Endpoint::used)
                                .map(ServiceExplanation.Endpoint::backend))
                .as(explanation.text())
                .containsExactlyElementsOf(
                        tables.ways().stream()
                                .map(w -> w.target().orElseThrow().backend())
                                .toList());
        assertThat(explanation.reasons()).isNotEmpty();
    }

    private static Query query(Random random, List<FrontendKey> keys) {
        List<Ip> addresses = RandomWorld.addresses();
        while (true) {
            Ip from = addresses.get(random.nextInt(addresses.size()));
            if (keys.isEmpty() || random.nextInt(10) == 0) {
                Ip to = addresses.get(random.nextInt(addresses.size()));
                if (to.isV4() == from.isV4()) {
                    return new Query(from, to, Protocol.TCP.number(), 80);
                }
                continue;
            }
            FrontendKey key = keys.get(random.nextInt(keys.size()));
            Ip to =
                    key.isNodePort()
                            ? RandomWorld.NODES.stream()
                                    .filter(ip -> ip.isV4() == key.ip().isV4())
                                    .findFirst()
                                    .orElseThrow()
                            : key.ip();
            if (to.isV4() == from.isV4()) {
                return new Query(from, to, key.protocol().number(), key.port());
            }
        }
    }

    /** {@return a few services over the pods of {@link RandomWorld}} */
    private static Delta services(Random random) {
        List<Resource> put = new ArrayList<>();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            put.add(service(random));
        }
        return Delta.put(put);
    }

    private static Service service(Random random) {
        int number = random.nextInt(4);
        String namespace = RandomWorld.NAMESPACES.get(random.nextInt(3));
        Labels labels =
                random.nextInt(3) == 0
                        ? Labels.EMPTY
                        : Labels.EMPTY.with(
                                pick(random, List.of("app", "tier", "zone")),
                                pick(random, List.of("a", "b", "c")));
        List<Service.Port> ports = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(2); i++) {
            ports.add(
                    new Service.Port(
                            "p" + i,
                            pick(random, List.of(Protocol.TCP, Protocol.TCP, Protocol.UDP)),
                            80 + i,
                            pick(random, TARGETS),
                            random.nextInt(3) == 0
                                    ? OptionalInt.of(30080 + number)
                                    : OptionalInt.empty()));
        }
        Service plain =
                new Service(
                        new Ref(Kind.SERVICE, namespace, "svc" + number),
                        Labels.EMPTY,
                        Optional.of(LabelSelector.of(labels.asMap())),
                        false,
                        List.of(Ip.parse("172.30.0." + number), Ip.parse("fd00:172::" + number)),
                        ports,
                        Source.NONE);
        return new Service(
                plain.ref(),
                plain.labels(),
                Service.Type.NODE_PORT,
                plain.selector(),
                false,
                plain.addresses(),
                ports,
                new Service.Routing(
                        Optional.empty(),
                        random.nextInt(4) == 0,
                        random.nextInt(2) == 0,
                        OptionalInt.empty(),
                        Service.Distribution.ANY,
                        random.nextInt(2) == 0,
                        pick(random, List.of(Service.Balancing.values())),
                        pick(random, List.of(Service.Forwarding.values())),
                        false),
                Source.NONE);
    }

    private static <T> T pick(Random random, List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
