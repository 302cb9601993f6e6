package io.weft.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Ip;
import io.weft.model.Prefix;
import io.weft.model.Span;
import io.weft.store.Batch;
import io.weft.store.Ledger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random operations, with restarts between them, beside {@link NaiveIpam}. */
class IpamAgainstNaiveTest {
    private static final Duration COOLDOWN = Duration.ofSeconds(60);
    private static final List<String> NODES = List.of("node-a", "node-b", "node-c");

    @TempDir Path directory;

    private final FakeTime time = new FakeTime();
    private final Pools pools =
            Pools.of(
                    new Pool(
                            "default",
                            List.of(
                                    Range.of(Prefix.parse("10.0.0.32/27")),
                                    new Range(
                                            Prefix.parse("10.0.1.0/24"),
                                            Span.tryParse("10.0.1.50-10.0.1.90").orElseThrow(),
                                            Optional.of(Ip.parse("10.0.1.77"))),
                                    Range.of(Prefix.parse("fd00::/121"))),
                            List.of(
                                    Span.tryParse("10.0.1.60-10.0.1.66").orElseThrow(),
                                    Span.tryParse("fd00::10/124").orElseThrow())),
                    Given.pool("small", "10.5.0.0/28"));
    private final NaiveIpam naive = new NaiveIpam(pools, COOLDOWN, time);

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyAnswerIsARightOne(long seed) {
        Random random = new Random(seed);
        Ledger ledger = Ledger.open(directory);
        Ipam ipam = open(ledger, random);
        try {
            for (int step = 0; step < 1500; step++) {
                String where = "seed " + seed + " step " + step;
                int what = random.nextInt(100);
                if (what < 45) {
                    acquire(ipam, ledger, request(random), random.nextInt(8) == 0, where);
                } else if (what < 80) {
                    LeaseKey key = Given.key(random.nextInt(120));
                    assertThat(ipam.release(key).isPresent())
                            .as(where)
                            .isEqualTo(naive.leases.containsKey(key));
                    naive.release(key);
                } else if (what < 85) {
                    ClaimKey claim = claim(random);
                    assertThat(ipam.deleteClaim(claim))
                            .as(where)
                            .isEqualTo(naive.claims.containsKey(claim));
                    naive.deleteClaim(claim);
                } else if (what < 95) {
                    time.pass(Duration.ofMillis(random.nextInt(8000)));
                } else if (what < 98) {
                    assertThat(ipam.usage()).as(where).isEqualTo(naive.usage());
                } else {
                    ledger.close();
                    ledger = Ledger.open(directory);
                    ipam = open(ledger, random);
                    assertThat(ipam.usage()).as(where).isEqualTo(naive.usage());
                    assertThat(ipam.leases()).as(where).isEqualTo(naive.list());
                }
            }
        } finally {
            ledger.close();
        }
    }

    private Ipam open(Ledger ledger, Random random) {
        Settings settings = Settings.of(NODES.get(random.nextInt(3))).withCooldown(COOLDOWN);
        return Ipam.open(ledger, pools, settings, time);
    }

    private void acquire(Ipam ipam, Ledger ledger, Request request, boolean abandon, String where) {
        Optional<IpamException.Code> wrong = naive.wrong(request);
        try (Batch batch = new Batch()) {
            Lease lease = ipam.acquire(request, batch);
            assertThat(wrong).as("%s: %s got %s", where, request, lease).isEmpty();
            assertThat(naive.mayGive(request, lease.addresses()))
                    .as("%s: %s got %s", where, request, lease.addresses())
                    .isTrue();
            if (!abandon) {
                ledger.write(batch).await();
                naive.given(lease);
            }
        } catch (IpamException e) {
            assertThat(wrong).as("%s: %s: %s", where, request, e).contains(e.code());
        }
        assertThat(ipam.find(request.key()))
                .as(where)
                .isEqualTo(Optional.ofNullable(naive.leases.get(request.key())));
    }

    private Request request(Random random) {
        int n = random.nextInt(120);
        String pool = random.nextInt(5) == 0 ? "small" : "default";
        Request request =
                Request.of(Given.key(n), Given.pod("p" + n), pool).on(NODES.get(random.nextInt(3)));
        if (random.nextInt(4) == 0) {
            return request.keptBy(claim(random));
        }
        if (random.nextInt(4) == 0) {
            List<Ip> some = new ArrayList<>();
            some.add(
                    pool.equals("small")
                            ? Ip.parse("10.5.0." + random.nextInt(18))
                            : Ip.parse("10.0.1." + (45 + random.nextInt(50))));
            if (pool.equals("default") && random.nextBoolean()) {
                some.add(Ip.parse("fd00::").plus(random.nextInt(130)));
            }
            return request.exactly(some);
        }
        return request;
    }

    private static ClaimKey claim(Random random) {
        return new ClaimKey(ClaimKey.Kind.POD, "shop", "db-" + random.nextInt(12), "eth0");
    }
}
