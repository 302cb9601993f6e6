package io.weft.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.Fd;
import io.weft.kernel.testing.KernelTest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
class BatchTest {
    private TestNet net;
    private int link;

    @BeforeEach
    void makeNamespace() {
        net = new TestNet();
        link = net.veth("v0", "v1").index();
    }

    @AfterEach
    void deleteNamespace() {
        net.close();
    }

    @Test
    void changesALinkByItsName() {
        net.netlink.batch().change("v0", new LinkChange.Group(7)).send();

        assertThat(net.netlink.links().get(link).orElseThrow().group()).isEqualTo(7);
        assertThatThrownBy(() -> net.netlink.batch().change("red", new LinkChange.Group(7)).send())
                .hasMessageContaining("change link red")
                .hasMessageContaining("ENODEV");
    }

    @Test
    void wiresALinkInOneGo() {
        Cidr pod = Cidr.parse("10.0.0.5/32");
        Route route = Route.to(pod).dev(link).build();
        Neighbour neighbour =
                Neighbour.permanent(
                        link, pod.address(), HardwareAddress.parse("02:00:00:00:00:05"));
        try (Fd program = TestProgram.load(0)) {
            net.netlink
                    .batch()
                    .addClsact(link)
                    .attach(new BpfFilter(link, BpfFilter.Direction.INGRESS, 1, 1, "in", program))
                    .change(link, new LinkChange.Up(true))
                    .add(LinkAddress.of(link, Cidr.parse("10.0.0.1/32")))
                    .replace(route)
                    .replace(neighbour)
                    .add(Rule.lookup4(9, 9))
                    .send();
        }
        assertThat(net.netlink.links().require("v0").up()).isTrue();
        assertThat(net.netlink.addresses().list(link))
                .extracting(LinkAddress::address)
                .contains(Cidr.parse("10.0.0.1/32"));
        assertThat(net.netlink.routes().list()).contains(route);
        assertThat(net.netlink.neighbours().list()).contains(neighbour);
        assertThat(net.netlink.rules().list()).contains(Rule.lookup4(9, 9));
        assertThat(net.netlink.traffic().filters(link, BpfFilter.Direction.INGRESS)).hasSize(1);
    }

    @Test
    void reportsExactlyTheOneThatFailed() {
        Route good = Route.to(Cidr.parse("10.2.0.0/16")).dev(link).build();
        List<NetlinkException> failures =
                net.netlink
                        .batch()
                        .change(link, new LinkChange.Up(true))
                        .add(
                                Route.to(Cidr.parse("10.1.0.0/16"))
                                        .via(Address.parse("9.9.9.9"))
                                        .build())
                        .add(good)
                        .trySend();
        assertThat(failures)
                .singleElement()
                .satisfies(e -> {
                    assertThat(e.operation()).isEqualTo("add route 10.1.0.0/16 via 9.9.9.9");
                    assertThat(e.kernelMessage()).contains("Nexthop has invalid gateway");
                });
        assertThat(net.netlink.routes().list()).contains(good);
    }

    @Test
    void throwsTheFirstFailureWithTheOthers() {
        Batch batch =
                net.netlink
                        .batch()
                        .change(9998, new LinkChange.Up(true))
                        .change(9999, new LinkChange.Up(true));
        assertThatThrownBy(batch::send)
                .hasMessageStartingWith("change link 9998")
                .satisfies(e ->
                        assertThat(e.getSuppressed())
                                .singleElement()
                                .asString()
                                .contains("change link 9999"));
        assertThat(batch.size()).isZero();
        batch.send(); // empty: nothing to do
    }

    /** More than fit into one send, with failures spread over them; each keeps its own answer. */
    @Test
    void splitsLargeBatches() {
        net.netlink.links().setUp(link);
        Batch batch = net.netlink.batch();
        int count = 1000;
        for (int i = 0; i < count; i++) {
            int device = i % 100 == 37 ? 9999 : link;
            batch.add(
                    Route.to(
                                    new Cidr(
                                            Address.of(
                                                    new byte[] {10, 3, (byte) (i >> 8), (byte) i}),
                                            32))
                            .dev(device)
                            .build());
        }
        List<NetlinkException> failures = batch.trySend();
        assertThat(failures)
                .hasSize(10)
                .extracting(NetlinkException::operation)
                .contains("add route 10.3.0.37/32 dev 9999", "add route 10.3.3.169/32 dev 9999");
        assertThat(net.netlink.routes().list(Route.MAIN))
                .filteredOn(r -> r.destination().length() == 32)
                .hasSize(count - 10);
    }

    @Test
    void refusesADescriptorThatWasClosedMeanwhile() {
        net.netlink.traffic().addClsact(link);
        Batch batch = net.netlink.batch().change(link, new LinkChange.Up(true));
        try (Fd program = TestProgram.load(0)) {
            batch.attach(new BpfFilter(link, BpfFilter.Direction.INGRESS, 1, 1, "in", program));
        }
        assertThatThrownBy(batch::send)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("attach in at ingress of link " + link)
                .hasMessageContaining("closed before it was sent");
        assertThat(net.netlink.links().require("v0").up()).as("nothing was sent").isFalse();
    }

    @Test
    void createsWithAChosenIndex() {
        net.netlink
                .batch()
                .create(
                        new LinkSpec.Veth(
                                LinkSettings.named("c0").index(500),
                                LinkSettings.named("c1").index(501)))
                .change(500, new LinkChange.Up(true), new LinkChange.Alias("chosen"))
                .add(LinkAddress.of(501, Cidr.parse("10.4.0.1/24")))
                .send();
        assertThat(net.netlink.links().get(500).orElseThrow().alias()).isEqualTo("chosen");
        assertThat(net.ip("-j", "addr", "show", "c1")).contains("\"local\":\"10.4.0.1\"");
        assertThatThrownBy(() ->
                        net.netlink
                                .batch()
                                .create(new LinkSpec.Bridge(LinkSettings.named("b0").alias("x"))))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
