package io.weft.ipam;

import io.weft.model.Prefix;
import io.weft.store.Batch;
import io.weft.store.Commit;
import io.weft.store.Ledger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/**
 * Prints what an acquire and a release cost with few and many leases held; asserts nothing. Takes a
 * directory to write in.
 */
final class IpamBenchmark {
    private static final int ROUNDS = 20_000;

    private IpamBenchmark() {}

    /** Runs it. */
    public static void main(String[] args) throws IOException {
        Path directory = Files.createTempDirectory(Path.of(args[0]), "ipam-");
        try {
            one("memory", Ledger.inMemory(), 0); // warms up
            for (int held : new int[] {0, 16_000, 900_000}) {
                one("memory", Ledger.inMemory(), held);
            }
            for (int held : new int[] {0, 16_000, 900_000}) {
                Path place = directory.resolve("held-" + held);
                try (Ledger ledger = Ledger.open(place)) {
                    one("disk, not awaited", ledger, held);
                    awaited(ledger, 1);
                    awaited(ledger, 64);
                }
                long before = System.nanoTime();
                try (Ledger ledger = Ledger.open(place)) {
                    long opened = System.nanoTime();
                    Ipam ipam = open(ledger);
                    long loaded = System.nanoTime();
                    System.out.printf(
                            Locale.ROOT,
                            "%d held: ledger opened in %.0f ms, leases loaded in %.0f ms, %s%n",
                            held,
                            (opened - before) / 1e6,
                            (loaded - opened) / 1e6,
                            ipam.usage());
                }
            }
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static Ipam open(Ledger ledger) {
        Pool pool = new Pool("default", List.of(Range.of(Prefix.parse("10.0.0.0/12"))), List.of());
        return Ipam.open(
                ledger,
                Pools.of(pool),
                Settings.of("node-a").withCooldown(Duration.ofSeconds(1)),
                TimeSource.system());
    }

    private static Request request(int n) {
        String id = String.format(Locale.ROOT, "%064x", n * 0x9E3779B97F4A7C15L);
        LeaseKey key = new LeaseKey(id, "eth0", "pods");
        return Request.of(
                key,
                Owner.pod("0b6f9a52-7ad8-4d4c-9d0e-0123456789ab", "shop", "web-" + n),
                "default");
    }

    private static void one(String what, Ledger ledger, int held) {
        long empty = memory();
        Ipam ipam = open(ledger);
        for (int i = 0; i < held; i++) {
            acquire(ipam, ledger, request(i));
        }
        long full = memory();
        Request[] requests = new Request[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            requests[i] = request(1_000_000 + i);
        }
        long[] add = new long[ROUNDS];
        long[] del = new long[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            long start = System.nanoTime();
            acquire(ipam, ledger, requests[i]);
            long middle = System.nanoTime();
            try (Batch batch = new Batch()) {
                ipam.release(requests[i].key(), batch);
                ledger.write(batch);
            }
            add[i] = middle - start;
            del[i] = System.nanoTime() - middle;
        }
        Arrays.sort(add);
        Arrays.sort(del);
        System.out.printf(
                Locale.ROOT,
                "%s, %d held: ADD %d ns (p99 %d), DEL %d ns (p99 %d); heap +%.1f MB%n",
                what,
                held,
                add[ROUNDS / 2],
                add[ROUNDS * 99 / 100],
                del[ROUNDS / 2],
                del[ROUNDS * 99 / 100],
                (full - empty) / 1e6);
    }

    private static Commit acquire(Ipam ipam, Ledger ledger, Request request) {
        try (Batch batch = new Batch()) {
            ipam.acquire(request, batch);
            return ledger.write(batch);
        }
    }

    /** Each worker waits until its own is durable. */
    private static void awaited(Ledger ledger, int workers) {
        Ipam ipam = open(ledger);
        int rounds = workers == 1 ? 300 : 100;
        long start = System.nanoTime();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int w = 0; w < workers; w++) {
                int worker = w;
                threads.execute(() -> {
                    for (int i = 0; i < rounds; i++) {
                        Request request = request(2_000_000 + worker * 1000 + i);
                        ipam.acquire(request);
                        ipam.release(request.key());
                    }
                });
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "  durable, %d at once: %.0f pods/s added and deleted%n",
                workers,
                workers * rounds / seconds);
    }

    private static long memory() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
