package io.weft.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.Errno;
import io.weft.kernel.testing.KernelTest;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
class NeighboursTest {
    private static final HardwareAddress MAC = HardwareAddress.parse("02:00:00:00:00:2a");
    private TestNet net;
    private Neighbours neighbours;
    private int link;

    @BeforeEach
    void makeNamespace() {
        net = new TestNet();
        neighbours = net.netlink.neighbours();
        link = net.veth("v0", "v1").index();
        net.netlink.links().setUp(link);
    }

    @AfterEach
    void deleteNamespace() {
        net.close();
    }

    @Test
    void keepsPermanentEntriesOfBothFamilies() {
        Neighbour v4 = Neighbour.permanent(link, Address.parse("10.0.0.2"), MAC);
        Neighbour v6 = Neighbour.permanent(link, Address.parse("fd00::2"), MAC);
        neighbours.add(v4);
        neighbours.add(v6);
        assertThat(neighbours.list(link)).contains(v4, v6);
        assertThat(net.ip("-j", "neigh", "show", "10.0.0.2"))
                .contains("\"lladdr\":\"02:00:00:00:00:2a\"")
                .contains("\"state\":[\"PERMANENT\"]");
        assertThat(net.ip("-j", "neigh", "show", "fd00::2")).contains("\"PERMANENT\"");

        Neighbour moved =
                Neighbour.permanent(link, v4.address(), HardwareAddress.parse("02:00:00:00:00:2b"));
        neighbours.replace(moved);
        assertThat(neighbours.list()).contains(moved).doesNotContain(v4);

        neighbours.delete(moved);
        assertThat(neighbours.list())
                .filteredOn(n -> n.state() == Neighbour.PERMANENT)
                .containsExactly(v6);
    }

    @Test
    void answersForOthers() {
        Neighbour v4 = Neighbour.proxy(link, Address.parse("10.0.0.9"));
        Neighbour v6 = Neighbour.proxy(link, Address.parse("fd00::9"));
        neighbours.add(v4);
        neighbours.add(v6);
        assertThat(neighbours.listProxies())
                .extracting(Neighbour::address)
                .containsExactlyInAnyOrder(v4.address(), v6.address());
        assertThat(neighbours.listProxies()).allMatch(Neighbour::isProxy);
        assertThat(neighbours.list()).noneMatch(Neighbour::isProxy);
        assertThat(net.ip("neigh", "show", "proxy"))
                .contains("10.0.0.9 dev v0")
                .contains("fd00::9 dev v0");
        neighbours.delete(v4);
        assertThat(neighbours.listProxies()).hasSize(1);
    }

    @Test
    void tellsAVxlanWhereAMacIs() {
        int vxlan =
                net.netlink
                        .links()
                        .create(
                                new LinkSpec.Vxlan(
                                        LinkSettings.named("vx0"),
                                        7,
                                        Optional.empty(),
                                        Optional.empty(),
                                        0,
                                        4789,
                                        false,
                                        false))
                        .index();
        ForwardingEntry one = new ForwardingEntry(vxlan, MAC, Address.parse("192.0.2.2"));
        ForwardingEntry rest =
                new ForwardingEntry(vxlan, new HardwareAddress(0), Address.parse("192.0.2.3"));
        neighbours.addForwarding(one);
        neighbours.addForwarding(rest);
        assertThat(neighbours.listForwarding(vxlan)).containsExactlyInAnyOrder(one, rest);
        assertThat(net.bridge("fdb", "show", "dev", "vx0"))
                .contains("02:00:00:00:00:2a dst 192.0.2.2 self permanent")
                .contains("00:00:00:00:00:00 dst 192.0.2.3 self permanent");
        neighbours.deleteForwarding(one);
        assertThat(neighbours.listForwarding(vxlan)).containsExactly(rest);
        assertThatThrownBy(() -> neighbours.deleteForwarding(one))
                .isInstanceOf(NetlinkException.class)
                .hasMessageContaining("ENOENT");
    }

    @Test
    void saysWhyItRefuses() {
        Neighbour entry = Neighbour.permanent(link, Address.parse("10.0.0.2"), MAC);
        neighbours.add(entry);
        assertThatThrownBy(() -> neighbours.add(entry))
                .hasMessageContaining(
                        "add neighbour 10.0.0.2 is 02:00:00:00:00:2a on link " + link + ": EEXIST");
        neighbours.delete(entry);
        assertThatThrownBy(() -> neighbours.delete(entry))
                .isInstanceOfSatisfying(
                        NetlinkException.class, e -> assertThat(e.is(Errno.ENOENT)).isTrue());
    }
}
