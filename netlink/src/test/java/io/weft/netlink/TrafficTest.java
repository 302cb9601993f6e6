package io.weft.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weft.kernel.Errno;
import io.weft.kernel.Fd;
import io.weft.kernel.testing.KernelTest;
import io.weft.netlink.BpfFilter.Direction;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
class TrafficTest {
    private static final int PASS = 0;
    private static final int DROP = 2;
    private static final long GBIT = 125_000_000; // bytes per second

    private TestNet net;
    private Traffic traffic;
    private int link;

    @BeforeEach
    void makeNamespace() {
        net = new TestNet();
        traffic = net.netlink.traffic();
        link = net.veth("v0", "v1").index();
        net.netlink.links().setUp(link);
    }

    @AfterEach
    void deleteNamespace() {
        net.close();
    }

    @Test
    void addsAndDeletesClsact() {
        traffic.addClsact(link);
        assertThat(traffic.qdiscs(link))
                .filteredOn(q -> q.kind().equals("clsact"))
                .singleElement()
                .satisfies(q -> {
                    assertThat(Qdisc.text(q.handle())).isEqualTo("ffff:0");
                    assertThat(q.parent()).isEqualTo(Traffic.CLSACT);
                });
        assertThat(net.tc("qdisc", "show", "dev", "v0")).contains("qdisc clsact ffff:");
        assertThatThrownBy(() -> traffic.addClsact(link))
                .isInstanceOfSatisfying(
                        NetlinkException.class, e -> assertThat(e.is(Errno.EEXIST)).isTrue())
                .hasMessageContaining("add qdisc clsact on link " + link);
        traffic.deleteClsact(link);
        assertThat(traffic.qdiscs(link)).extracting(Qdisc::kind).doesNotContain("clsact");
    }

    @Test
    void attachesProgramsInBothDirections() {
        traffic.addClsact(link);
        try (Fd pass = TestProgram.load(PASS);
                Fd drop = TestProgram.load(DROP)) {
            traffic.attach(new BpfFilter(link, Direction.INGRESS, 1, 1, "from-pod", pass));
            traffic.attach(new BpfFilter(link, Direction.EGRESS, 2, 7, "to-pod", drop));

            List<BpfFilter.Attached> in = traffic.filters(link, Direction.INGRESS);
            assertThat(in)
                    .singleElement()
                    .satisfies(f -> {
                        assertThat(f.priority()).isEqualTo(1);
                        assertThat(f.handle()).isEqualTo(1);
                        assertThat(f.name()).isEqualTo("from-pod");
                        assertThat(f.directAction()).isTrue();
                        assertThat(f.programId()).isPositive();
                        assertThat(f.tag()).matches("[0-9a-f]{16}");
                    });
            assertThat(net.tc("filter", "show", "dev", "v0", "ingress"))
                    .contains("protocol all pref 1 bpf chain 0 handle 0x1 from-pod direct-action")
                    .contains("id " + in.getFirst().programId())
                    .contains("tag " + in.getFirst().tag());
            assertThat(net.tc("filter", "show", "dev", "v0", "egress"))
                    .contains("pref 2 bpf chain 0 handle 0x7 to-pod direct-action");
        }
    }

    @Test
    void replacesAProgramInPlace() {
        traffic.addClsact(link);
        try (Fd pass = TestProgram.load(PASS);
                Fd drop = TestProgram.load(DROP)) {
            traffic.attach(new BpfFilter(link, Direction.INGRESS, 1, 1, "one", pass));
            String before = traffic.filters(link, Direction.INGRESS).getFirst().tag();
            traffic.attach(new BpfFilter(link, Direction.INGRESS, 1, 1, "two", drop));
            assertThat(traffic.filters(link, Direction.INGRESS))
                    .singleElement()
                    .satisfies(f -> {
                        assertThat(f.name()).isEqualTo("two");
                        assertThat(f.tag()).isNotEqualTo(before);
                    });
        }
        traffic.detach(link, Direction.INGRESS, 1, 1);
        assertThat(traffic.filters(link, Direction.INGRESS)).isEmpty();
        assertThatThrownBy(() -> traffic.detach(link, Direction.INGRESS, 1, 1))
                .isInstanceOfSatisfying(
                        NetlinkException.class, e -> assertThat(e.is(Errno.ENOENT)).isTrue());
    }

    @Test
    void saysWhyAProgramCannotBeAttached() {
        try (Fd pass = TestProgram.load(PASS);
                Fd socket = io.weft.kernel.Linux.eventFd()) {
            assertThatThrownBy(() ->
                            traffic.attach(new BpfFilter(link, Direction.INGRESS, 1, 1, "x", pass)))
                    .isInstanceOf(NetlinkException.class)
                    .hasMessageContaining("attach x at ingress of link " + link + ": EINVAL")
                    .hasMessageContaining("Parent Qdisc doesn't exist");
            traffic.addClsact(link);
            assertThatThrownBy(() ->
                            traffic.attach(
                                    new BpfFilter(link, Direction.INGRESS, 1, 1, "x", socket)))
                    .isInstanceOfSatisfying(
                            NetlinkException.class, e -> assertThat(e.is(Errno.EINVAL)).isTrue());
        }
    }

    @Test
    void shapesWithATokenBucket() {
        traffic.setTbf(link, 1_250_000, 32_000, 100_000);
        assertThat(traffic.qdiscs(link))
                .singleElement()
                .satisfies(q -> {
                    assertThat(q.kind()).isEqualTo("tbf");
                    assertThat(q.parent()).isEqualTo(Traffic.ROOT);
                    assertThat(q.rate()).isEqualTo(1_250_000);
                    assertThat(q.burst()).isCloseTo(32_000, within(1L));
                });
        assertThat(net.tc("-d", "qdisc", "show", "dev", "v0")).contains("rate 10Mbit");

        traffic.setTbf(link, 100 * GBIT, 1 << 20, 1 << 21);
        assertThat(traffic.qdiscs(link))
                .singleElement()
                .satisfies(q -> assertThat(q.rate()).isEqualTo(100 * GBIT));
        assertThat(net.tc("qdisc", "show", "dev", "v0")).contains("rate 100Gbit");

        traffic.deleteRoot(link);
        assertThat(traffic.qdiscs(link)).extracting(Qdisc::kind).doesNotContain("tbf");
    }

    @Test
    void sharesWithHtbClasses() {
        int root = Traffic.handle(1, 0);
        traffic.addHtb(link, 1, 0x20);
        traffic.setHtbClass(link, root, Traffic.handle(1, 0x10), GBIT, 2 * GBIT, 64_000);
        traffic.setHtbClass(link, root, Traffic.handle(1, 0x20), 40 * GBIT, 80 * GBIT, 64_000);
        assertThat(traffic.classes(link))
                .extracting(c -> Qdisc.text(c.handle()), Qdisc::rate)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("1:10", GBIT),
                        org.assertj.core.groups.Tuple.tuple("1:20", 40 * GBIT));
        assertThat(net.tc("class", "show", "dev", "v0"))
                .contains("class htb 1:10 root prio 0 rate 1Gbit ceil 2Gbit")
                .contains("class htb 1:20 root prio 0 rate 40Gbit ceil 80Gbit");
        assertThat(net.tc("qdisc", "show", "dev", "v0")).contains("default 0x20");

        traffic.setHtbClass(link, root, Traffic.handle(1, 0x10), 2 * GBIT, 2 * GBIT, 64_000);
        assertThat(traffic.classes(link)).extracting(Qdisc::rate).contains(2 * GBIT);
        traffic.deleteClass(link, Traffic.handle(1, 0x10));
        assertThat(traffic.classes(link)).hasSize(1);
    }
}
