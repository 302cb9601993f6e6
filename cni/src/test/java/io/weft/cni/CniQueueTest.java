package io.weft.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CniQueueTest {
    private final List<String> started = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private final FakePlugin plugin = new FakePlugin();
    private final CniDispatcher weft = new CniDispatcher(Set.of("weft"), plugin, plugin, _ -> {});

    private final class Named implements CniQueue.Work {
        private final String name;
        private final CniCall call;

        /** {@code DEL c1 blue}, {@code GC - blue}; network {@code -}: no config at all. */
        Named(String name) {
            String[] words = name.split(" ", -1);
            Map<String, String> variables = new LinkedHashMap<>();
            variables.put("CNI_COMMAND", words[0]);
            variables.put("CNI_CONTAINERID", words[1]);
            variables.put("CNI_IFNAME", "eth0");
            String config =
                    words[2].equals("-")
                            ? ""
                            : "{\"cniVersion\":\"1.1.0\",\"type\":\"weft\",\"name\":\""
                                    + words[2]
                                    + "\"}";
            this.name = name;
            this.call =
                    weft.prepare(
                            variables, config.getBytes(StandardCharsets.UTF_8), Optional.empty());
        }

        @Override
        public CniCall call() {
            return call;
        }

        @Override
        public void start() {
            started.add(name);
        }

        @Override
        public void refuse() {
            refused.add(name);
        }
    }

    @Test
    void oneAtATimeForAContainerInOrder() {
        CniQueue queue = new CniQueue(10, 10);
        Named first = new Named("DEL c1 blue");
        Named second = new Named("DEL c1 red");
        queue.add(first);
        queue.add(second);
        queue.add(new Named("DEL c2 blue"));
        assertThat(started).containsExactly("DEL c1 blue", "DEL c2 blue");
        queue.done(first.call());
        assertThat(started).last().isEqualTo("DEL c1 red");
    }

    @Test
    void gcIsAloneInItsNetworkAndIsNotStarved() {
        CniQueue queue = new CniQueue(10, 10);
        Named before = new Named("DEL c1 blue");
        Named gc = new Named("GC - blue");
        queue.add(before);
        queue.add(gc);
        queue.add(new Named("DEL c2 blue")); // after the GC, though it could run beside c1
        queue.add(new Named("DEL c3 red"));
        queue.add(new Named("DEL c4 -")); // of every network
        queue.add(new Named("STATUS - blue"));
        assertThat(started).containsExactly("DEL c1 blue", "DEL c3 red", "STATUS - blue");
        queue.done(before.call());
        assertThat(started).last().isEqualTo("GC - blue");
        queue.done(gc.call());
        assertThat(started).endsWith("GC - blue", "DEL c2 blue", "DEL c4 -");
    }

    @Test
    void whatIsTooMuchIsRefusedAtOnce() throws Exception {
        CniQueue queue = new CniQueue(2, 1);
        for (String name : List.of("DEL a n", "DEL b n", "DEL c n", "DEL d n")) {
            queue.add(new Named(name));
        }
        assertThat(started).containsExactly("DEL a n", "DEL b n");
        assertThat(refused).containsExactly("DEL d n");
        queue.close(0);
        assertThat(refused).containsExactly("DEL d n", "DEL c n");
        queue.add(new Named("DEL e n"));
        assertThat(refused).last().isEqualTo("DEL e n");
    }

    @Test
    void everyCallStartsOnceAndNeverBesideOneThatItExcludes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        CniQueue queue = new CniQueue(5, 1000);
        List<Named> all = new ArrayList<>();
        List<Named> running = new ArrayList<>();
        int seen = 0;
        for (int step = 0; step < 2000; step++) {
            if (all.size() < 500 && random.nextBoolean()) {
                String network = List.of("red", "blue", "-").get(random.nextInt(3));
                String verb = random.nextInt(5) == 0 && !network.equals("-") ? "GC" : "DEL";
                Named one = new Named(verb + " c" + random.nextInt(8) + " " + network + " " + step);
                all.add(one);
                queue.add(one);
            } else if (!running.isEmpty()) {
                queue.done(running.remove(random.nextInt(running.size())).call());
            }
            for (; seen < started.size(); seen++) {
                String name = started.get(seen);
                Named now = all.stream().filter(n -> n.name.equals(name)).findFirst().orElseThrow();
                assertThat(running)
                        .as("seed %d", seed)
                        .noneMatch(r -> r.call().excludes(now.call()));
                running.add(now);
            }
            assertThat(running).hasSizeLessThanOrEqualTo(5);
        }
        while (!running.isEmpty()) {
            queue.done(running.removeFirst().call());
            for (; seen < started.size(); seen++) {
                String name = started.get(seen);
                running.add(
                        all.stream().filter(n -> n.name.equals(name)).findFirst().orElseThrow());
            }
        }
        assertThat(started)
                .as("seed %d", seed)
                .containsExactlyInAnyOrderElementsOf(all.stream().map(n -> n.name).toList());
    }
}
