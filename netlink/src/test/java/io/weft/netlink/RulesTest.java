package io.weft.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.Errno;
import io.weft.kernel.testing.KernelTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
class RulesTest {
    private TestNet net;
    private Rules rules;

    @BeforeEach
    void makeNamespace() {
        net = new TestNet();
        rules = net.netlink.rules();
    }

    @AfterEach
    void deleteNamespace() {
        net.close();
    }

    @Test
    void startsWithTheKernelsOwn() {
        assertThat(rules.list())
                .containsExactly(
                        Rule.lookup4(0, Route.LOCAL_TABLE),
                        Rule.lookup4(32766, Route.MAIN),
                        Rule.lookup4(32767, 253),
                        Rule.lookup6(0, Route.LOCAL_TABLE),
                        Rule.lookup6(32766, Route.MAIN));
    }

    @Test
    void listsWhatWasAddedAsItWasAdded() {
        Rule marked =
                Rule.lookup4(100, 2004)
                        .mark(0x200, 0xf00)
                        .from(Cidr.parse("10.0.0.0/8"))
                        .to(Cidr.parse("10.1.0.0/16"))
                        .iif("eth7");
        Rule v6 = Rule.lookup6(101, 70_000).from(Cidr.parse("fd00::/8"));
        rules.add(marked);
        rules.add(v6);
        assertThat(rules.list()).contains(marked, v6);
        assertThat(net.ip("-j", "rule", "show", "priority", "100"))
                .contains("\"src\":\"10.0.0.0\",\"srclen\":8")
                .contains("\"dst\":\"10.1.0.0\",\"dstlen\":16")
                .contains("\"fwmark\":\"0x200\",\"fwmask\":\"0xf00\"")
                .contains("\"iif\":\"eth7\"")
                .contains("\"table\":\"2004\"");
        assertThat(net.ip("-j", "-6", "rule", "show", "priority", "101"))
                .contains("\"table\":\"70000\"");

        rules.delete(marked);
        rules.delete(v6);
        assertThat(rules.list()).hasSize(5);
    }

    @Test
    void dropsAndSuppresses() {
        Rule drop = Rule.lookup4(50, 0).oif("eth7").drop(Rule.Action.PROHIBIT);
        Rule onlySpecific = Rule.lookup4(51, Route.MAIN).suppressPrefixLength(0);
        rules.add(drop);
        rules.add(onlySpecific);
        assertThat(rules.list()).contains(drop, onlySpecific);
        assertThat(net.ip("rule", "show"))
                .contains("50:\tfrom all oif eth7 [detached] prohibit")
                .contains("51:\tfrom all lookup main suppress_prefixlength 0");
    }

    @Test
    void saysWhyItRefuses() {
        Rule rule = Rule.lookup4(100, 2004);
        rules.add(rule);
        assertThatThrownBy(() -> rules.add(rule))
                .hasMessageContaining("add rule IPv4 100 lookup 2004: EEXIST");
        rules.delete(rule);
        assertThatThrownBy(() -> rules.delete(rule))
                .isInstanceOfSatisfying(
                        NetlinkException.class, e -> assertThat(e.is(Errno.ENOENT)).isTrue());
        assertThatThrownBy(() -> Rule.lookup4(1, 1).from(Cidr.ALL_V6))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
