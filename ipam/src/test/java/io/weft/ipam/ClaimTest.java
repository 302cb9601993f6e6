package io.weft.ipam;

import static io.weft.ipam.Given.SETTINGS;
import static io.weft.ipam.Given.ips;
import static io.weft.ipam.Given.key;
import static io.weft.ipam.Given.pod;
import static io.weft.ipam.Given.pool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.weft.ipam.IpamException.Code;
import io.weft.store.Batch;
import io.weft.store.Ledger;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClaimTest {
    private static final ClaimKey DB = new ClaimKey(ClaimKey.Kind.POD, "shop", "db-0", "eth0");
    private static final ClaimKey VM = new ClaimKey(ClaimKey.Kind.IPAM_CLAIM, "shop", "vm", "net1");

    private final Ledger ledger = Ledger.inMemory();
    private final FakeTime time = new FakeTime();
    private Ipam ipam = open(pool("default", "10.0.0.0/24", "fd00::/64"));

    private Ipam open(Pool... pools) {
        return Ipam.open(ledger, Pools.of(pools), SETTINGS, time);
    }

    private static Request request(String container, ClaimKey claim) {
        return Request.of(key(container), pod("db-0"), "default").keptBy(claim);
    }

    private IpamException refused(Request request) {
        IpamException e = catchThrowableOfType(IpamException.class, () -> ipam.acquire(request));
        assertThat(e).as("refused").isNotNull();
        return e;
    }

    @Test
    void aStickyPodsNextContainerHasTheSameAddresses() {
        Lease first = ipam.acquire(request("c1", DB));
        ipam.release(key("c1"));
        assertThat(ipam.usage().getFirst().reserved()).isEqualTo(1);
        assertThat(ipam.acquire(Request.of(key("other"), pod("web"), "default")).addresses())
                .doesNotContainAnyElementsOf(first.addresses());
        ipam = open(pool("default", "10.0.0.0/24", "fd00::/64")); // as after a restart
        assertThat(ipam.acquire(request("c2", DB)).addresses()).isEqualTo(first.addresses());
        assertThat(ipam.usage().getFirst().reserved()).isZero();
    }

    @Test
    void aLivingHoldersAddressIsNotGivenToTheNext() {
        ipam.acquire(request("c1", DB));
        IpamException e = refused(request("c2", DB));
        assertThat(e.code()).isEqualTo(Code.CONFLICT);
        assertThat(e)
                .hasMessage(
                        "the claim of pod shop/db-0, eth0 keeps [10.0.0.2, fd00::2], which c1/eth0"
                                + " in pods uses");
    }

    @Test
    void aMigratingVmHasItsAddressTwice() {
        Lease source = ipam.acquire(request("source", VM));
        Lease target = ipam.acquire(request("target", VM).shared(true));
        assertThat(target.addresses()).isEqualTo(source.addresses());
        assertThat(ipam.usage().getFirst().used()).isEqualTo(1);
        assertThat(ipam.claims().getFirst().holders())
                .isEqualTo(Set.of(key("source"), key("target")));
        try (Batch batch = new Batch()) {
            IpamException e =
                    catchThrowableOfType(IpamException.class, () -> ipam.deleteClaim(VM, batch));
            assertThat(e.code()).isEqualTo(Code.CONFLICT);
        }
        ipam.release(key("source"));
        assertThat(ipam.usage().getFirst())
                .isEqualTo(new Usage("default", Family.V4, 253, 1, 0, 0, 252));
        ipam.release(key("target"));
        assertThat(ipam.usage().getFirst())
                .isEqualTo(new Usage("default", Family.V4, 253, 0, 0, 1, 252));
        assertThat(ipam.deleteClaim(VM)).isTrue();
        assertThat(ipam.deleteClaim(VM)).isFalse();
        assertThat(ipam.usage().getFirst())
                .isEqualTo(new Usage("default", Family.V4, 253, 0, 1, 0, 252));
    }

    @Test
    void aDeletedClaimLeavesItsHolderTheAddresses() {
        Lease lease = ipam.acquire(request("c1", DB));
        ipam.deleteClaim(DB);
        assertThat(ipam.find(key("c1"))).contains(lease.withoutClaim());
        assertThat(ipam.usage().getFirst().used()).isEqualTo(1);
        ipam.release(key("c1"));
        assertThat(ipam.usage().getFirst())
                .isEqualTo(new Usage("default", Family.V4, 253, 0, 1, 0, 252));
        assertThat(ipam.acquire(request("c2", DB)).addresses()).isNotEqualTo(lease.addresses());
    }

    @Test
    void aClaimGrowsWithItsPool() {
        ipam = open(pool("default", "10.0.0.0/24"));
        ipam.acquire(request("c1", DB));
        ipam.release(key("c1"));
        ipam.use(Pools.of(pool("default", "10.0.0.0/24", "fd00::/64")));
        assertThat(ipam.acquire(request("c2", DB)).addresses())
                .isEqualTo(ips("10.0.0.2", "fd00::2"));
        ipam.release(key("c2"));
        ipam = open(pool("default", "10.0.0.0/24", "fd00::/64"));
        assertThat(ipam.claims().getFirst().addresses()).isEqualTo(ips("10.0.0.2", "fd00::2"));
    }

    @Test
    void anotherPoolOrAddressThanTheClaimsIsRefused() {
        ipam = open(pool("default", "10.0.0.0/24"), pool("dmz", "10.1.0.0/24"));
        ipam.acquire(request("c1", DB).exactly(ips("10.0.0.50")));
        ipam.release(key("c1"));
        Request elsewhere = Request.of(key("c2"), pod("db-0"), "dmz").keptBy(DB);
        assertThat(refused(elsewhere))
                .hasMessageContaining(
                        "keeps [10.0.0.50] of pool default, and pool dmz is asked for");
        assertThat(refused(request("c2", DB).exactly(ips("10.0.0.51"))))
                .hasMessageContaining("10.0.0.51 is asked for; delete the pod's manifest first");
        assertThat(ipam.acquire(request("c2", DB).exactly(ips("10.0.0.50"))).addresses())
                .isEqualTo(ips("10.0.0.50"));
    }

    @Test
    void anAddressThatThePoolHasNoLongerIsNotGiven() {
        ipam.acquire(request("c1", DB));
        ipam.release(key("c1"));
        ipam = open(pool("default", "10.9.0.0/24", "fd00::/64"));
        IpamException refused = refused(request("c2", DB));
        assertThat(refused.code()).isEqualTo(Code.OUTSIDE_POOL);
        assertThat(refused)
                .hasMessageContaining("keeps 10.0.0.2, which pool default has no longer: put it");
        assertThat(ipam.deleteClaim(DB)).isTrue();
        assertThat(ipam.acquire(request("c2", DB)).addresses().getFirst())
                .isEqualTo(ips("10.9.0.2").getFirst());
    }

    @Test
    void anAbandonedBatchLeavesClaimsAsTheyWere() {
        try (Batch batch = new Batch()) {
            ipam.acquire(request("c1", DB), batch);
            assertThat(refused(request("c2", DB).shared(true)).code()).isEqualTo(Code.CONFLICT);
        }
        assertThat(ipam.claims()).isEmpty();
        ipam.acquire(request("c1", DB));
        ipam.release(key("c1"));
        try (Batch batch = new Batch()) {
            ipam.acquire(request("c2", DB), batch);
        }
        assertThat(ipam.claims().getFirst().holders()).isEmpty();
        try (Batch batch = new Batch()) {
            ipam.deleteClaim(DB, batch);
            assertThat(refused(request("c3", DB))).hasMessageContaining("is being changed");
        }
        assertThat(ipam.usage().getFirst())
                .isEqualTo(new Usage("default", Family.V4, 253, 0, 0, 1, 252));
        assertThat(ipam.acquire(request("c3", DB)).addresses()).isNotEmpty();
    }
}
