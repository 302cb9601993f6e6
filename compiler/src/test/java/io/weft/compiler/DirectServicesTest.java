package io.weft.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Delta;
import io.weft.model.EndpointSlice;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.Labels;
import io.weft.model.Node;
import io.weft.model.Prefix;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import io.weft.model.Source;
import io.weft.tables.Backend;
import io.weft.tables.BackendSet;
import io.weft.tables.ServiceTable.Cluster;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What is compiled and said of services whose backends' nodes answer clients outside themselves.
 */
class DirectServicesTest {
    private static final Ip NODE = Ip.parse("192.0.2.1");
    private static final Ref WEB = new Ref(Kind.SERVICE, "default", "web");

    private static Node node(String name, String address, String pods) {
        return new Node(
                name,
                Labels.EMPTY,
                List.of(Ip.parse(address)),
                List.of(Prefix.parse(pods)),
                Source.NONE);
    }

    private static Service service(Service.Forwarding forwarding, boolean externalLocal) {
        List<Service.Port> ports =
                List.of(new Service.Port("", Protocol.TCP, 80, "8080").withNodePort(30080));
        return new Service(
                WEB,
                Labels.EMPTY,
                Service.Type.NODE_PORT,
                Optional.empty(),
                false,
                Service.Addresses.ofCluster(List.of(Ip.parse("10.96.0.1"))),
                ports,
                new Service.Routing(
                        Optional.empty(),
                        false,
                        externalLocal,
                        OptionalInt.empty(),
                        Service.Distribution.ANY,
                        false,
                        Service.Balancing.MAGLEV,
                        forwarding,
                        false),
                Source.NONE);
    }

    private static EndpointSlice.Endpoint endpoint(String ip, String node, List<String> forNodes) {
        return new EndpointSlice.Endpoint(
                Ip.parse(ip),
                true,
                true,
                false,
                Optional.empty(),
                Optional.of(node),
                Optional.empty(),
                List.of(),
                forNodes,
                Optional.empty());
    }

    private static EndpointSlice slice(EndpointSlice.Endpoint... endpoints) {
        return new EndpointSlice(
                new Ref(Kind.ENDPOINT_SLICE, "default", "web-1"),
                Optional.of(WEB),
                true,
                List.of(endpoints),
                List.of(new EndpointSlice.Port("", Protocol.TCP, OptionalInt.of(8080))),
                Source.NONE);
    }

    private static Compilation compile(Service service, EndpointSlice slice) {
        return Compiler.compile(Snapshot.EMPTY, Set.of(NODE), CompilerOptions.DEFAULT)
                .next(
                        Delta.put(
                                List.of(
                                        node("one", "192.0.2.1", "10.1.0.0/16"),
                                        node("two", "192.0.2.2", "10.2.0.0/16"),
                                        service,
                                        slice)));
    }

    private static final EndpointSlice EVERYWHERE =
            slice(
                    endpoint("10.1.0.1", "one", List.of()),
                    endpoint("10.2.0.1", "two", List.of()),
                    endpoint("203.0.113.80", "elsewhere", List.of()));

    private static String why(Compilation compiled, String from, Ip to) {
        Passage passage =
                compiled.pass(new Query(Ip.parse(from), to, Protocol.TCP.number(), 30080));
        return ServiceExplanation.of(compiled, passage).orElseThrow().text();
    }

    @Test
    void whyNamesTheModeAndTheEndpointForWhichNobodyIsKnownToAnswer() {
        Compilation compiled = compile(service(Service.Forwarding.DSR, false), EVERYWHERE);

        assertThat(why(compiled, "198.51.100.9", NODE))
                .contains(
                        "the endpoint sees the client's own address",
                        "direct server return: no masquerade",
                        "yes 203.0.113.80:8080: ready; direct server return: it is no pod and no"
                                + " Node's")
                .doesNotContain("10.2.0.1:8080: ready; direct");
        assertThat(why(compiled, "10.2.0.7", NODE))
                .contains(
                        "the endpoint sees the node's address",
                        "dsr is for clients outside the cluster: this one is of it");
        assertThat(why(compiled, "10.1.0.7", NODE))
                .contains("dsr is for clients outside: this one is a pod of this node");
    }

    @Test
    void whyNamesANodePortThatNoOtherNodeKnows() {
        Ip second = Ip.parse("192.0.2.101");
        Compilation compiled =
                Compiler.compile(
                        compile(service(Service.Forwarding.DSR, false), EVERYWHERE).snapshot(),
                        Set.of(NODE, second),
                        CompilerOptions.DEFAULT);

        assertThat(why(compiled, "198.51.100.9", second))
                .contains("no Node has the address 192.0.2.101: other nodes take nothing");
        assertThat(why(compiled, "198.51.100.9", NODE)).doesNotContain("no Node has");
    }

    @Test
    void aNodeTakesWhatOthersChooseAlsoWhereItChoosesOtherwise() {
        Compilation compiled =
                compile(
                        service(Service.Forwarding.DSR, false),
                        slice(
                                endpoint("10.1.0.1", "one", List.of("two")),
                                endpoint("10.2.0.1", "two", List.of("one"))));

        BackendSet set = compiled.tables().services().sets().values().iterator().next();
        assertThat(set.backends()).containsExactly(new Backend(Ip.parse("10.2.0.1"), 8080, false));
        assertThat(set.handed()).containsExactly(new Backend(Ip.parse("10.1.0.1"), 8080, true));
    }

    @Test
    void theClusterIsKnownOnlyWhereItIsAskedFor() {
        Compilation compiled = compile(service(Service.Forwarding.DSR, false), EVERYWHERE);
        assertThat(compiled.tables().services().cluster())
                .isEqualTo(
                        new Cluster(
                                List.of(Prefix.parse("192.0.2.1/32"), Prefix.parse("192.0.2.2/32")),
                                List.of(Prefix.parse("10.1.0.0/16"), Prefix.parse("10.2.0.0/16"))));

        compiled = compiled.next(Delta.put(List.of(service(Service.Forwarding.SNAT, false))));
        assertThat(compiled.tables().services().cluster()).isEqualTo(Cluster.UNKNOWN);

        compiled = compiled.next(Delta.put(List.of(service(Service.Forwarding.DSR, true))));
        assertThat(compiled.tables().services().frontends().values())
                .as("with a policy of Local the client's address is kept anyway")
                .noneMatch(frontend -> frontend.direct());
        assertThat(compiled.tables().services().cluster()).isEqualTo(Cluster.UNKNOWN);
    }
}
