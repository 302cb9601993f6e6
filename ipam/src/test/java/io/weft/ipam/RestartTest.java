package io.weft.ipam;

import static io.weft.ipam.Given.SETTINGS;
import static io.weft.ipam.Given.key;
import static io.weft.ipam.Given.pool;
import static io.weft.ipam.Given.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.weft.store.Batch;
import io.weft.store.Ledger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a restart keeps, whatever the clocks show afterwards. */
class RestartTest {
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir Path directory;
    private final FakeTime time = new FakeTime();
    private final Pools one = Pools.of(pool("default", "10.0.0.0/30")); // one address

    /** Gives the only address back, then restarts as {@code meanwhile} says. */
    private Optional<Duration> restAfter(Runnable meanwhile) {
        try (Ledger ledger = Ledger.open(directory)) {
            Ipam ipam = Ipam.open(ledger, one, SETTINGS, time);
            ipam.acquire(request(1));
            ipam.release(key(1));
        }
        meanwhile.run();
        try (Ledger ledger = Ledger.open(directory)) {
            Ipam ipam = Ipam.open(ledger, one, SETTINGS, time);
            try (Batch batch = new Batch()) {
                ipam.acquire(request(2), batch);
                return Optional.empty();
            } catch (IpamException e) {
                return e.retryAfter();
            }
        }
    }

    @Test
    void theRestGoesOn() {
        assertThat(restAfter(() -> time.pass(Duration.ofSeconds(100))))
                .contains(Duration.ofSeconds(210));
    }

    @Test
    void theRestEnds() {
        assertThat(restAfter(() -> time.pass(Duration.ofSeconds(310)))).isEmpty();
    }

    @Test
    void inOneBootTheWallClockDoesNotMatter() {
        assertThat(
                        restAfter(() -> {
                            time.pass(Duration.ofSeconds(100));
                            time.wallMillis += HOUR.toMillis();
                        }))
                .contains(Duration.ofSeconds(210));
    }

    @Test
    void afterARebootTheWallClockCounts() {
        assertThat(restAfter(() -> time.reboot("boot-2", time.wallMillis + 110_000)))
                .contains(Duration.ofSeconds(200));
    }

    @Test
    void aWallClockThatWentBackMeansNoRestYet() {
        assertThat(restAfter(() -> time.reboot("boot-2", time.wallMillis - HOUR.toMillis())))
                .contains(SETTINGS.cooldown());
    }

    @Test
    void aShorterCoolDownHoldsAfterARestart() {
        try (Ledger ledger = Ledger.open(directory)) {
            Ipam ipam = Ipam.open(ledger, one, SETTINGS, time);
            ipam.acquire(request(1));
            ipam.release(key(1));
        }
        time.pass(Duration.ofSeconds(20));
        try (Ledger ledger = Ledger.open(directory)) {
            Ipam ipam = Ipam.open(ledger, one, SETTINGS.withCooldown(Duration.ofSeconds(10)), time);
            assertThat(ipam.usage().getFirst().free()).isEqualTo(1);
            assertThat(ledger.size()).as("the block").isEqualTo(1);
        }
    }

    @Test
    void blocksKeepTheirNode() {
        Pools pools = Pools.of(pool("default", "10.0.0.0/24"));
        try (Ledger ledger = Ledger.open(directory)) {
            Ipam ipam = Ipam.open(ledger, pools, SETTINGS, time);
            ipam.acquire(request(1).on("node-b"));
            ipam.acquire(request(2));
        }
        try (Ledger ledger = Ledger.open(directory)) {
            Ipam ipam = Ipam.open(ledger, pools, SETTINGS, time);
            assertThat(ipam.blocks())
                    .extracting(b -> b.prefix() + " " + b.node() + " " + b.taken())
                    .containsExactly("10.0.0.0/26 node-b 1", "10.0.0.64/26 node-a 1");
            assertThat(ipam.acquire(request(3)).addresses()).isEqualTo(Given.ips("10.0.0.65"));
        }
    }

    @Test
    void aPoolOfAnotherNameDoesNotGiveWhatIsHeldAgain() {
        try (Ledger ledger = Ledger.open(directory)) {
            Ipam ipam = Ipam.open(ledger, one, SETTINGS, time);
            ipam.acquire(request(1));
        }
        try (Ledger ledger = Ledger.open(directory)) {
            Ipam ipam = Ipam.open(ledger, Pools.of(pool("renamed", "10.0.0.0/30")), SETTINGS, time);
            Request other = Request.of(key(2), Given.pod("web-2"), "renamed");
            assertThat(catchThrowableOfType(IpamException.class, () -> ipam.acquire(other)))
                    .hasMessageContaining("of 1, 1 are in use");
            ipam.release(key(1));
            assertThat(ipam.usage())
                    .containsExactly(new Usage("renamed", Family.V4, 1, 0, 1, 0, 0));
        }
    }

    @Test
    void contradictionsAreRefused() {
        try (Ledger ledger = Ledger.inMemory()) {
            Ipam ipam = Ipam.open(ledger, one, SETTINGS, time);
            ipam.acquire(request(1));
            byte[] record = ledger.get("ipam/lease/c1/eth0/pods").orElseThrow();
            ledger.write(new Batch().put("ipam/lease/c2/eth0/pods", record));
            assertThat(
                            catchThrowableOfType(
                                    IllegalStateException.class,
                                    () -> Ipam.open(ledger, one, SETTINGS, time)))
                    .hasMessage("ledger: 10.0.0.2 of c2/eth0 in pods is another's, too");
            ledger.write(new Batch().put("ipam/lease/c2/eth0/pods", new byte[] {9}));
            assertThat(
                            catchThrowableOfType(
                                    IllegalStateException.class,
                                    () -> Ipam.open(ledger, one, SETTINGS, time)))
                    .hasMessageContaining("has version 9");
        }
    }
}
