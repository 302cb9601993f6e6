package io.weft.compiler;

import static io.weft.compiler.Cluster.NODE;
import static io.weft.compiler.Cluster.egress;
import static io.weft.compiler.Cluster.everything;
import static io.weft.compiler.Cluster.ingress;
import static io.weft.compiler.Cluster.namespace;
import static io.weft.compiler.Cluster.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.Labels;
import io.weft.model.ManifestReader;
import io.weft.model.Node;
import io.weft.model.Problem;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Source;
import io.weft.tables.NodePolicy;
import io.weft.tables.Rule;
import java.util.List;
import org.junit.jupiter.api.Test;

/** nodeSelector: a node is judged in its traffic with pods, by tables and oracle alike. */
class NodePolicyTest {
    private static final String HERE = NODE.toString();
    private static final String THERE = "10.0.255.2";
    private static final String WORLD = "203.0.113.7";

    private static final String ONLY_WEB =
            """
            nodeSelector: {matchLabels: {zone: a}}
            ingress:
            - fromEndpoints: [{matchLabels: {app: web}}]
              toPorts: [{ports: [{port: "22", protocol: TCP}]}]
            """;

    private final Cluster open =
            Cluster.of(
                    namespace("shop", ""),
                    node("here", HERE, "a"),
                    node("there", THERE, "b"),
                    pod("web", "10.0.0.1", "app=web"),
                    pod("db", "10.0.0.2", "app=db"));

    private static Node node(String name, String ip, String zone) {
        return new Node(name, Labels.EMPTY.with("zone", zone), List.of(Ip.parse(ip)), Source.NONE);
    }

    private static Resource policy(String name, String spec) {
        return new ManifestReader()
                .read(
                        "node.yaml",
                        "apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\n"
                                + "metadata: {name: %s}\nspec:\n".formatted(name)
                                + spec.indent(2))
                .getFirst();
    }

    @Test
    void a_node_is_reached_by_what_its_policy_allows() {
        Cluster cluster = open.with(policy("ssh", ONLY_WEB));
        assertThat(cluster.allowsTcp("web", HERE, 22)).isTrue();
        assertThat(cluster.allowsTcp("web", HERE, 23)).isFalse();
        assertThat(cluster.allowsTcp("db", HERE, 22)).isFalse();
        assertThat(cluster.allowsPing("web", HERE)).isFalse();
        assertThat(cluster.allowsTcp("db", THERE, 22)).as("another zone").isTrue();
        assertThat(cluster.allowsTcp(HERE, "db", 80)).as("the other direction").isTrue();
    }

    @Test
    void another_node_is_judged_too() {
        Cluster cluster = open.with(policy("ssh", ONLY_WEB.replace("zone: a", "zone: b")));
        assertThat(cluster.allowsTcp("web", THERE, 22)).isTrue();
        assertThat(cluster.allowsTcp("db", THERE, 22)).isFalse();
        assertThat(cluster.allowsTcp("db", HERE, 22)).isTrue();
    }

    @Test
    void what_a_node_may_say_to_pods_is_its_egress() {
        Cluster cluster =
                open.with(
                        policy(
                                "probes",
                                """
                                nodeSelector: {}
                                egressDeny:
                                - toEndpoints: [{matchLabels: {app: db}}]
                                """));
        for (String node : List.of(HERE, THERE)) {
            assertThat(cluster.allowsTcp(node, "db", 80)).isFalse();
            assertThat(cluster.allowsTcp(node, "web", 80)).as("but default deny").isFalse();
        }
        Cluster noDefault =
                open.with(
                        policy(
                                "probes",
                                """
                                nodeSelector: {}
                                enableDefaultDeny: {egress: false}
                                egressDeny:
                                - toEndpoints: [{matchLabels: {app: db}}]
                                """));
        assertThat(noDefault.allowsTcp(HERE, "db", 80)).isFalse();
        assertThat(noDefault.allowsTcp(HERE, "web", 80)).isTrue();
    }

    @Test
    void a_pods_own_policy_never_keeps_its_node_out() {
        Cluster cluster =
                open.with(
                        ingress("in", everything()),
                        egress("out", everything()),
                        policy("ssh", ONLY_WEB));
        assertThat(cluster.allowsTcp("web", HERE, 22)).isTrue();
        assertThat(cluster.allowsTcp(HERE, "db", 80)).isTrue();
        assertThat(cluster.allowsTcp("web", THERE, 22)).as("another node is a peer").isFalse();
    }

    @Test
    void traffic_with_others_than_pods_is_not_judged() {
        Cluster cluster = open.with(policy("none", "nodeSelector: {}\ningress: [{}]\n"));
        assertThat(cluster.allowsTcp(WORLD, HERE, 22)).isTrue();
        assertThat(cluster.allowsTcp(THERE, HERE, 22)).isTrue();
        assertThat(cluster.allowsTcp("web", HERE, 22)).isFalse();
        assertThat(cluster.compiled().warnings())
                .extracting(Problem::toString)
                .singleElement()
                .asString()
                .contains("spec.nodeSelector: only traffic between the node and pods is judged");
    }

    @Test
    void a_selector_that_matches_no_node_gets_a_warning() {
        Cluster cluster =
                open.with(policy("x", "nodeSelector: {matchLabels: {a: b}}\ningress: [{}]\n"));
        assertThat(cluster.compiled().warnings())
                .extracting(problem -> problem.field() + ": " + problem.reason())
                .containsExactly("spec.nodeSelector: selects no node");
        assertThat(cluster.compiled().tables().host()).isEqualTo(NodePolicy.OPEN);
    }

    @Test
    void labels_policies_and_nodes_come_and_go() {
        Cluster cluster = open.with(policy("ssh", ONLY_WEB));
        assertThat(cluster.with(node("here", HERE, "c")).allowsTcp("db", HERE, 22)).isTrue();
        assertThat(cluster.without(new Ref(Kind.NODE, "", "here")).allowsTcp("db", HERE, 22))
                .isTrue();
        assertThat(cluster.with(node("there", THERE, "a")).allowsTcp("db", THERE, 22)).isFalse();
        Cluster over = cluster.without(new Ref(Kind.CILIUM_CLUSTERWIDE_NETWORK_POLICY, "", "ssh"));
        assertThat(over.allowsTcp("db", HERE, 22)).isTrue();
        assertThat(over.compiled().tables().groups()).isEmpty();
    }

    @Test
    void an_explanation_goes_through_the_nodes_policies() {
        Cluster cluster = open.with(policy("ssh", ONLY_WEB));
        Query query = cluster.query("db", HERE, 22);
        assertThat(cluster.decide(query).ingressRule()).isInstanceOf(Rule.Isolated.class);
        assertThat(Explanation.of(cluster.compiled(), query).text())
                .contains("ingress of here: denied")
                .contains("considered CiliumClusterwideNetworkPolicy ssh")
                .contains("shop/db has app=db")
                .contains("egress of shop/db: allowed");
        Explanation free = Explanation.of(open.compiled(), query);
        assertThat(free.ingress().workload()).isEmpty();
        assertThat(free.ingress().tiers()).isEmpty();
    }
}
