package io.weft.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Ip;
import io.weft.store.Ledger;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of a node that leases and releases: nothing that it said is lost, and nothing leaks. */
class NodeKillTest {
    static final Pools POOLS = Pools.of(Given.pool("default", "10.0.0.0/25", "fd00::/64"));
    static final Settings SETTINGS = Settings.of("node-a").withCooldown(Duration.ofMillis(1));

    private static final int KILLS = Boolean.getBoolean("weft.full") ? 100 : 8;

    @TempDir Path directory;

    @Test
    void whatItSaidHoldsAndNothingLeaks() throws IOException, InterruptedException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<String, String> said = new HashMap<>();
        Set<String> uncertain = new HashSet<>();
        for (int round = 0; round < KILLS; round++) {
            String where = "seed " + seed + " round " + round;
            kill(random.nextInt(20, 2000), said, uncertain);
            try (Ledger ledger = Ledger.open(directory)) {
                Ipam ipam = Ipam.open(ledger, POOLS, SETTINGS, TimeSource.system());
                Map<String, String> found = new HashMap<>();
                Set<Ip> distinct = new HashSet<>();
                List<Lease> leases = ipam.leases();
                for (Lease lease : leases) {
                    found.put(lease.key().containerId(), lease.addresses().toString());
                    assertThat(lease.addresses()).as(where).hasSize(2);
                    assertThat(distinct.addAll(lease.addresses())).as(where).isTrue();
                }
                said.forEach((container, ips) -> {
                    if (!uncertain.contains(container)) {
                        assertThat(found).as(where).containsEntry(container, ips);
                    }
                });
                long kept =
                        ipam.claims().stream().filter(claim -> claim.holders().isEmpty()).count();
                for (Usage usage : ipam.usage()) {
                    assertThat(usage.used()).as(where).isEqualTo(leases.size());
                    assertThat(usage.reserved()).as(where).isEqualTo(kept);
                }
                said.clear();
                said.putAll(found);
                uncertain.clear();
            }
        }
    }

    private void kill(int lines, Map<String, String> said, Set<String> uncertain)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx64m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                KilledNode.class.getName(),
                                directory.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader out = process.inputReader()) {
            int read = 0;
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                String[] words = line.split(" ", 3);
                switch (words[0]) {
                    case "added" -> said.put(words[1], words[2]);
                    case "DEL" -> uncertain.add(words[1]);
                    case "deleted" -> {
                        said.remove(words[1]);
                        uncertain.remove(words[1]);
                    }
                    default -> throw new AssertionError(line);
                }
                if (++read == lines) {
                    process.toHandle().destroyForcibly(); // SIGKILL, and its output stays
                }
            }
            assertThat(read).as("lines before it ended").isGreaterThanOrEqualTo(lines);
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
    }
}
