package io.weft.ipam;

import static io.weft.ipam.Given.SETTINGS;
import static io.weft.ipam.Given.pool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.weft.model.Ip;
import io.weft.store.Batch;
import io.weft.store.Ledger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class LargePoolTest {
    private final FakeTime time = new FakeTime();
    private final Ledger ledger = Ledger.inMemory();

    @Test
    void aLargePoolToTheLastAddress() {
        int bits = Boolean.getBoolean("weft.full") ? 20 : 16; // a million in ./check full
        Pools pools = Pools.of(pool("default", "10.0.0.0/" + (32 - bits)));
        int total = (1 << bits) - 3;
        Ipam ipam = Ipam.open(ledger, pools, SETTINGS, time);
        Set<Ip> given = new HashSet<>(2 * total);
        for (int i = 0; i < total; i++) {
            given.add(acquire(ipam, i).addresses().getFirst());
        }
        assertThat(given).hasSize(total);
        IpamException full = catchThrowableOfType(IpamException.class, () -> acquire(ipam, total));
        assertThat(full).hasMessageContaining("of %d, %d are in use", total, total);

        Ipam restarted = Ipam.open(ledger, pools, SETTINGS, time);
        assertThat(restarted.usage())
                .containsExactly(new Usage("default", Family.V4, total, total, 0, 0, 0));
        for (int i = 0; i < total; i += 1000) {
            release(restarted, i);
        }
        time.pass(Duration.ofSeconds(310));
        for (int i = 0; i < total; i += 1000) {
            assertThat(given).contains(acquire(restarted, i).addresses().getFirst());
        }
        assertThat(restarted.usage().getFirst().free()).isZero();
    }

    private Lease acquire(Ipam ipam, int n) {
        try (Batch batch = new Batch()) {
            Lease lease = ipam.acquire(Given.request(n), batch);
            ledger.write(batch);
            return lease;
        }
    }

    private void release(Ipam ipam, int n) {
        try (Batch batch = new Batch()) {
            assertThat(ipam.release(Given.key(n), batch)).isPresent();
            ledger.write(batch);
        }
    }

    @Test
    void manyThreadsNeverShareAnAddress() throws Exception {
        Pools pools = Pools.of(pool("default", "10.0.0.0/25", "fd00::/64"));
        Ipam ipam = Ipam.open(ledger, pools, SETTINGS.withCooldown(Duration.ZERO), time);
        Set<Ip> held = ConcurrentHashMap.newKeySet();
        List<Future<?>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 8; i++) {
                int thread = i;
                all.add(threads.submit(() -> churn(ipam, thread, held)));
            }
        }
        for (Future<?> one : all) {
            one.get();
        }
        assertThat(ipam.leases()).isEmpty();
        assertThat(ipam.usage())
                .allMatch(usage -> usage.used() == 0 && usage.free() == usage.total());
    }

    private void churn(Ipam ipam, int thread, Set<Ip> held) {
        for (int i = 0; i < 2000; i++) {
            int n = thread * 10_000 + i;
            Lease lease = acquire(ipam, n);
            if (i % 7 == 0) {
                try (Batch abandoned = new Batch()) {
                    ipam.acquire(Given.request(n + 5000), abandoned);
                }
            }
            for (Ip ip : lease.addresses()) {
                assertThat(held.add(ip)).as("%s was free", ip).isTrue();
            }
            held.removeAll(lease.addresses());
            release(ipam, n);
        }
    }
}
