package io.weft.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.Errno;
import io.weft.kernel.testing.KernelTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
class AddressesTest {
    private TestNet net;
    private Addresses addresses;
    private int link;

    @BeforeEach
    void makeNamespace() {
        net = new TestNet();
        addresses = net.netlink.addresses();
        link = net.veth("v0", "v1").index();
    }

    @AfterEach
    void deleteNamespace() {
        net.close();
    }

    @Test
    void addsListsAndDeletesIpv4() {
        LinkAddress address =
                LinkAddress.of(link, Cidr.parse("10.1.2.3/24"), LinkAddress.Flag.NOPREFIXROUTE);
        addresses.add(address);

        assertThat(addresses.list(link))
                .singleElement()
                .satisfies(a -> {
                    assertThat(a.address()).isEqualTo(address.address());
                    assertThat(a.scope()).isEqualTo(Scope.UNIVERSE);
                    assertThat(a.flags())
                            .containsExactlyInAnyOrder(
                                    LinkAddress.Flag.NOPREFIXROUTE, LinkAddress.Flag.PERMANENT);
                });
        assertThat(net.ip("-j", "addr", "show", "dev", "v0"))
                .contains("\"local\":\"10.1.2.3\",\"prefixlen\":24")
                .contains("\"scope\":\"global\"")
                .contains("\"noprefixroute\":true");

        addresses.delete(address);
        assertThat(addresses.list(link)).isEmpty();
    }

    @Test
    void addsIpv6ThatIsUsableAtOnce() {
        LinkAddress address =
                LinkAddress.of(link, Cidr.parse("fd00::5/128"), LinkAddress.Flag.NODAD);
        addresses.add(address);
        net.netlink.links().setIpv6LinkLocal(link, false);
        net.netlink.links().setUp(link);
        assertThat(addresses.list(link))
                .singleElement()
                .satisfies(a -> {
                    assertThat(a.address()).isEqualTo(Cidr.parse("fd00::5/128"));
                    assertThat(a.flags())
                            .contains(LinkAddress.Flag.NODAD)
                            .doesNotContain(LinkAddress.Flag.TENTATIVE);
                });
        assertThat(net.ip("-j", "-6", "addr", "show", "dev", "v0"))
                .contains("\"local\":\"fd00::5\",\"prefixlen\":128")
                .contains("\"nodad\":true");
    }

    @Test
    void listsBothFamiliesOfAllLinks() {
        net.netlink.links().setUp(net.netlink.links().require("lo").index());
        addresses.add(LinkAddress.of(link, Cidr.parse("10.1.2.3/32")));
        assertThat(addresses.list())
                .extracting(LinkAddress::address)
                .containsExactlyInAnyOrder(
                        Cidr.parse("127.0.0.1/8"),
                        Cidr.parse("::1/128"),
                        Cidr.parse("10.1.2.3/32"));
        assertThat(addresses.list(1)).hasSize(2);
    }

    @Test
    void saysWhyItRefuses() {
        LinkAddress address = LinkAddress.of(link, Cidr.parse("10.1.2.3/24"));
        addresses.add(address);
        assertThatThrownBy(() -> addresses.add(address))
                .isInstanceOfSatisfying(
                        NetlinkException.class, e -> assertThat(e.is(Errno.EEXIST)).isTrue())
                .hasMessageContaining("add address 10.1.2.3/24 on link " + link)
                .hasMessageContaining("Address already assigned");
        addresses.delete(address);
        assertThatThrownBy(() -> addresses.delete(address))
                .hasMessageContaining("EADDRNOTAVAIL")
                .hasMessageContaining("no such address on that link");
        assertThatThrownBy(() -> addresses.add(LinkAddress.of(9999, address.address())))
                .isInstanceOfSatisfying(
                        NetlinkException.class, e -> assertThat(e.is(Errno.ENODEV)).isTrue());
    }
}
