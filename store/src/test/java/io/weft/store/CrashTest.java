package io.weft.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A power failure at every step and every byte, by {@link ModelDisk}. */
class CrashTest {
    /** Compacts often, in the writer's thread, so that every run has the same steps. */
    private final AtomicInteger salts = new AtomicInteger();

    private final Options options = new Options(300, Runnable::run, salts::incrementAndGet);

    private static final Logger WARNINGS = Logger.getLogger("io.weft.store");

    @BeforeAll
    static void failuresAreMeant() {
        WARNINGS.setLevel(Level.OFF);
    }

    @AfterAll
    static void warnAgain() {
        WARNINGS.setLevel(null);
    }

    private static Map<String, String> read(Ledger ledger) {
        Map<String, String> map = new TreeMap<>();
        ledger.forEach("", (key, value) -> map.put(key, new String(value, StandardCharsets.UTF_8)));
        return map;
    }

    /** Batches of a few changes, and the map after each number of them. */
    private static final class History {
        final List<Batch> batches = new ArrayList<>();
        final List<Map<String, String>> states = new ArrayList<>(List.of(Map.of()));

        History(Random random, int count) {
            Map<String, String> map = new TreeMap<>();
            for (int i = 0; i < count; i++) {
                Batch batch = new Batch();
                for (int j = random.nextInt(1, 4); j > 0; j--) {
                    String key = "key-" + random.nextInt(6);
                    if (random.nextInt(3) == 0) {
                        batch.remove(key);
                        map.remove(key);
                    } else {
                        String value = "v" + i + "x".repeat(random.nextInt(20));
                        batch.put(key, value.getBytes(StandardCharsets.UTF_8));
                        map.put(key, value);
                    }
                }
                // makes every state different
                batch.put("count", String.valueOf(i).getBytes(StandardCharsets.UTF_8));
                map.put("count", String.valueOf(i));
                batches.add(batch);
                states.add(Map.copyOf(map));
            }
        }
    }

    @Test
    void whateverIsLostWasNotAcknowledged() {
        long seed = 20_261;
        History history = new History(new Random(seed), 24);
        ModelDisk disk = new ModelDisk();
        int[] acknowledged = {0};
        int[] handedOver = {0};
        int[] crashes = {0};
        int[] snapshots = {0};
        disk.beforeStep =
                () -> {
                    for (ModelDisk left : disk.afterPowerFailure()) {
                        crashes[0]++;
                        snapshots[0] +=
                                left.names().stream().anyMatch(n -> n.startsWith("snap")) ? 1 : 0;
                        requireWhole(history, left, false, acknowledged[0], handedOver[0], seed);
                    }
                    requireWhole(
                            history, disk.afterKill(), true, acknowledged[0], handedOver[0], seed);
                };
        try (Ledger ledger = Ledger.open(disk, options)) {
            for (Batch batch : history.batches) {
                handedOver[0]++;
                ledger.write(batch).await();
                acknowledged[0]++;
            }
            assertThat(read(ledger)).isEqualTo(history.states.getLast());
        }
        assertThat(crashes[0]).as("power failures tried").isGreaterThan(3_000);
        System.out.println(crashes[0] + " power failures, " + snapshots[0] + " with a snapshot");
        assertThat(snapshots[0]).as("of them with a snapshot").isGreaterThan(800);
    }

    private void requireWhole(
            History history, ModelDisk disk, boolean killed, int least, int most, long seed) {
        String files = disk.names().toString();
        Map<String, String> map;
        try (Ledger ledger = Ledger.open(disk, options)) {
            map = read(ledger);
            for (ModelDisk left : killed ? disk.afterPowerFailure() : List.<ModelDisk>of()) {
                try (Ledger after = Ledger.open(left, options)) {
                    assertThat(read(after))
                            .as("what was read is durable, %s", files)
                            .isEqualTo(map);
                }
            }
            assertThat(history.states.subList(least, most + 1))
                    .as("seed %s, %s to %s batches, %s", seed, least, most, files)
                    .contains(map);
            // and it goes on from there
            ledger.write(new Batch().put("more", new byte[] {'!'})).await();
        }
        try (Ledger again = Ledger.open(disk, options)) {
            Map<String, String> more = new TreeMap<>(map);
            more.put("more", "!");
            assertThat(read(again)).as("seed %s, opened twice, %s", seed, files).isEqualTo(more);
        }
    }

    @Test
    void anErrorAtAnyStepLosesNothingAcknowledged() {
        long seed = 91;
        int failedRuns = 0;
        for (int failing = 1; ; failing++) {
            History history = new History(new Random(seed), 25);
            ModelDisk disk = new ModelDisk();
            int[] steps = {0};
            int bad = failing;
            disk.faults =
                    (operation, name) ->
                            ++steps[0] == bad ? new IOException("Input/output error") : null;
            int handedOver = 0;
            int acknowledged = 0;
            try (Ledger ledger = Ledger.open(disk, options)) {
                for (Batch batch : history.batches) {
                    handedOver++;
                    ledger.write(batch).await();
                    acknowledged++;
                }
            } catch (LedgerException e) {
                assertThat(e.code()).isEqualTo(LedgerException.Code.DISK);
                failedRuns++;
            }
            disk.faults = (operation, name) -> null;
            for (ModelDisk left : disk.afterPowerFailure()) {
                requireWhole(history, left, false, acknowledged, handedOver, seed);
            }
            requireWhole(history, disk.afterKill(), true, acknowledged, handedOver, seed);
            if (steps[0] < failing) {
                break;
            }
        }
        assertThat(failedRuns).isGreaterThan(50);
    }

    @Test
    void batchesThatWaitTogetherAreCutTogetherOrNotAtAll() {
        ModelDisk disk = new ModelDisk();
        List<Commit> commits = new ArrayList<>();
        List<ModelDisk> left = new ArrayList<>();
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch handedOver = new CountDownLatch(1);
        int[] frames = {0};
        try (Ledger ledger = Ledger.open(disk, options)) {
            disk.faults =
                    (operation, name) -> {
                        if (operation.equals("write") && frames[0]++ == 0) {
                            writing.countDown();
                            await(handedOver);
                        }
                        if (operation.equals("sync") && frames[0] == 2) {
                            left.addAll(disk.afterPowerFailure());
                        }
                        return null;
                    };
            commits.add(ledger.write(new Batch().put("k0", new byte[] {1})));
            await(writing); // the others wait for it
            for (int i = 1; i < 10; i++) {
                commits.add(ledger.write(new Batch().put("k" + i, new byte[] {1})));
            }
            handedOver.countDown();
            commits.forEach(Commit::await);
        }
        assertThat(frames[0]).isEqualTo(2);
        assertThat(left).hasSizeGreaterThan(100);
        for (ModelDisk one : left) {
            try (Ledger ledger = Ledger.open(one, options)) {
                assertThat(ledger.contains("k0")).isTrue();
                assertThat(ledger.size()).isIn(1, 10);
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void afterAFailedSyncNothingIsDurableUntilItIsOpenedAnew() {
        for (String broken : List.of("write", "sync")) {
            ModelDisk disk = new ModelDisk();
            try (Ledger ledger = Ledger.open(disk, options)) {
                ledger.write(new Batch().put("before", new byte[] {1})).await();
                disk.faults =
                        (operation, name) ->
                                operation.equals(broken)
                                        ? new IOException("No space left on device")
                                        : null;
                Commit commit = ledger.write(new Batch().put("during", new byte[] {2}));
                LedgerException failed = catchThrowableOfType(LedgerException.class, commit::await);
                assertThat(failed.code()).isEqualTo(LedgerException.Code.DISK);
                assertThat(failed).hasMessageContaining("No space left on device");
                assertThat(commit.isDurable()).isFalse();
                disk.faults = (operation, name) -> null;
                boolean[] abandoned = {false};
                try (Batch later = new Batch().put("after", new byte[] {3})) {
                    later.whenAbandoned(() -> abandoned[0] = true);
                    assertThat(
                                    catchThrowableOfType(
                                                    LedgerException.class,
                                                    () -> ledger.write(later))
                                            .code())
                            .isEqualTo(LedgerException.Code.DISK);
                }
                assertThat(abandoned[0]).isTrue();
                assertThat(ledger.contains("after")).isFalse();
            }
            try (Ledger again = Ledger.open(disk.afterKill(), options)) {
                assertThat(again.contains("before")).isTrue();
                assertThat(again.contains("after")).isFalse();
                again.write(new Batch().put("after", new byte[] {3})).await();
            }
        }
    }

    @Test
    void aSnapshotThatFailsCostsNothingButRoom() {
        ModelDisk disk = new ModelDisk();
        Random random = new Random(7);
        History history = new History(random, 60);
        disk.faults =
                (operation, name) ->
                        name.startsWith("snapshot") && operation.equals("sync")
                                ? new IOException("Input/output error")
                                : null;
        try (Ledger ledger = Ledger.open(disk, options)) {
            history.batches.forEach(batch -> ledger.write(batch).await());
        }
        assertThat(disk.names()).hasSizeGreaterThan(1).allMatch(name -> name.startsWith("log-"));
        disk.faults = (operation, name) -> null;
        try (Ledger again = Ledger.open(disk, options)) {
            assertThat(read(again)).isEqualTo(history.states.getLast());
            again.write(new Batch().put("more", new byte[400])).await();
            again.write(new Batch().put("more", new byte[400])).await();
        }
        assertThat(disk.names()).hasSize(2).anyMatch(name -> name.startsWith("snapshot-"));
    }
}
