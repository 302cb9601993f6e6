package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.model.Expectation.Party;
import io.weft.model.NetworkPolicy.Peer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
    @Test
    void aMacReadsAndWritesSixBytes() {
        Mac mac = Mac.parse("0A:58:0a:00:00:ff");

        assertThat(mac).hasToString("0a:58:0a:00:00:ff").isEqualTo(new Mac(0x0a580a0000ffL));
        assertThat(mac.toBytes()).containsExactly(0x0a, 0x58, 0x0a, 0, 0, 0xff);
        assertThatThrownBy(() -> new Mac(1L << 48)).hasMessage("a MAC has 48 bits");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0a:58:0a:00:00", "0a-58-0a-00-00-01", "0a:58:0a:00:00:0g"})
    void aMacHasOneForm(String text) {
        assertThatThrownBy(() -> Mac.parse(text)).hasMessage("not a MAC address: '" + text + "'");
    }

    @Test
    void labelsAreSortedAndDoNotChange() {
        Map<String, String> given = new HashMap<>(Map.of("tier", "front", "app", "web"));
        Labels labels = Labels.of(given);
        given.put("more", "x");

        assertThat(labels).hasToString("app=web,tier=front");
        assertThat(labels.get("app")).contains("web");
        assertThat(labels.get("more")).isEmpty();
        assertThat(labels.with("app", "api")).hasToString("app=api,tier=front");
        assertThat(labels).hasToString("app=web,tier=front");
        assertThatThrownBy(() -> labels.asMap().put("x", "y"))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void protocolsAreSpelledAsKubernetesSpellsThem() {
        assertThat(Protocol.tryParse("UDP")).contains(Protocol.UDP);
        assertThat(Protocol.tryParse("udp")).isEmpty();
        assertThat(List.of(Protocol.values()))
                .extracting(Protocol::number)
                .containsExactly(6, 17, 132);
    }

    @Test
    void anIpBlockIsItsCidrWithoutTheExceptions() {
        Peer.IpBlock block =
                new Peer.IpBlock(
                        Prefix.parse("10.0.0.0/8"),
                        List.of(Prefix.parse("10.1.0.0/16")),
                        Source.NONE);

        assertThat(block.matches(Ip.parse("10.2.0.1"))).isTrue();
        assertThat(block.matches(Ip.parse("10.1.0.1"))).isFalse();
        assertThat(block.matches(Ip.parse("11.0.0.1"))).isFalse();
        assertThat(block.matches(Ip.parse("fd00::1"))).isFalse();
    }

    @Test
    void aNamedPortIsFoundByNameAndProtocol() {
        Pod pod = pod(false, false);

        assertThat(pod.namedPort("dns", Protocol.UDP)).hasValue(53);
        assertThat(pod.namedPort("dns", Protocol.TCP)).hasValue(1053);
        assertThat(pod.namedPort("dns", Protocol.SCTP)).isEmpty();
        assertThat(pod.namedPort("http", Protocol.TCP)).isEmpty();
    }

    @Test
    void aPodCountsUntilItFinishesUnlessItSharesTheNode() {
        assertThat(pod(false, false).counts()).isTrue();
        assertThat(pod(true, false).counts()).isFalse();
        assertThat(pod(false, true).counts()).isFalse();
    }

    private static Pod pod(boolean hostNetwork, boolean finished) {
        return new Pod(
                Ref.pod("shop", "dns"),
                Labels.EMPTY,
                List.of(),
                List.of(
                        new Pod.ContainerPort("dns", Protocol.UDP, 53),
                        new Pod.ContainerPort("dns", Protocol.TCP, 1053)),
                List.of(),
                hostNetwork,
                finished,
                Source.NONE);
    }

    @Test
    void aPartyIsAnAddressOrAPod() {
        assertThat(Party.parse("web", "shop")).hasToString("shop/web");
        assertThat(Party.parse("data/db", "shop")).hasToString("data/db");
        assertThat(Party.parse("10.0.0.1", "shop")).isEqualTo(new Party.OfIp(Ip.parse("10.0.0.1")));
        assertThat(Party.parse("fd00:0::1", "shop")).hasToString("fd00::1");
        assertThat(Party.parse("service/web", "shop")).hasToString("service/shop/web");
        assertThat(Party.parse("service/data/db", "shop"))
                .isEqualTo(new Party.OfService(new Ref(Kind.SERVICE, "data", "db")));
    }

    @Test
    void aFlowQueryReadsAsASentence() {
        assertThat(
                        new FlowQuery(
                                Party.parse("web", "shop"),
                                Party.parse("10.0.0.1", "shop"),
                                Protocol.UDP,
                                53))
                .hasToString("shop/web -> 10.0.0.1 53/UDP");
    }

    @Test
    void refsSortByKindNamespaceName() {
        List<Ref> refs =
                new ArrayList<>(
                        List.of(
                                new Ref(Kind.NETWORK_POLICY, "a", "a"),
                                Ref.pod("b", "a"),
                                Ref.pod("a", "b"),
                                Ref.pod("a", "a"),
                                new Ref(Kind.NAMESPACE, "", "z")));
        refs.sort(null);

        assertThat(refs)
                .map(Ref::toString)
                .containsExactly(
                        "Namespace z", "Pod a/a", "Pod a/b", "Pod b/a", "NetworkPolicy a/a");
    }

    @Test
    void sourcesAndProblemsReadAsCompilersWriteThem() {
        Source line = new Source("policy.yaml", 12);

        assertThat(line).hasToString("policy.yaml:12");
        assertThat(new Source("policy.yaml", 0)).hasToString("policy.yaml");
        assertThat(new Problem(line, "Pod a/b", "spec", "wrong"))
                .hasToString("policy.yaml:12: Pod a/b: spec: wrong");
        assertThat(new Problem(line, "", "", "wrong")).hasToString("policy.yaml:12: wrong");
    }

    @Test
    void aReportKeepsABoundedNumberOfProblemsInOrderOfLines() {
        Report report = new Report();
        for (int i = 0; i < 1500; i++) {
            report.add(new Source("a", 1500 - i), "wrong");
        }

        assertThatThrownBy(report::check)
                .isInstanceOfSatisfying(
                        ManifestException.class,
                        e -> {
                            assertThat(e.problems()).hasSize(1001);
                            assertThat(e.problems().getFirst()).hasToString("a:501: wrong");
                            assertThat(e.problems().getLast())
                                    .hasToString(": and 500 more problems");
                        });
    }

    @Test
    void spellingFindsTheNearestWord() {
        List<String> known = List.of("ingress", "egress", "podSelector");

        assertThat(Spelling.nearest("ingres", known)).contains("ingress");
        assertThat(Spelling.nearest("PODselector", known)).contains("podSelector");
        assertThat(Spelling.nearest("rgeess", known)).contains("egress");
        assertThat(Spelling.nearest("volumes", known)).isEmpty();
    }
}
