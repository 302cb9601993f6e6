package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AgentConfigurationTest {
    private static AgentConfiguration read(String spec) {
        return AgentConfigurationReader.parse(
                "agent.yaml",
                """
                apiVersion: weft.io/v1alpha1
                kind: AgentConfiguration
                spec:
                """
                        + spec.indent(2));
    }

    @Test
    void whatIsLeftOutIsTheDefault() {
        assertThat(read("audit: false")).isEqualTo(AgentConfiguration.DEFAULT);
    }

    @Test
    void aPoolHasRangesAndHoles() {
        AgentConfiguration read =
                read(
                        """
                        addressPools:
                        - name: databases
                          ranges:
                          - {subnet: 10.78.0.0/24, rangeStart: 10.78.0.10, rangeEnd: 10.78.0.99}
                          - {subnet: "fd78::/64", gateway: "fd78::1"}
                          exclude: [10.78.0.50, 10.78.0.60-10.78.0.69, 10.78.0.80/30, "fd78::/120"]
                        coolDown: 10m
                        """);
        assertThat(read.coolDown()).contains(Duration.ofMinutes(10));
        AgentConfiguration.AddressPool pool = read.addressPools().getFirst();
        assertThat(pool.ranges().getFirst().last()).contains(Ip.parse("10.78.0.99"));
        assertThat(pool.ranges().getLast().gateway()).contains(Ip.parse("fd78::1"));
        assertThat(pool.excluded())
                .containsExactly(
                        new Span(Ip.parse("10.78.0.50"), Ip.parse("10.78.0.50")),
                        new Span(Ip.parse("10.78.0.60"), Ip.parse("10.78.0.69")),
                        new Span(Ip.parse("10.78.0.80"), Ip.parse("10.78.0.83")),
                        new Span(Ip.parse("fd78::"), Ip.parse("fd78::ff")));
    }

    @Test
    void aPoolMaySelectNamespaces() {
        assertThat(
                        read("""
                        addressPools:
                        - name: databases
                          ranges: [{subnet: 10.78.0.0/24}]
                          namespaceSelector: {matchLabels: {team: data}}
                        - {name: rest, ranges: [{subnet: 10.79.0.0/24}]}
                        """)
                                .addressPools())
                .map(AgentConfiguration.AddressPool::namespaces)
                .map(selector -> selector.map(LabelSelector::toString).orElse("all"))
                .containsExactly("team=data", "all");
        assertThatThrownBy(() ->
                        read(
                                """
                                addressPools:
                                - name: databases
                                  ranges: [{subnet: 10.78.0.0/24}]
                                  namespaceSelector: {matchLabel: {team: data}}
                                """))
                .hasMessageContaining("agent.yaml:7")
                .hasMessageContaining("did you mean \"matchLabels\"?");
    }

    @Test
    void ipv4ComesFirst() {
        assertThat(read("podCIDRs: [\"fd78::/64\", 10.78.0.0/16]").podCidrs())
                .containsExactly(Prefix.parse("10.78.0.0/16"), Prefix.parse("fd78::/64"));
    }

    @Test
    void everyProblemIsNamedWithFieldAndLine() {
        assertThatThrownBy(() ->
                        read(
                                """
                                podCIDRs: [10.0.0.0/16]
                                addressPool: []
                                clusterDomain: "-bad-"
                                addressPools:
                                - name: a
                                  ranges: [{subnet: 10.1.0.0/24, rangeStart: 10.2.0.1}]
                                  exclude: [10.1.0.9-10.1.0.1]
                                - {name: a, ranges: []}
                                coolDown: soon
                                """))
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining("agent.yaml:4")
                .hasMessageContaining("one IPv4 and one IPv6 block are needed")
                .hasMessageContaining("addressPool")
                .hasMessageContaining("spec.clusterDomain")
                .hasMessageContaining("must be inside subnet 10.1.0.0/24")
                .hasMessageContaining("must be an address, a CIDR block or FIRST-LAST")
                .hasMessageContaining("such as 10m")
                .hasMessageContaining("Duplicate value")
                .hasMessageContaining("at least one range required");
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> AgentConfigurationReader.read(Path.of("/nowhere/agent.yaml")))
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining("/nowhere/agent.yaml: no such file");
    }
}
