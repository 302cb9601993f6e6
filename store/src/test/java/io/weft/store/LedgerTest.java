package io.weft.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.weft.store.LedgerException.Code;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
    @TempDir Path directory;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> keys(Ledger ledger, String prefix) {
        List<String> keys = new ArrayList<>();
        ledger.forEach(prefix, (key, value) -> keys.add(key));
        return keys;
    }

    @Test
    void whatWasWrittenIsThereAfterwards() {
        try (Ledger ledger = Ledger.open(directory)) {
            ledger.write(new Batch().put("a/1", bytes("one")).put("b/1", bytes("zwei"))).await();
            ledger.write(new Batch().put("a/2", bytes("")).remove("b/1").remove("never")).await();
        }
        try (Ledger ledger = Ledger.open(directory)) {
            assertThat(ledger.notices()).isEmpty();
            assertThat(ledger.get("a/1")).hasValue(bytes("one"));
            assertThat(ledger.get("a/2")).hasValue(new byte[0]);
            assertThat(ledger.get("b/1")).isEmpty();
            assertThat(ledger.size()).isEqualTo(2);
        }
    }

    @Test
    void keysComeInOrderByPrefix() {
        try (Ledger ledger = Ledger.inMemory()) {
            for (String key : List.of("b", "a/2", "a/10", "a", "a0", "ä")) {
                assertThat(ledger.write(new Batch().put(key, bytes(key))).isDurable()).isTrue();
            }
            assertThat(keys(ledger, "")).containsExactly("a", "a/10", "a/2", "a0", "b", "ä");
            assertThat(keys(ledger, "a/")).containsExactly("a/10", "a/2");
            assertThat(keys(ledger, "c")).isEmpty();
        }
    }

    @Test
    void callersKeepTheirArrays() {
        try (Ledger ledger = Ledger.inMemory()) {
            byte[] value = bytes("abc");
            ledger.write(new Batch().put("k", value));
            value[0] = 'X';
            ledger.get("k").orElseThrow()[1] = 'X';
            assertThat(ledger.get("k")).hasValue(bytes("abc"));
        }
    }

    @Test
    void aBatchIsWrittenOrAbandonedOnce() {
        try (Ledger ledger = Ledger.inMemory()) {
            List<String> done = new ArrayList<>();
            Batch written = new Batch().put("k", bytes("v"));
            written.whenWritten(() -> done.add("written, seen " + ledger.contains("k")));
            written.whenAbandoned(() -> done.add("wrong"));
            ledger.write(written);
            written.close();
            Batch closed = new Batch().put("l", bytes("v")).whenAbandoned(() -> done.add("second"));
            closed.whenAbandoned(() -> done.add("first"));
            closed.close();
            assertThat(done).containsExactly("written, seen true", "first", "second");
            assertThatThrownBy(() -> ledger.write(closed)).hasMessageContaining("ABANDONED");
            assertThatThrownBy(() -> ledger.write(written)).hasMessageContaining("WRITTEN");
            assertThat(ledger.contains("l")).isFalse();
        }
    }

    @Test
    void limitsAreSaid() {
        try (Batch batch = new Batch()) {
            assertThat(refusal(() -> batch.put("", new byte[0]))).isEqualTo(Code.TOO_LARGE);
            assertThat(refusal(() -> batch.put("k".repeat(1025), new byte[0])))
                    .isEqualTo(Code.TOO_LARGE);
            assertThat(refusal(() -> batch.put("k", new byte[(1 << 20) + 1])))
                    .isEqualTo(Code.TOO_LARGE);
            assertThatThrownBy(() -> batch.put("\ud800", new byte[0]))
                    .isInstanceOf(IllegalArgumentException.class);
            for (int i = 0; i < 3; i++) {
                batch.put("k" + i, new byte[1 << 20]);
            }
            assertThat(refusal(() -> batch.put("k4", new byte[1 << 20]))).isEqualTo(Code.TOO_LARGE);
        }
    }

    private static Code refusal(Runnable action) {
        return catchThrowableOfType(LedgerException.class, action::run).code();
    }

    @Test
    void oneProcessHasItAndIsNamed() {
        try (Ledger ledger = Ledger.open(directory)) {
            LedgerException second =
                    catchThrowableOfType(LedgerException.class, () -> Ledger.open(directory));
            assertThat(second.code()).isEqualTo(Code.LOCKED);
            assertThat(second)
                    .hasMessageContaining("is in use by process " + ProcessHandle.current().pid());
            assertThat(ledger.size()).isZero();
        }
        Ledger.open(directory).close();
    }

    @Test
    void anotherProcessIsRefusedEvenAfterThisOneTriedTwice() throws Exception {
        try (Ledger ledger = Ledger.open(directory)) {
            assertThat(refusal(() -> Ledger.open(directory))).isEqualTo(Code.LOCKED);
            Process other =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    KilledWriter.class.getName(),
                                    directory.toString())
                            .redirectErrorStream(true)
                            .start();
            try (BufferedReader out = other.inputReader()) {
                assertThat(out.readLine())
                        .contains("in use by process " + ProcessHandle.current().pid());
            } finally {
                other.destroyForcibly().waitFor();
            }
            assertThat(ledger.size()).isZero();
        }
    }

    @Test
    void afterCloseNothing() {
        Ledger ledger = Ledger.open(directory);
        ledger.close();
        ledger.close();
        assertThat(refusal(() -> ledger.get("k"))).isEqualTo(Code.CLOSED);
        assertThat(refusal(() -> ledger.write(new Batch()))).isEqualTo(Code.CLOSED);
    }

    @Test
    void closeWaitsForWhatWasWritten() {
        Ledger ledger = Ledger.open(directory);
        Commit last = Commit.done();
        for (int i = 0; i < 1000; i++) {
            last = ledger.write(new Batch().put("k" + i, bytes("v" + i)));
        }
        ledger.close();
        assertThat(last.isDurable()).isTrue();
        try (Ledger again = Ledger.open(directory)) {
            assertThat(again.size()).isEqualTo(1000);
        }
    }

    @Test
    void anEmptyBatchIsDurableWhenThoseBeforeItAre() {
        try (Ledger ledger = Ledger.open(directory)) {
            Commit first = ledger.write(new Batch().put("k", bytes("v")));
            ledger.write(new Batch()).await();
            assertThat(first.isDurable()).isTrue();
        }
    }

    @Test
    void manyVirtualThreadsWriteAndAwait() throws Exception {
        try (Ledger ledger = Ledger.open(directory);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                int n = i;
                all.add(
                        threads.submit(() -> {
                            for (int j = 0; j < 10; j++) {
                                ledger.write(new Batch().put("k" + n + "/" + j, bytes("v")))
                                        .await();
                            }
                        }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        try (Ledger ledger = Ledger.open(directory)) {
            assertThat(ledger.size()).isEqualTo(2000);
        }
    }

    @Test
    void logsThatOutgrowTheLivingBecomeASnapshot() throws IOException {
        try (Ledger ledger = Ledger.open(directory)) {
            for (int i = 0; i < 300; i++) {
                ledger.write(new Batch().put("k" + i % 10, new byte[100_000])).await();
            }
        }
        long size = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                size += Files.size(file);
            }
        }
        assertThat(size).as("of 30 MB written").isLessThan(14_000_000);
        try (Ledger ledger = Ledger.open(directory)) {
            assertThat(ledger.size()).isEqualTo(10);
            assertThat(ledger.get("k9")).hasValue(new byte[100_000]);
        }
    }

    @Test
    void everyTruncationOfTheRealFileLeavesAPrefix() throws IOException {
        List<Integer> ends = new ArrayList<>();
        Path log = directory.resolve("log-0");
        try (Ledger ledger = Ledger.open(directory)) {
            ends.add((int) Files.size(log));
            for (int i = 0; i < 8; i++) {
                ledger.write(new Batch().put("k" + i, bytes("v" + i)).put("n", bytes("" + i)))
                        .await();
                ends.add((int) Files.size(log));
            }
        }
        byte[] whole = Files.readAllBytes(log);
        for (int length = ends.getFirst(); length <= whole.length; length++) {
            Files.write(log, Arrays.copyOf(whole, length));
            int most = length;
            int batches = (int) ends.stream().filter(end -> end <= most).count() - 1;
            try (Ledger ledger = Ledger.open(directory)) {
                assertThat(ledger.size()).isEqualTo(batches == 0 ? 0 : batches + 1);
                assertThat(ledger.notices().size()).isEqualTo(ends.contains(length) ? 0 : 1);
                assertThat(ledger.get("n").map(v -> new String(v, StandardCharsets.UTF_8)))
                        .isEqualTo(Optional.of(batches).filter(n -> n > 0).map(n -> "" + (n - 1)));
                ledger.write(new Batch().put("more", bytes("!"))).await();
            }
            try (Ledger ledger = Ledger.open(directory)) {
                assertThat(ledger.get("more")).hasValue(bytes("!"));
                assertThat(ledger.notices()).isEmpty();
            }
        }
    }

    @Test
    void everyDamagedByteIsRefusedOrWasOfTheLastRecord() {
        AtomicInteger salts = new AtomicInteger();
        Options options = new Options(400, Runnable::run, salts::incrementAndGet);
        ModelDisk disk = new ModelDisk();
        int before;
        String log;
        try (Ledger ledger = Ledger.open(disk, options)) {
            for (int i = 0; i < 20; i++) {
                ledger.write(new Batch().put("k" + i % 7, bytes("value " + i))).await();
            }
            log = disk.names().getFirst();
            before = disk.bytes(log).length;
            ledger.write(new Batch().put("last", bytes("!"))).await();
        }
        assertThat(disk.names()).hasSize(2);
        for (String name : disk.names()) {
            int size = disk.bytes(name).length;
            for (int at = 0; at < size; at++) {
                ModelDisk damaged = disk.afterKill();
                damaged.bytes(name)[at] ^= (byte) (1 << at % 8);
                boolean last = name.equals(log) && at >= before;
                if (last) {
                    try (Ledger ledger = Ledger.open(damaged, options)) {
                        assertThat(ledger.contains("last")).isFalse();
                        assertThat(ledger.notices()).hasSize(1);
                    }
                } else {
                    LedgerException refused =
                            catchThrowableOfType(
                                    LedgerException.class, () -> Ledger.open(damaged, options));
                    assertThat(refused).as("%s, byte %s", name, at).isNotNull();
                    assertThat(refused.code()).isEqualTo(Code.CORRUPT);
                    assertThat(refused).hasMessageContaining(name).hasMessageContaining("restore");
                }
            }
        }
    }

    @Test
    void aMissingLogIsRefused() throws IOException {
        try (Ledger ledger = Ledger.open(directory)) {
            for (int i = 0; i < 100; i++) {
                ledger.write(new Batch().put("k", new byte[100_000])).await();
            }
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().startsWith("log-")) {
                    Files.delete(file);
                }
            }
        }
        LedgerException refused =
                catchThrowableOfType(LedgerException.class, () -> Ledger.open(directory));
        assertThat(refused.code()).isEqualTo(Code.CORRUPT);
        assertThat(refused).hasMessageMatching(".*log-[0-9]+ is missing; .*");
    }
}
