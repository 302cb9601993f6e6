package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.model.Expectation.Party;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WorldReaderTest {
    private static final String KINDS =
            "Weft reads v1 Namespace, v1 Node, v1 Pod, networking.k8s.io/v1 ServiceCIDR, v1 Service,"
                    + " discovery.k8s.io/v1 EndpointSlice, networking.k8s.io/v1 NetworkPolicy,"
                    + " policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy,"
                    + " cilium.io/v2 CiliumNetworkPolicy, cilium.io/v2"
                    + " CiliumClusterwideNetworkPolicy, k8s.cni.cncf.io/v1alpha1 IPAMClaim,"
                    + " weft.io/v1alpha1 Expectation, v1 List";
    private static final String WEB =
            pod("web", "10.0.0.1").replace("{}", "{\"containers\": [{\"name\": \"c\"}]}");

    private static String pod(String name, String ip) {
        return """
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "%s", "namespace": "shop"},
         "spec": {}, "status": {"podIPs": [{"ip": "%s"}]}}\
        """
                .formatted(name, ip);
    }

    private static String world(String objects, String flows) {
        return "{\"objects\": [" + objects + "],\n\"flows\": [" + flows + "]}";
    }

    @Test
    void readsObjectsAndFlowsInAnyOrder(@TempDir Path dir) throws IOException {
        Path file =
                Files.writeString(
                        dir.resolve("w.json"),
                        """
                        {"flows": [
                          {"from": {"pod": "shop/web"}, "to": {"ip": "203.0.113.7"}, "port": 443},
                          {"from": {"ip": "fd00::1"}, "to": {"pod": "shop/web"},
                           "protocol": "UDP", "port": 53}],
                         "objects": [%s]}
                        """
                                .formatted(WEB));

        World world = WorldReader.read(file);

        Party web = new Party.OfPod(Ref.pod("shop", "web"));
        assertThat(world.flows())
                .containsExactly(
                        new FlowQuery(
                                web, new Party.OfIp(Ip.parse("203.0.113.7")), Protocol.TCP, 443),
                        new FlowQuery(new Party.OfIp(Ip.parse("fd00::1")), web, Protocol.UDP, 53));
        assertThat(world.snapshot().find(Ref.pod("shop", "web")))
                .get()
                .extracting(r -> ((Pod) r).ips())
                .isEqualTo(List.of(Ip.parse("10.0.0.1")));
    }

    @Test
    void aFlowMayGoToAService() {
        String service =
                """
                {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"},
                 "spec": {"clusterIP": "10.96.0.1", "ports": [{"port": 80, "targetPort": 0}]}}
                """;

        World world =
                WorldReader.read(
                        "w.json",
                        world(
                                WEB + "," + service,
                                """
                                {"from": {"pod": "shop/web"}, "to": {"service": "shop/web"}, "port": 80},
                                {"from": {"pod": "shop/web"}, "to": {"pod": "shop/web"}, "port": 80}
                                """));

        assertThat(world.flows())
                .extracting(FlowQuery::to)
                .containsExactly(
                        new Party.OfService(new Ref(Kind.SERVICE, "shop", "web")),
                        new Party.OfPod(Ref.pod("shop", "web")));
    }

    @ParameterizedTest
    @MethodSource
    void answers(String text, List<String> expected) {
        assertThatThrownBy(() -> WorldReader.read("w.json", text))
                .isInstanceOf(ManifestException.class)
                .hasMessage(String.join("\n", expected.stream().map(e -> "w.json:" + e).toList()));
    }

    static Stream<Arguments> answers() {
        String forms =
                "write {\"pod\": \"namespace/name\"}, {\"ip\": \"address\"} or, as `to`, {\"service\":"
                        + " \"namespace/name\"}";
        return Stream.of(
                Arguments.of("[]", List.of("1: a world is {\"objects\": [ … ], \"flows\": [ … ]}")),
                Arguments.of(
                        "{\"object\": []}",
                        List.of(
                                "1: object: unknown field \"object\"; did you mean \"objects\"?",
                                "1: objects: Required value",
                                "1: flows: Required value")),
                Arguments.of(
                        "{\"objects\": {}, \"flows\": [],\n\"flows\": []}",
                        List.of(
                                "1: objects: Invalid value: must be a list",
                                "2: key \"flows\" is already set")),
                Arguments.of(
                        "{\"objects\": [],\n\"flows\": [}",
                        List.of(
                                "2: not JSON: Unexpected close marker '}': expected ']' (for Array"
                                        + " starting at line: 2, column: 10)")),
                Arguments.of(
                        world("{\"apiVersion\": \"v1\", \"kind\": \"Secret\"}, 7", ""),
                        List.of(
                                "1: Secret objects[0]: kind: no matches for kind \"Secret\" in version"
                                        + " \"v1\"; "
                                        + KINDS,
                                "1: an object is a mapping with apiVersion, kind, metadata and spec,"
                                        + " not a number")),
                Arguments.of(
                        world("{\"kind\": 1, \"kind\": 2}", ""),
                        List.of(
                                "1: key \"kind\" is already set",
                                "1: 1 objects[0]: apiVersion: Required value: " + KINDS,
                                "1: 1 objects[0]: kind: Invalid value: 1: must be a string; quote it:"
                                        + " \"1\"")),
                Arguments.of(
                        world(WEB, "{\"from\": {\"service\": \"a/b\"}, \"to\": {}}"),
                        List.of(
                                "3: flows[0].from.service: Forbidden: a service opens no"
                                        + " connections; "
                                        + forms,
                                "3: flows[0].to: Invalid value: {…}: must be exactly one party; "
                                        + forms,
                                "3: flows[0].port: Required value: a number")),
                Arguments.of(
                        world(
                                WEB,
                                "{\"to\": {\"pod\": \"web\"}, \"port\": \"http\", \"dport\": 1},\n"
                                        + "{\"from\": {\"ip\": \"10.0.0.300\"}, \"to\": {\"pod\":"
                                        + " \"shop/web\"}, \"port\": 0, \"protocol\": \"ICMP\"}"),
                        List.of(
                                "3: flows[0].dport: unknown field \"flows[0].dport\"; did you mean"
                                        + " \"port\"?",
                                "3: flows[0].from: Required value: " + forms,
                                "3: flows[0].to.pod: Invalid value: \"web\": must be namespace/name",
                                "3: flows[0].port: Invalid value: \"http\": must be an integer, not"
                                        + " a string",
                                "4: flows[1].from.ip: Invalid value: \"10.0.0.300\": must be a valid"
                                        + " IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
                                "4: flows[1].port: Invalid value: 0: must be between 1 and 65535,"
                                        + " inclusive",
                                "4: flows[1].protocol: Unsupported value: \"ICMP\": supported"
                                        + " values: \"TCP\", \"UDP\", \"SCTP\"")),
                Arguments.of(
                        world(
                                WEB
                                        + ","
                                        + WEB.replace(
                                                        ", \"status\": {\"podIPs\": [{\"ip\": \"10.0.0.1\"}]}",
                                                        "")
                                                .replace("web", "db"),
                                "{\"from\": {\"pod\": \"shop/db\"}, \"to\": {\"pod\": \"shop/wbe\"},"
                                        + " \"port\": 1}"),
                        List.of(
                                "4: flows[0].from.pod: Invalid value: \"shop/db\": has no"
                                        + " status.podIPs",
                                "4: flows[0].to.pod: Not found: \"shop/wbe\": no such pod among"
                                        + " objects")),
                Arguments.of(
                        world(
                                WEB,
                                "{\"from\": {\"pod\": \"shop/web\"}, \"to\": {\"service\": \"shop/web\"},"
                                        + " \"port\": 1},\n{\"from\": {\"pod\": \"shop/web\"}, \"to\":"
                                        + " {\"service\": \"shop\"}, \"port\": 1}"),
                        List.of(
                                "4: flows[1].to.service: Invalid value: \"shop\": must be"
                                        + " namespace/name")),
                Arguments.of(
                        world(
                                WEB,
                                "{\"from\": {\"pod\": \"shop/web\"}, \"to\": {\"service\": \"shop/web\"},"
                                        + " \"port\": 1}"),
                        List.of(
                                "3: flows[0].to.service: Not found: \"shop/web\": no such service"
                                        + " among objects")),
                Arguments.of(
                        world(WEB + ",\n" + pod("db", "10.0.0.1"), ""),
                        List.of(
                                "1: Pod shop/web: status.podIPs: Duplicate value: \"10.0.0.1\": also"
                                        + " the address of Pod shop/db")));
    }

    @Test
    void boundsTheDepth() {
        assertThatThrownBy(() -> WorldReader.read("w.json", world("[".repeat(200), "")))
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining("nesting depth");
    }

    @Test
    void namesAFileThatIsNotThere(@TempDir Path dir) {
        Path file = dir.resolve("none.json");

        assertThatThrownBy(() -> WorldReader.read(file)).hasMessage(file + ": no such file");
    }
}
