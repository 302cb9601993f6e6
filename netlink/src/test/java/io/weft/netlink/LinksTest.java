package io.weft.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.weft.kernel.Errno;
import io.weft.kernel.testing.KernelTest;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
class LinksTest {
    private static final HardwareAddress MAC = HardwareAddress.parse("02:00:00:00:00:2a");
    private TestNet net;
    private Links links;

    @BeforeEach
    void makeNamespace() {
        net = new TestNet();
        links = net.netlink.links();
    }

    @AfterEach
    void deleteNamespace() {
        net.close();
    }

    @Test
    void makesAVethWithItsPeerStraightInTheOtherNamespace() {
        try (TestNet pod = new TestNet()) {
            Link host =
                    links.create(
                            new LinkSpec.Veth(
                                    LinkSettings.named("host0")
                                            .index(4200)
                                            .mac(MAC)
                                            .mtu(1400)
                                            .group(77)
                                            .alias("weft pod a/b")
                                            .withoutLinkLocal(),
                                    LinkSettings.named("eth0")
                                            .mac(HardwareAddress.parse("02:00:00:00:00:2b"))
                                            .mtu(1400)
                                            .index(42)
                                            .in(pod.namespace)));

            Link eth0 = pod.netlink.links().require("eth0");
            assertThat(host.index()).isEqualTo(4200);
            assertThat(host.kind()).isEqualTo("veth");
            assertThat(host.mac()).contains(MAC);
            assertThat(host.mtu()).isEqualTo(1400);
            assertThat(host.group()).isEqualTo(77);
            assertThat(host.alias()).isEqualTo("weft pod a/b");
            assertThat(host.up()).isFalse();
            assertThat(host.peer()).isEqualTo(42);
            assertThat(host.peerNamespace()).isPresent();
            assertThat(eth0.index()).isEqualTo(42);
            assertThat(eth0.peer()).isEqualTo(host.index());
            assertThat(net.ip("-j", "-d", "link", "show", "host0"))
                    .contains("\"address\":\"02:00:00:00:00:2a\"")
                    .contains("\"mtu\":1400")
                    .contains("\"group\":\"77\"")
                    .contains("\"ifalias\":\"weft pod a/b\"")
                    .contains("\"inet6_addr_gen_mode\":\"none\"")
                    .contains("\"operstate\":\"DOWN\"");
            assertThat(pod.ip("-j", "link", "show", "eth0"))
                    .contains("\"ifindex\":42")
                    .contains("\"address\":\"02:00:00:00:00:2b\"");

            links.setUp(host.index());
            pod.netlink.links().setUp(42);
            assertThat(links.require("host0").up()).isTrue();
            assertThat(links.require("host0").running()).isTrue();
        }
    }

    @Test
    void makesBothEndsElsewhere() {
        try (TestNet a = new TestNet();
                TestNet b = new TestNet()) {
            Link end =
                    links.create(
                            new LinkSpec.Veth(
                                    LinkSettings.named("a0").in(a.namespace).up(true),
                                    LinkSettings.named("b0").in(b.namespace)));
            assertThat(end).isEqualTo(a.netlink.links().require("a0"));
            assertThat(end.up()).isTrue();
            assertThat(b.netlink.links().require("b0").up()).isFalse();
            assertThat(links.list()).extracting(Link::name).containsExactly("lo");
        }
    }

    @Test
    void startsUpWhenAskedEvenWithAnAlias() {
        Link bridge =
                links.create(
                        new LinkSpec.Bridge(
                                LinkSettings.named("br0").up(true).alias("core").mtu(1300), 60));
        assertThat(bridge.up()).isTrue();
        assertThat(bridge.alias()).isEqualTo("core");
        assertThat(bridge.mtu()).isEqualTo(1300);
        assertThat(net.ip("-j", "-d", "link", "show", "br0")).contains("\"ageing_time\":6000");
    }

    @Test
    void enslavesAVethToABridge() {
        Link bridge = links.create(new LinkSpec.Bridge(LinkSettings.named("br0")));
        Link port = net.veth("p0", "p1");
        links.setMaster(port.index(), bridge.index());
        assertThat(links.require("p0").master()).isEqualTo(bridge.index());
        assertThat(net.ip("-j", "link", "show", "p0")).contains("\"master\":\"br0\"");
        links.setMaster(port.index(), 0);
        assertThat(links.require("p0").master()).isZero();
    }

    @Test
    void makesAVxlan() {
        Link vxlan =
                links.create(
                        LinkSpec.Vxlan.between(
                                LinkSettings.named("vx0"),
                                4242,
                                Address.parse("192.0.2.1"),
                                Address.parse("192.0.2.2")));
        assertThat(vxlan.kind()).isEqualTo("vxlan");
        assertThat(net.ip("-j", "-d", "link", "show", "vx0"))
                .contains("\"id\":4242")
                .contains("\"remote\":\"192.0.2.2\"")
                .contains("\"local\":\"192.0.2.1\"")
                .contains("\"port\":4789")
                .contains("\"learning\":false");
    }

    @Test
    void makesAVxlanOverIpv6AndAnExternalOne() {
        links.create(
                LinkSpec.Vxlan.between(
                        LinkSettings.named("vx6"),
                        7,
                        Address.parse("2001:db8::1"),
                        Address.parse("2001:db8::2")));
        links.delete("vx6");
        links.create(LinkSpec.Vxlan.external(LinkSettings.named("vxe")));
        assertThat(net.ip("-j", "-d", "link", "show", "vxe")).contains("\"external\":true");
    }

    @Test
    void makesAMacvlan() {
        Link parent = net.veth("p0", "p1");
        Link macvlan =
                links.create(
                        new LinkSpec.Macvlan(
                                LinkSettings.named("mv0").mac(MAC),
                                parent.index(),
                                LinkSpec.Macvlan.Mode.BRIDGE));
        assertThat(macvlan.peer()).isEqualTo(parent.index());
        assertThat(net.ip("-j", "-d", "link", "show", "mv0"))
                .contains("\"link\":\"p0\"")
                .contains("\"mode\":\"bridge\"");
    }

    @Test
    void makesAMacvlanStraightInTheOtherNamespace() {
        Link parent = net.veth("p0", "p1");
        try (TestNet pod = new TestNet()) {
            Link macvlan =
                    links.create(
                            new LinkSpec.Macvlan(
                                    LinkSettings.named("eth0").in(pod.namespace).up(true),
                                    parent.index(),
                                    LinkSpec.Macvlan.Mode.PRIVATE));
            assertThat(macvlan).isEqualTo(pod.netlink.links().require("eth0"));
            assertThat(macvlan.peer()).isEqualTo(parent.index());
            assertThat(macvlan.peerNamespace()).isPresent();
            assertThat(links.get("eth0")).isEmpty();
        }
    }

    @Test
    void makesATapThatStays() {
        Link tap =
                links.create(
                        new LinkSpec.Tap(
                                LinkSettings.named("tap0").mac(MAC).mtu(1450).up(true),
                                true,
                                false));
        assertThat(tap.kind()).isEqualTo("tun");
        assertThat(tap.mac()).contains(MAC);
        assertThat(tap.mtu()).isEqualTo(1450);
        assertThat(tap.up()).isTrue();
        assertThat(net.ip("-j", "-d", "link", "show", "tap0"))
                .contains("\"type\":\"tap\"")
                .contains("\"persist\":true")
                .contains("\"vnet_hdr\":true")
                .contains("\"pi\":false");

        assertThatThrownBy(() ->
                        links.create(new LinkSpec.Tap(LinkSettings.named("tap0"), true, false)))
                .isInstanceOfSatisfying(
                        NetlinkException.class, e -> assertThat(e.is(Errno.EEXIST)).isTrue())
                .hasMessageContaining("create link tap0 (tun)");
    }

    @Test
    void makesATapOfSomebodysAtAnIndex() {
        Link tap =
                links.create(
                        new LinkSpec.Tap(
                                LinkSettings.named("tap0").index(4242),
                                false,
                                true,
                                OptionalLong.of(107),
                                OptionalLong.of(36)));
        assertThat(tap.index()).isEqualTo(4242);
        assertThat(net.ip("-j", "-d", "link", "show", "tap0"))
                .contains("\"multi_queue\":true")
                .contains("\"user\":107")
                .contains("\"group\":36");
        assertThatThrownBy(() ->
                        links.create(
                                new LinkSpec.Tap(
                                        LinkSettings.named("tap1").index(4242), false, false)))
                .isInstanceOfSatisfying(
                        NetlinkException.class, e -> assertThat(e.is(Errno.EBUSY)).isTrue());
        assertThat(links.get("tap1")).isEmpty();
    }

    @Test
    void changesEveryPropertyInOneMessage() {
        Link link = net.veth("v0", "v1");
        links.change(
                link.index(),
                new LinkChange.Name("w0"),
                new LinkChange.Mac(MAC),
                new LinkChange.Mtu(1280),
                new LinkChange.Group(9),
                new LinkChange.Alias("nine"),
                new LinkChange.Up(true));
        Link changed = links.get(link.index()).orElseThrow();
        assertThat(changed.name()).isEqualTo("w0");
        assertThat(changed.mac()).contains(MAC);
        assertThat(changed.mtu()).isEqualTo(1280);
        assertThat(changed.group()).isEqualTo(9);
        assertThat(changed.alias()).isEqualTo("nine");
        assertThat(changed.up()).isTrue();
        links.setDown(link.index());
        assertThat(links.require("w0").up()).isFalse();
        assertThat(links.get("v0")).isEmpty();
    }

    @Test
    void switchesTheLinkLocalAddressOffAndOn() {
        Link link = net.veth("v0", "v1");
        links.setIpv6LinkLocal(link.index(), false);
        assertThat(net.ip("-j", "-d", "link", "show", "v0"))
                .contains("\"inet6_addr_gen_mode\":\"none\"");
        links.setIpv6LinkLocal(link.index(), true);
        assertThat(net.ip("-j", "-d", "link", "show", "v0"))
                .contains("\"inet6_addr_gen_mode\":\"eui64\"");
    }

    @Test
    void movesALink() {
        try (TestNet other = new TestNet()) {
            Link link = net.veth("v0", "v1");
            links.moveTo(link.index(), other.namespace);
            assertThat(links.get("v0")).isEmpty();
            assertThat(other.netlink.links().require("v0").kind()).isEqualTo("veth");
        }
    }

    @Test
    void listsWhatIpLists() {
        net.veth("v0", "v1");
        links.create(new LinkSpec.Bridge(LinkSettings.named("br0")));
        String byIp = net.ip("-o", "link");
        assertThat(links.list()).hasSize((int) byIp.lines().count());
        assertThat(links.list())
                .allSatisfy(link -> assertThat(byIp).contains(link.index() + ": " + link.name()));
        Link lo = links.require("lo");
        assertThat(lo.kind()).isEmpty();
        assertThat(lo.mac()).isEqualTo(Optional.of(new HardwareAddress(0)));
        assertThat(lo.peer()).isZero();
    }

    @Test
    void listsMoreThanOneDatagramHolds() {
        Batch batch = net.netlink.batch();
        for (int i = 0; i < 150; i++) {
            batch.create(
                    new LinkSpec.Veth(
                            LinkSettings.named("a" + i).group(5),
                            LinkSettings.named("b" + i).group(5)));
        }
        batch.send();
        assertThat(links.list()).hasSize(301);
        links.deleteGroup(5);
        assertThat(links.list()).extracting(Link::name).containsExactly("lo");
    }

    @Test
    void deletesAGroupAndNothingElse() {
        Link a = net.veth("a0", "a1");
        net.veth("b0", "b1");
        links.setGroup(a.index(), 1234);
        links.deleteGroup(1234);
        assertThat(links.list()).extracting(Link::name).containsExactlyInAnyOrder("lo", "b0", "b1");
        assertThatThrownBy(() -> links.deleteGroup(1234))
                .isInstanceOfSatisfying(
                        NetlinkException.class, e -> assertThat(e.is(Errno.ENODEV)).isTrue());
        assertThatThrownBy(() -> links.deleteGroup(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesATakenNameAndLeavesItsOwnerAlone() {
        net.veth("v0", "v1");
        NetlinkException e =
                catchThrowableOfType(
                        NetlinkException.class,
                        () ->
                                links.create(
                                        new LinkSpec.Veth(
                                                LinkSettings.named("v0").alias("mine now"),
                                                LinkSettings.named("v2"))));
        assertThat(e.is(Errno.EEXIST)).isTrue();
        assertThat(e.operation()).isEqualTo("create link v0 (veth)");
        assertThat(e).hasMessageContaining("replace or delete it first");
        assertThat(links.require("v0").alias()).isEmpty();
        assertThat(links.get("v2")).isEmpty();
    }

    @Test
    void undoesALinkWhoseSettingsAreRefused() {
        NetlinkException e =
                catchThrowableOfType(
                        NetlinkException.class,
                        () ->
                                links.create(
                                        new LinkSpec.Tap(
                                                LinkSettings.named("tap0").mtu(1 << 20),
                                                false,
                                                false)));
        assertThat(e.is(Errno.EINVAL)).isTrue();
        assertThat(e.kernelMessage()).contains("mtu greater than device maximum");
        assertThat(links.get("tap0")).isEmpty();
    }

    @Test
    void namesTheAttributeThatTheKernelBlames() {
        NetlinkException e =
                catchThrowableOfType(
                        NetlinkException.class,
                        () ->
                                links.create(
                                        LinkSpec.Vxlan.external(
                                                LinkSettings.named("vx0").mtu(10))));
        assertThat(e.kernelMessage()).contains("MTU must be between 68 and 65535");
        assertThat(e.attribute()).contains("IFLA_MTU");
        assertThat(e)
                .hasMessage(
                        "create link vx0 (vxlan): EINVAL (Invalid argument):"
                                + " MTU must be between 68 and 65535 [IFLA_MTU]");
    }

    @Test
    void refusesImpossibleNames() {
        for (String name : new String[] {"", "a/b", "a b", ".", "0123456789abcdef", "a:b"}) {
            assertThatThrownBy(() -> LinkSettings.named(name))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void deletesOnlyWhatIsThere() {
        net.veth("v0", "v1");
        links.delete("v1");
        assertThat(links.get("v0")).isEmpty();
        assertThatThrownBy(() -> links.delete("v0"))
                .isInstanceOf(NetlinkException.class)
                .hasMessageStartingWith("delete link v0: ENODEV");
    }
}
