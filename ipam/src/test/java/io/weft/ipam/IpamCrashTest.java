package io.weft.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Ip;
import io.weft.store.Batch;
import io.weft.store.Ledger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that ends at any byte that it writes: what kill -9 leaves of a log that only grows is
 * its beginning. Each beginning must be the state after the operations that are wholly in it: no
 * lease, claim or rest more or less, and every address counted once.
 *
 * <p>{@code -Dweft.full=true} tries every byte; {@code -Dweft.seed=N} repeats a run's choices.
 */
class IpamCrashTest {
    private static final int STEP = Boolean.getBoolean("weft.full") ? 1 : 5;
    private static final int OPERATIONS = 40;
    private static final Pools POOLS =
            Pools.of(
                    Given.pool("default", "10.0.0.0/27", "fd00::/64"),
                    Given.pool("dmz", "10.1.0.0/27"));
    private static final Settings SETTINGS =
            Settings.of("node-a").withCooldown(Duration.ofHours(1));

    @TempDir private Path directory;

    private final long seed = Long.getLong("weft.seed", System.nanoTime());
    private final FakeTime time = new FakeTime();

    /** What there is after an operation, and how long the log is then. */
    private record State(long bytes, String leases, String claims, List<Usage> usage) {
        static State of(Ipam ipam, long bytes) {
            TreeMap<String, Object> claims = new TreeMap<>();
            ipam.claims().forEach(claim -> claims.put(claim.key().toString(), claim));
            return new State(bytes, ipam.leases().toString(), claims.toString(), ipam.usage());
        }
    }

    private static Path log(Path ledger) throws IOException {
        try (Stream<Path> files = Files.list(ledger)) {
            List<Path> logs =
                    files.filter(file -> !file.getFileName().toString().equals("lock")).toList();
            assertThat(logs).as("one log, and no snapshot").hasSize(1);
            return logs.getFirst();
        }
    }

    @Test
    void everyBeginningOfTheLogIsTheStateAfterSomeOperations() throws IOException {
        Path whole = directory.resolve("whole");
        List<State> states = run(whole);
        Path log = log(whole);
        byte[] bytes = Files.readAllBytes(log);
        Path cut = directory.resolve("cut");
        int tried = 0;
        for (int length = (int) states.getFirst().bytes(); length <= bytes.length; length += STEP) {
            Files.createDirectories(cut);
            Files.write(cut.resolve(log.getFileName()), Arrays.copyOf(bytes, length));
            requireState(cut, before(states, length), "seed " + seed + " byte " + length);
            delete(cut);
            tried++;
        }
        assertThat(tried).isGreaterThan(OPERATIONS);
    }

    private static State before(List<State> states, int length) {
        State last = states.getFirst();
        for (State state : states) {
            last = state.bytes() <= length ? state : last;
        }
        return last;
    }

    /** One operation after another, each awaited. {@return the states before and after each} */
    private List<State> run(Path whole) throws IOException {
        Random random = new Random(seed);
        List<State> states = new ArrayList<>();
        try (Ledger ledger = Ledger.open(whole)) {
            Ipam ipam = Ipam.open(ledger, POOLS, SETTINGS, time);
            states.add(State.of(ipam, Files.size(log(whole))));
            for (int i = 0; i < OPERATIONS; i++) {
                operate(ipam, ledger, random);
                states.add(State.of(ipam, Files.size(log(whole))));
                time.pass(Duration.ofSeconds(1));
            }
        }
        return states;
    }

    private static void operate(Ipam ipam, Ledger ledger, Random random) {
        int n = random.nextInt(8);
        LeaseKey key = Given.key(n);
        ClaimKey claim = new ClaimKey(ClaimKey.Kind.POD, "shop", "db-" + n % 3, "eth0");
        if (random.nextInt(6) == 0) {
            ipam.deleteClaim(claim);
            return;
        }
        try (Batch batch = new Batch()) {
            Optional<Lease> held = ipam.find(key);
            if (held.isPresent()) {
                ipam.release(key, batch);
            } else {
                Request request = Request.of(key, Given.pod("p"), n % 2 == 0 ? "default" : "dmz");
                ipam.acquire(n < 3 ? request.keptBy(claim) : request, batch);
            }
            // as an agent does: its own record with the lease, both there or neither
            batch.put("attachment/" + n, new byte[random.nextInt(50)]);
            ledger.write(batch).await();
        }
    }

    private void requireState(Path cut, State wanted, String where) {
        try (Ledger ledger = Ledger.open(cut)) {
            Ipam ipam = Ipam.open(ledger, POOLS, SETTINGS, time);
            State found = State.of(ipam, wanted.bytes());
            assertThat(found).as(where).isEqualTo(wanted);
            Set<Ip> distinct = new HashSet<>();
            ipam.leases().stream()
                    .filter(lease -> lease.claim().isEmpty())
                    .forEach(lease ->
                            lease.addresses()
                                    .forEach(
                                            ip -> assertThat(distinct.add(ip)).as(where).isTrue()));
            ipam.claims()
                    .forEach(claim ->
                            claim.addresses()
                                    .forEach(
                                            ip -> assertThat(distinct.add(ip)).as(where).isTrue()));
            for (Usage usage : ipam.usage()) {
                long counted =
                        distinct.stream()
                                .filter(ip -> Family.of(ip) == usage.family())
                                .filter(ip -> poolOf(ip).equals(usage.pool()))
                                .count();
                assertThat(usage.used() + usage.reserved()).as(where).isEqualTo(counted);
            }
        }
    }

    private static String poolOf(Ip ip) {
        return POOLS.pools().stream()
                .filter(pool -> pool.ranges().stream().anyMatch(r -> r.subnet().contains(ip)))
                .findFirst()
                .orElseThrow()
                .name();
    }

    private static void delete(Path cut) throws IOException {
        try (Stream<Path> files = Files.list(cut)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }
}
