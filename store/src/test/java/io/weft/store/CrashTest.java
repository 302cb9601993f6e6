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
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A power failure at every step and every byte, by {@link ModelDisk}. */
class CrashTest {
    /** Compacts often, in the writer's thread, so that every run has the same steps. */
    private final AtomicInteger salts = new AtomicInteger();

    private final Options options = new Options(300, Runnable::run, salts::incrementAndGet);

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
        History history = new History(new Random(seed), 40);
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
                        requireWhole(history, left, acknowledged[0], handedOver[0], seed);
                    }
                    requireWhole(history, disk.afterKill(), acknowledged[0], handedOver[0], seed);
                };
        try (Ledger ledger = Ledger.open(disk, options)) {
            for (Batch batch : history.batches) {
                handedOver[0]++;
                ledger.write(batch).await();
                acknowledged[0]++;
            }
            assertThat(read(ledger)).isEqualTo(history.states.getLast());
        }
        assertThat(crashes[0]).as("power failures tried").isGreaterThan(5_000);
        assertThat(snapshots[0]).as("of them with a snapshot").isGreaterThan(1_000);
    }

    private void requireWhole(History history, ModelDisk disk, int least, int most, long seed) {
        String files = disk.names().toString();
        Map<String, String> map;
        try (Ledger ledger = Ledger.open(disk, options)) {
            map = read(ledger);
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
    void batchesThatWaitTogetherAreCutTogetherOrNotAtAll() throws InterruptedException {
        ModelDisk disk = new ModelDisk();
        List<Commit> commits = new ArrayList<>();
        List<ModelDisk> left = new ArrayList<>();
        java.util.concurrent.CountDownLatch all = new java.util.concurrent.CountDownLatch(1);
        try (Ledger ledger = Ledger.open(disk, options)) {
            int[] frames = {0};
            disk.faults =
                    (operation, name) -> {
                        if (operation.equals("write") && frames[0]++ == 0) {
                            awaitUninterruptibly(all);
                        }
                        if (operation.equals("sync") && frames[0] == 2) {
                            left.addAll(disk.afterPowerFailure());
                        }
                        return null;
                    };
            for (int i = 0; i < 10; i++) {
                commits.add(ledger.write(new Batch().put("k" + i, new byte[] {1})));
            }
            all.countDown();
            commits.forEach(Commit::await);
            assertThat(frames[0]).as("one alone, or with some; the others together").isLessThan(4);
        }
        assertThat(left).isNotEmpty();
        for (ModelDisk one : left) {
            try (Ledger ledger = Ledger.open(one, options)) {
                int size = ledger.size();
                for (int i = 0; i < 10; i++) {
                    assertThat(ledger.contains("k" + i)).isEqualTo(i < size);
                }
            }
        }
    }

    private static void awaitUninterruptibly(java.util.concurrent.CountDownLatch latch) {
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
