package io.weft.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.Errno;
import io.weft.kernel.testing.KernelTest;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@KernelTest
class RoutesTest {
    private TestNet net;
    private Routes routes;
    private int link;
    private int other;

    @BeforeEach
    void makeNamespace() {
        net = new TestNet();
        routes = net.netlink.routes();
        link = net.veth("v0", "v1").index();
        other = net.netlink.links().require("v1").index();
        net.netlink
                .batch()
                .change(link, new LinkChange.Ipv6LinkLocal(false))
                .change(other, new LinkChange.Ipv6LinkLocal(false))
                .change(link, new LinkChange.Up(true))
                .change(other, new LinkChange.Up(true))
                .add(LinkAddress.of(link, Cidr.parse("10.0.0.1/24")))
                .add(LinkAddress.of(link, Cidr.parse("fd00::1/64"), LinkAddress.Flag.NODAD))
                .send();
    }

    @AfterEach
    void deleteNamespace() {
        net.close();
    }

    @Test
    void listsWhatWasAddedAsItWasAdded() {
        Route v4 =
                Route.to(Cidr.parse("10.9.0.0/16"))
                        .via(Address.parse("10.0.0.2"))
                        .dev(link)
                        .source(Address.parse("10.0.0.1"))
                        .metric(50)
                        .mtu(1400)
                        .advmss(1300)
                        .protocol(123)
                        .build();
        Route v6 =
                Route.to(Cidr.parse("fd09::/32"))
                        .via(Address.parse("fd00::2"))
                        .dev(link)
                        .mtu(1400)
                        .build();
        routes.add(v4);
        routes.add(v6);

        assertThat(routes.list()).contains(v4, v6);
        assertThat(net.ip("-j", "route", "show", "10.9.0.0/16"))
                .contains("\"gateway\":\"10.0.0.2\"")
                .contains("\"dev\":\"v0\"")
                .contains("\"protocol\":\"123\"")
                .contains("\"advmss\":1300")
                .contains("\"prefsrc\":\"10.0.0.1\"")
                .contains("\"metric\":50")
                .contains("\"mtu\":1400");
        assertThat(net.ip("-j", "-6", "route", "show", "fd09::/32"))
                .contains("\"gateway\":\"fd00::2\"")
                .contains("\"metric\":1024");

        routes.delete(v4);
        routes.delete(v6);
        assertThat(routes.list()).doesNotContain(v4, v6);
    }

    @Test
    void takesAGatewayThatIsInNoPrefix() {
        Route route =
                Route.to(Cidr.ALL_V4).via(Address.parse("169.254.1.1")).dev(link).onLink().build();
        routes.add(route);
        assertThat(routes.list(Route.MAIN)).contains(route);
        assertThat(net.ip("-j", "route", "show", "default"))
                .contains("\"gateway\":\"169.254.1.1\"")
                .contains("\"onlink\"");
    }

    @Test
    void routesIpv4OverAnIpv6Gateway() {
        Route route =
                Route.to(Cidr.parse("10.7.0.0/16")).via(Address.parse("fd00::7")).dev(link).build();
        routes.add(route);
        assertThat(routes.list()).contains(route);
        assertThat(net.ip("-j", "route", "show", "10.7.0.0/16"))
                .contains("\"family\":\"inet6\",\"host\":\"fd00::7\"");
    }

    @Test
    void keepsTablesApart() {
        Route small = Route.to(Cidr.parse("10.5.0.0/16")).dev(link).table(100).build();
        Route large = Route.to(Cidr.parse("10.5.0.0/16")).dev(link).table(70_000).build();
        assertThat(routes.list(70_000)).isEmpty();
        routes.add(small);
        routes.add(large);
        assertThat(routes.list(100)).containsExactly(small);
        assertThat(routes.list(70_000)).containsExactly(large);
        assertThat(routes.list()).contains(small, large);
        assertThat(net.ip("-j", "route", "show", "table", "70000")).contains("10.5.0.0/16");
        assertThat(small.scope()).isEqualTo(Scope.LINK);
    }

    @Test
    void replacesInPlace() {
        Route.Builder to = Route.to(Cidr.parse("10.5.0.0/16")).dev(link);
        Route first = to.build();
        Route second = to.via(Address.parse("10.0.0.9")).build();
        routes.replace(first);
        routes.replace(second);
        assertThat(routes.list()).contains(second).doesNotContain(first);
        assertThatThrownBy(() -> routes.add(first))
                .isInstanceOfSatisfying(
                        NetlinkException.class, e -> assertThat(e.is(Errno.EEXIST)).isTrue());
    }

    @Test
    void spreadsOverSeveralNextHops() {
        net.netlink.addresses().add(LinkAddress.of(other, Cidr.parse("10.0.1.1/24")));
        Route v4 =
                Route.to(Cidr.parse("10.8.0.0/16"))
                        .across(
                                new Route.NextHop(
                                        Optional.of(Address.parse("10.0.0.2")), link, false, 1),
                                new Route.NextHop(
                                        Optional.of(Address.parse("10.0.1.2")), other, false, 3))
                        .build();
        routes.add(v4);
        assertThat(routes.list()).contains(v4);
        assertThat(net.ip("-j", "route", "show", "10.8.0.0/16"))
                .contains("\"gateway\":\"10.0.1.2\",\"dev\":\"v1\",\"weight\":3");

        Route v6 =
                Route.to(Cidr.parse("fd08::/32"))
                        .across(
                                new Route.NextHop(
                                        Optional.of(Address.parse("fd00::2")), link, false, 1),
                                new Route.NextHop(
                                        Optional.of(Address.parse("fd00::3")), link, false, 2))
                        .build();
        routes.add(v6);
        assertThat(routes.list()).contains(v6);
    }

    @ParameterizedTest
    @EnumSource(
            value = Route.Type.class,
            names = {"BLACKHOLE", "UNREACHABLE", "PROHIBIT", "THROW"})
    void dropsInBothFamilies(Route.Type type) {
        Route v4 = Route.to(Cidr.parse("10.6.0.0/16")).type(type).build();
        routes.add(v4);
        assertThat(routes.list()).contains(v4);
        routes.delete(v4);
        // The kernel shows IPv6 ones on lo.
        Route v6 = Route.to(Cidr.parse("fd06::/32")).type(type).dev(1).build();
        routes.add(v6);
        assertThat(routes.list()).contains(v6);
        assertThat(net.ip("-6", "route", "show", "fd06::/32"))
                .startsWith(type.name().toLowerCase(java.util.Locale.ROOT) + " fd06::/32");
    }

    @Test
    void listsAsManyAsIp() {
        assertThat(routes.list(Route.MAIN))
                .hasSize(
                        (int)
                                (net.ip("route", "show", "table", "main").lines().count()
                                        + net.ip("-6", "route", "show", "table", "main")
                                                .lines()
                                                .count()));
        assertThat(routes.list(Route.LOCAL_TABLE))
                .anySatisfy(r -> assertThat(r.type()).isEqualTo(Route.Type.LOCAL));
    }

    @Test
    void saysWhyItRefuses() {
        assertThatThrownBy(() ->
                        routes.add(
                                Route.to(Cidr.parse("10.1.0.0/16"))
                                        .via(Address.parse("10.9.9.9"))
                                        .build()))
                .hasMessage(
                        "add route 10.1.0.0/16 via 10.9.9.9: ENETUNREACH (Network is unreachable):"
                                + " Nexthop has invalid gateway;"
                                + " no route to the gateway: add one, or use the onlink flag");
        assertThatThrownBy(() -> routes.add(Route.to(Cidr.parse("10.1.0.5/16")).dev(link).build()))
                .isInstanceOfSatisfying(
                        NetlinkException.class,
                        e -> {
                            assertThat(e.is(Errno.EINVAL)).isTrue();
                            assertThat(e.kernelMessage())
                                    .contains("Invalid prefix for given prefix length");
                        });
        assertThatThrownBy(
                        () -> routes.delete(Route.to(Cidr.parse("10.1.0.0/16")).dev(link).build()))
                .isInstanceOfSatisfying(
                        NetlinkException.class, e -> assertThat(e.is(Errno.ESRCH)).isTrue());
        assertThatThrownBy(() -> Route.to(Cidr.ALL_V4).build())
                .isInstanceOf(IllegalArgumentException.class);
    }
}
