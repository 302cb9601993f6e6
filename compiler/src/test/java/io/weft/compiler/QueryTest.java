package io.weft.compiler;

import static io.weft.compiler.Cluster.everything;
import static io.weft.compiler.Cluster.having;
import static io.weft.compiler.Cluster.ingress;
import static io.weft.compiler.Cluster.pod;
import static io.weft.compiler.Cluster.pods;
import static io.weft.compiler.Cluster.port;
import static io.weft.compiler.Cluster.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.model.Expectation.Party;
import io.weft.model.Ip;
import io.weft.model.PortMatch.Family;
import io.weft.model.Problem;
import io.weft.model.Protocol;
import io.weft.model.Snapshot;
import java.util.List;
import org.junit.jupiter.api.Test;

class QueryTest {
    private final Snapshot snapshot =
            Cluster.of(
                            pod("web", "10.0.0.1 fd00::1", ""),
                            pod("db", "fd00::2 10.0.0.2", "", port("sql", Protocol.TCP, 5432)),
                            pod("four", "10.0.0.3", ""),
                            pod("bare", "", ""))
                    .compiled()
                    .snapshot();

    private List<Query> ask(String from, String to, String port) {
        return Query.of(
                snapshot, Party.parse(from, "shop"), Party.parse(to, "shop"), Protocol.TCP, port);
    }

    @Test
    void there_is_one_query_per_family_ipv4_first() {
        assertThat(ask("web", "db", "80"))
                .containsExactly(
                        new Query(Ip.parse("10.0.0.1"), Ip.parse("10.0.0.2"), 6, 80),
                        new Query(Ip.parse("fd00::1"), Ip.parse("fd00::2"), 6, 80));
    }

    @Test
    void a_port_may_be_named_as_the_destination_names_it() {
        assertThat(ask("web", "db", "sql")).allSatisfy(q -> assertThat(q.port()).isEqualTo(5432));
    }

    @Test
    void a_ping_is_an_echo_request_of_each_family() {
        Party web = Party.parse("web", "shop");
        Party db = Party.parse("db", "shop");
        assertThat(Query.ping(snapshot, web, db))
                .extracting(Query::toString)
                .containsExactly(
                        "10.0.0.1 -> 10.0.0.2 ICMP type 8", "fd00::1 -> fd00::2 ICMPv6 type 128");
        assertThat(Query.icmp(snapshot, web, db, Family.IPV6, 0))
                .containsExactly(new Query(Ip.parse("fd00::1"), Ip.parse("fd00::2"), 58, 0));
        Party four = Party.parse("four", "shop");
        assertThatThrownBy(() -> Query.icmp(snapshot, web, four, Family.IPV6, 128))
                .hasMessage("shop/web and shop/four share no IPV6 addresses");
        assertThatThrownBy(() -> Query.icmp(snapshot, web, four, Family.IPV4, 256))
                .hasMessage("no such ICMP type: 256; types are 0 to 255");
    }

    @Test
    void what_has_no_answer_says_why() {
        assertThatThrownBy(() -> ask("web", "nobody", "80"))
                .isInstanceOf(QueryException.class)
                .hasMessage("there is no Pod shop/nobody");
        assertThatThrownBy(() -> ask("web", "bare", "80"))
                .hasMessage("Pod shop/bare has no address yet");
        assertThatThrownBy(() -> ask("four", "2001:db8::1", "80"))
                .hasMessageContaining("share no address family");
        assertThatThrownBy(() -> ask("web", "four", "sql"))
                .hasMessage("shop/four has no TCP port named 'sql'; give a number");
        assertThatThrownBy(() -> ask("web", "four", "70000"))
                .hasMessageContaining("no such protocol or port");
    }

    @Test
    void policies_without_effect_get_a_warning() {
        List<Problem> warnings =
                Cluster.of(
                                pod("web", "10.0.0.1", "app=web"),
                                pod("bare", "", "app=bare"),
                                ingress(
                                        "fine",
                                        everything(),
                                        rule(List.of(pods(having("app=bare"))), List.of())),
                                ingress(
                                        "typo",
                                        having("app=wbe"),
                                        rule(
                                                List.of(
                                                        pods(having("app=web")),
                                                        pods(having("app=gone"))),
                                                List.of())))
                        .compiled()
                        .warnings();
        assertThat(warnings)
                .extracting(Problem::toString)
                .containsExactly(
                        "typo.yaml:1: NetworkPolicy shop/typo: spec.podSelector: selects no pod: no pod of namespace shop matches app=wbe",
                        ": NetworkPolicy shop/typo: spec.ingress[0].from[1]: matches no pod: podSelector app=gone");
    }
}
