package io.weft.ipam;

import static io.weft.ipam.Given.SETTINGS;
import static io.weft.ipam.Given.ips;
import static io.weft.ipam.Given.key;
import static io.weft.ipam.Given.pod;
import static io.weft.ipam.Given.pool;
import static io.weft.ipam.Given.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.weft.ipam.IpamException.Code;
import io.weft.model.Ip;
import io.weft.model.Span;
import io.weft.store.Batch;
import io.weft.store.Ledger;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IpamTest {
    private final Ledger ledger = Ledger.inMemory();
    private final FakeTime time = new FakeTime();

    private Ipam open(Pool... pools) {
        return Ipam.open(ledger, Pools.of(pools), SETTINGS, time);
    }

    private static IpamException refused(Ipam ipam, Request request) {
        IpamException e = catchThrowableOfType(IpamException.class, () -> ipam.acquire(request));
        assertThat(e).as("refused").isNotNull();
        return e;
    }

    @Test
    void givesOneAddressOfEachFamily() {
        Ipam ipam = open(pool("default", "10.0.0.0/24", "fd00::/64"));
        assertThat(ipam.acquire(request(1)).addresses()).isEqualTo(ips("10.0.0.2", "fd00::2"));
        assertThat(ipam.acquire(request(2)).addresses()).isEqualTo(ips("10.0.0.3", "fd00::3"));
        assertThat(ipam.usage())
                .containsExactly(
                        new Usage("default", Family.V4, 253, 2, 0, 0, 251),
                        new Usage("default", Family.V6, Long.MAX_VALUE, 2, 0, 0, Long.MAX_VALUE));
    }

    @Test
    void theSameKeyTwiceFailsAndTheFirstStays() {
        Ipam ipam = open(pool("default", "10.0.0.0/24"));
        Lease first = ipam.acquire(request(1));
        IpamException second = refused(ipam, request(1));
        assertThat(second.code()).isEqualTo(Code.DUPLICATE);
        assertThat(second.existing()).contains(first);
        assertThat(ipam.find(key(1))).contains(first);
        assertThat(ipam.leases()).containsExactly(first);
    }

    @Test
    void releasingWhatIsNotThereIsNoError() {
        Ipam ipam = open(pool("default", "10.0.0.0/24"));
        assertThat(ipam.release(key(1))).isEmpty();
        ipam.acquire(request(1));
        assertThat(ipam.release(key(1))).isPresent();
        assertThat(ipam.release(key(1))).isEmpty();
    }

    @Test
    void bothFamiliesOrNone() {
        Ipam ipam = open(pool("default", "10.0.0.0/29", "fd00::/126"));
        ipam.acquire(request(1)); // fd00::2
        ipam.acquire(request(2)); // fd00::3
        IpamException e = refused(ipam, request(3));
        assertThat(e.code()).isEqualTo(Code.EXHAUSTED);
        assertThat(e)
                .hasMessage(
                        "pool default: no IPv6 address is free: of 2, 2 are in use, 0 are kept for"
                                + " claims, 0 rest 5 min 10 s after their release; delete pods or"
                                + " claims, or enlarge the pool");
        assertThat(ipam.usage().getFirst().used()).isEqualTo(2);
        assertThat(ipam.acquire(request(3).only(Family.V4)).addresses()).isEqualTo(ips("10.0.0.5"));
    }

    @Test
    void anAddressRestsBeforeItIsGivenAgain() {
        Ipam ipam = open(pool("default", "10.0.0.0/30")); // one address
        ipam.acquire(request(1));
        ipam.release(key(1));
        time.pass(Duration.ofSeconds(298));
        IpamException e = refused(ipam, request(2));
        assertThat(e.retryAfter()).contains(Duration.ofSeconds(12));
        assertThat(e)
                .hasMessageContaining("1 rest 5 min 10 s after their release")
                .hasMessageContaining("the next is free in 12 s");
        time.pass(Duration.ofSeconds(12));
        assertThat(ipam.acquire(request(2)).addresses()).isEqualTo(ips("10.0.0.2"));
    }

    @Test
    void theOneThatRestedLongestIsGivenWhenAllowed() {
        Ipam ipam =
                Ipam.open(
                        ledger,
                        Pools.of(pool("default", "10.0.0.0/29")),
                        SETTINGS.withEvenResting(true),
                        time);
        for (int i = 1; i <= 5; i++) {
            ipam.acquire(request(i));
        }
        for (int i = 5; i >= 1; i--) {
            time.pass(Duration.ofSeconds(1));
            ipam.release(key(i));
        }
        assertThat(ipam.acquire(request(6)).addresses()).isEqualTo(ips("10.0.0.6"));
        assertThat(ledger.size()).as("a lease, a block, four rests").isEqualTo(6);
    }

    @Test
    void churnLeavesNothingBehindInAHugePool() {
        Ipam ipam = open(pool("default", "10.0.0.0/16", "fd00::/64"));
        for (int i = 0; i < 2000; i++) {
            ipam.acquire(request(i));
            ipam.release(key(i));
            time.pass(Duration.ofSeconds(10));
        }
        assertThat(ledger.size()).as("what rests of each family, and blocks").isLessThan(2 * 110);
        assertThat(ipam.blocks()).hasSizeLessThan(2 * 4);
        time.pass(Duration.ofSeconds(310));
        assertThat(ipam.usage()).allMatch(usage -> usage.cooling() == 0);
        assertThat(ledger.size()).as("blocks").isLessThan(2 * 4);
    }

    @Test
    void whoeverReadsTheLeasesMayReleaseThem() {
        Ipam ipam = open(pool("default", "10.0.0.0/24"));
        for (int i = 0; i < 50; i++) {
            ipam.acquire(request(i));
        }
        ipam.forEach(lease -> assertThat(ipam.release(lease.key())).contains(lease));
        assertThat(ipam.leases()).isEmpty();
    }

    @Test
    void anAbandonedBatchLeavesNoTrace() {
        Ipam ipam = open(pool("default", "10.0.0.0/30"));
        try (Batch batch = new Batch()) {
            Lease lease = ipam.acquire(request(1), batch);
            assertThat(ipam.find(key(1))).contains(lease);
            assertThat(refused(ipam, request(1)).code()).isEqualTo(Code.DUPLICATE);
            assertThat(refused(ipam, request(2)).code()).isEqualTo(Code.EXHAUSTED);
        }
        assertThat(ipam.find(key(1))).isEmpty();
        assertThat(ipam.acquire(request(2)).addresses()).isEqualTo(ips("10.0.0.2"));
        try (Batch batch = new Batch()) {
            assertThat(ipam.release(key(2), batch)).isPresent();
            assertThat(ipam.find(key(2))).as("until it is written").isPresent();
            assertThat(refused(ipam, request(2)).code()).isEqualTo(Code.CONFLICT);
        }
        assertThat(ipam.usage().getFirst().used()).isEqualTo(1);
        assertThat(ipam.release(key(2))).isPresent();
    }

    @Test
    void aRequestedAddressIsGivenOrRefusedInWords() {
        Pool small =
                new Pool(
                        "default",
                        List.of(Range.of(io.weft.model.Prefix.parse("10.0.0.0/24"))),
                        List.of(Span.tryParse("10.0.0.64/26").orElseThrow()));
        Ipam ipam = open(small);
        assertThat(ipam.acquire(request(1).exactly(ips("10.0.0.9"))).addresses())
                .isEqualTo(ips("10.0.0.9"));
        assertRefused(ipam, "10.0.0.9", Code.CONFLICT, "is in use, or kept for a claim");
        assertRefused(ipam, "10.0.0.1", Code.OUTSIDE_POOL, "it is the gateway of 10.0.0.0/24");
        assertRefused(ipam, "10.0.0.70", Code.OUTSIDE_POOL, "it is excluded");
        assertRefused(ipam, "10.0.0.255", Code.OUTSIDE_POOL, "network or broadcast address");
        assertRefused(ipam, "10.0.1.5", Code.OUTSIDE_POOL, "which has 10.0.0.0-10.0.0.255");
        assertRefused(ipam, "fd00::5", Code.OUTSIDE_POOL, "has no IPv6 range");
        ipam.release(key(1));
        assertRefused(ipam, "10.0.0.9", Code.CONFLICT, "rests for another 5 min 10 s");
        Request insistent = request(2).exactly(ips("10.0.0.9")).evenResting(true);
        try (Batch batch = new Batch()) {
            ipam.acquire(insistent, batch);
        }
        assertRefused(ipam, "10.0.0.9", Code.CONFLICT, "rests for another 5 min 10 s");
        assertThat(ipam.acquire(insistent).addresses()).isEqualTo(ips("10.0.0.9"));
    }

    private static void assertRefused(Ipam ipam, String ip, Code code, String words) {
        IpamException e = refused(ipam, request(99).exactly(ips(ip)));
        assertThat(e).hasMessageContaining(ip.contains(":") ? "" : ip).hasMessageContaining(words);
        assertThat(e.code()).isEqualTo(code);
        assertThat(ipam.find(key(99))).isEmpty();
    }

    @Test
    void anUnknownPoolIsNamedBesideTheKnown() {
        Ipam ipam = open(pool("default", "10.0.0.0/24"), pool("dmz", "10.1.0.0/24"));
        Request wrong = Request.of(key(1), pod("web"), "dnz");
        assertThat(refused(ipam, wrong))
                .hasMessage("there is no pool 'dnz'; there are default, dmz")
                .extracting(IpamException::code)
                .isEqualTo(Code.UNKNOWN_POOL);
    }

    @Test
    void onlyTheRightPodsAddressIsReleased() {
        Ipam ipam = open(pool("default", "10.0.0.0/24"));
        ipam.acquire(request(1));
        try (Batch batch = new Batch()) {
            IpamException e =
                    catchThrowableOfType(
                            IpamException.class,
                            () -> ipam.releaseOf("uid-of-another", key(1), batch));
            assertThat(e)
                    .hasMessage(
                            "c1/eth0 in pods is of pod shop/web-1, not of the pod"
                                    + " uid-of-another");
            assertThat(ipam.releaseOf("uid-of-web-1", key(1), batch)).isPresent();
            ledger.write(batch);
        }
        assertThat(ipam.leases()).isEmpty();
    }

    @Test
    void otherPoolsTakeOverAndOldLeasesStay() {
        Ipam ipam = open(pool("default", "10.0.0.0/24"));
        Lease old = ipam.acquire(request(1));
        ipam.use(Pools.of(pool("default", "10.9.0.0/24")));
        assertThat(ipam.acquire(request(2)).addresses()).isEqualTo(ips("10.9.0.2"));
        assertThat(ipam.find(key(1))).contains(old);
        assertThat(ipam.release(key(1))).contains(old);
        ipam.use(Pools.of(pool("default", "10.0.0.0/24")));
        assertThat(ipam.usage().getFirst())
                .as("the old address rests still")
                .isEqualTo(new Usage("default", Family.V4, 253, 0, 1, 0, 252));
        assertThat(ipam.release(key(2))).isPresent();
    }

    @Test
    void domainsMayUseTheSameAddresses() {
        Pools pools = Pools.of(pool("default", "10.0.0.0/24"));
        Ipam one = Ipam.open(ledger, pools, SETTINGS, time);
        Ipam other = Ipam.open(ledger, pools, SETTINGS.withDomain("storage"), time);
        List<Ip> first = one.acquire(request(1)).addresses();
        assertThat(other.acquire(request(1)).addresses()).isEqualTo(first);
        assertThat(one.leases()).hasSize(1);
        other.release(key(1));
        assertThat(one.find(key(1)).map(Lease::addresses)).isEqualTo(Optional.of(first));
    }
}
