package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.compiler.QueryException;
import io.weft.model.Ip;
import io.weft.model.ManifestReader;
import io.weft.model.Snapshot;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EndsTest {
    private static final Set<Ip> NODE = Set.of(Ip.parse("127.0.0.1"), Ip.parse("10.77.0.1"));
    private static final Snapshot SNAPSHOT =
            OfflineNode.snapshot(
                    new ManifestReader()
                            .offline()
                            .read(
                                    "pods.yaml",
                                    """
                                    {apiVersion: v1, kind: Pod, metadata: {name: a, labels: {app: a}}}
                                    ---
                                    {apiVersion: v1, kind: Pod, metadata: {name: b, labels: {app: b}}}
                                    ---
                                    {apiVersion: v1, kind: Pod, metadata: {name: c, labels: {app: b}}}
                                    ---
                                    apiVersion: v1
                                    kind: Service
                                    metadata: {name: bs}
                                    spec: {clusterIP: None, selector: {app: b}, ports: [{port: 80}]}
                                    ---
                                    apiVersion: v1
                                    kind: Node
                                    metadata: {name: n1}
                                    status: {addresses: [{type: InternalIP, address: 192.0.2.9}]}
                                    """));

    private static List<String> ask(String from, String to, String protocol, String port) {
        return Ends.queries(SNAPSHOT, NODE, from, to, protocol, port).stream()
                .map(q -> q.from() + " " + q.to() + " " + q.protocol() + "/" + q.port())
                .toList();
    }

    @Test
    void aServiceStandsForEachPodBehindIt() {
        assertThat(ask("a", "bs", "TCP", "80"))
                .containsExactly(
                        "10.77.0.2 10.77.0.3 6/80",
                        "fd77::2 fd77::3 6/80",
                        "10.77.0.2 10.77.0.4 6/80",
                        "fd77::2 fd77::4 6/80");
    }

    @Test
    void aNodeIsMeantByItsNameAndThisOneAsHost() {
        assertThat(ask("n1", "a", "TCP", "80")).containsExactly("192.0.2.9 10.77.0.2 6/80");
        assertThat(ask("a", "host", "UDP", "53")).containsExactly("10.77.0.2 10.77.0.1 17/53");
        assertThat(ask("203.0.113.7", "a", "SCTP", "9"))
                .containsExactly("203.0.113.7 10.77.0.2 132/9");
    }

    @Test
    void icmpIsAnEchoRequestOfTheFamilyUnlessATypeIsGiven() {
        assertThat(ask("a", "b", "ICMP", ""))
                .containsExactly("10.77.0.2 10.77.0.3 1/8", "fd77::2 fd77::3 58/128");
        assertThat(ask("a", "192.0.2.1", "ICMP", "13")).containsExactly("10.77.0.2 192.0.2.1 1/13");
        assertThatThrownBy(() -> ask("a", "b", "ICMP", "256"))
                .hasMessage("ICMP type '256': a number from 0 to 255");
    }

    @Test
    void namesWhatItDoesNotKnow() {
        assertThatThrownBy(() -> ask("ghost", "a", "TCP", "80"))
                .isInstanceOf(QueryException.class)
                .hasMessage("there is no Pod default/ghost");
        assertThatThrownBy(() -> ask("a", "b", "GRE", "0"))
                .hasMessage("protocol 'GRE': one of TCP, UDP, SCTP, ICMP");
        assertThatThrownBy(() -> ask("a", "b", "TCP", "http"))
                .hasMessageContaining("has no TCP port named 'http'");
    }
}
