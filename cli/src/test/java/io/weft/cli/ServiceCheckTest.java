package io.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code check} where services are: in a world, and in manifests. */
class ServiceCheckTest {
    @TempDir private Path directory;

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    // ---- worlds

    /** Two backends; policy lets the client reach only the one on node n2. */
    private static final String WORLD =
            """
            {"objects": [
              {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"},
               "spec": {"podCIDR": "10.1.0.0/16"},
               "status": {"addresses": [{"type": "InternalIP", "address": "192.0.2.1"}]}},
              {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n2"},
               "spec": {"podCIDR": "10.2.0.0/16"},
               "status": {"addresses": [{"type": "InternalIP", "address": "192.0.2.2"}]}},
              {"apiVersion": "v1", "kind": "Pod",
               "metadata": {"name": "client", "namespace": "x"},
               "spec": {"nodeName": "n1", "containers": [{"name": "c"}]},
               "status": {"podIPs": [{"ip": "10.1.0.9"}]}},
              {"apiVersion": "v1", "kind": "Pod",
               "metadata": {"name": "closed", "namespace": "x", "labels": {"app": "web", "closed": "yes"}},
               "spec": {"nodeName": "n1", "containers": [{"name": "c", "ports": [{"name": "http", "containerPort": 8080}]}]},
               "status": {"podIPs": [{"ip": "10.1.0.1"}]}},
              {"apiVersion": "v1", "kind": "Pod",
               "metadata": {"name": "open", "namespace": "x", "labels": {"app": "web"}},
               "spec": {"nodeName": "n2", "containers": [{"name": "c", "ports": [{"name": "http", "containerPort": 8081}]}]},
               "status": {"podIPs": [{"ip": "10.2.0.1"}]}},
              {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "x"},
               "spec": {"type": "NodePort", "clusterIP": "172.30.0.5", "selector": {"app": "web"},
                        "ports": [{"port": 80, "targetPort": "http", "nodePort": 30080}],
                        "externalTrafficPolicy": "Local"}},
              {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "snat", "namespace": "x"},
               "spec": {"type": "NodePort", "clusterIP": "172.30.0.7", "selector": {"app": "web"},
                        "ports": [{"port": 80, "targetPort": "http", "nodePort": 30081}]}},
              {"apiVersion": "v1", "kind": "Service",
               "metadata": {"name": "dsr", "namespace": "x", "annotations": {"weft.io/forwarding-mode": "dsr"}},
               "spec": {"type": "NodePort", "clusterIP": "172.30.0.8", "selector": {"app": "web"},
                        "ports": [{"port": 80, "targetPort": "http", "nodePort": 30082}]}},
              {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "bare", "namespace": "x"},
               "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": "http"}]}},
              {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "names", "namespace": "x"},
               "spec": {"clusterIP": "None", "selector": {"app": "web"}, "ports": [{"port": 80}]}},
              {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "alone", "namespace": "x"},
               "spec": {"clusterIP": "None", "selector": {"app": "gone"}, "ports": [{"port": 80}]}},
              {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "nobody", "namespace": "x"},
               "spec": {"clusterIP": "172.30.0.6", "selector": {"app": "gone"}, "ports": [{"port": 80}]}},
              {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
               "metadata": {"name": "only-8081", "namespace": "x"},
               "spec": {"podSelector": {"matchLabels": {"app": "web"}},
                        "ingress": [{"ports": [{"port": 8081}]}]}}],
             "flows": [FLOWS]}
            """;

    private List<Object> ask(String engine, List<String> flows, String... options)
            throws IOException {
        Path world = write("world.json", WORLD.replace("FLOWS", String.join(",\n", flows)));
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "check",
                                "--world",
                                world.toString(),
                                "--engine",
                                engine,
                                "-o",
                                "json"));
        command.addAll(List.of(options));
        Weft.Result result = Weft.run(command.toArray(String[]::new));
        assertThat(result.code()).as(result.err()).isEqualTo(Exit.DONE);
        return result.jsonList();
    }

    private static String flow(String from, String to, int port) {
        return "{\"from\": {%s}, \"to\": {%s}, \"protocol\": \"TCP\", \"port\": %d}"
                .formatted(from, to, port);
    }

    private static final String CLIENT = "\"pod\": \"x/client\"";

    @ParameterizedTest
    @ValueSource(strings = {"compiled", "oracle"})
    void policySeesThePodAndTargetPortOfEachBackend(String engine) throws IOException {
        List<Object> answers =
                ask(
                        engine,
                        List.of(
                                flow(CLIENT, "\"service\": \"x/web\"", 80),
                                flow(CLIENT, "\"ip\": \"172.30.0.5\"", 80)));

        assertThat(answers.get(0)).isEqualTo(answers.get(1));
        Map<?, ?> answer = (Map<?, ?>) answers.getFirst();
        assertThat(answer.keySet().toString())
                .isEqualTo("[egress, ingress, verdict, rule, endpoints, masquerade, backends]");
        assertThat(answer.get("endpoints")).isEqualTo(List.of("10.1.0.1:8080", "10.2.0.1:8081"));
        assertThat(answer.get("masquerade")).isEqualTo(false);
        assertThat(answer.get("egress")).isEqualTo(true);
        assertThat(answer.get("ingress")).isEqualTo(false);
        assertThat(answer.get("verdict")).isEqualTo("deny");
        assertThat((String) answer.get("rule")).contains("no ingress rule allows it");
        assertThat((List<?>) answer.get("backends"))
                .extracting(b -> get(b, "endpoint"), b -> get(b, "verdict"))
                .containsExactly(tuple("10.1.0.1:8080", "deny"), tuple("10.2.0.1:8081", "allow"));
    }

    private static @Nullable Object get(Object json, String key) {
        return ((Map<?, ?>) json).get(key);
    }

    @ParameterizedTest
    @ValueSource(strings = {"compiled", "oracle"})
    void eachNodeHasItsOwnView(String engine) throws IOException {
        String outside = "\"ip\": \"203.0.113.9\"";
        List<String> flows =
                List.of(
                        flow(outside, "\"ip\": \"192.0.2.1\"", 30080),
                        flow(outside, "\"ip\": \"192.0.2.2\"", 30080));

        assertThat(ask(engine, flows))
                .extracting(a -> get(a, "endpoints"), a -> get(a, "masquerade"))
                .containsExactly(
                        tuple(List.of("10.1.0.1:8080"), false),
                        tuple(List.of("10.2.0.1:8081"), false));
        // named, it is the only one that takes node ports
        assertThat(ask(engine, flows, "--node", "n2"))
                .extracting(a -> get(a, "endpoints"))
                .containsExactly(null, List.of("10.2.0.1:8081"));
        String self = flow("\"ip\": \"10.1.0.1\"", "\"service\": \"x/web\"", 80);
        assertThat(ask(engine, List.of(self), "--masquerade-all"))
                .extracting(a -> get(a, "masquerade"))
                .containsExactly(true);
        assertThat(ask(engine, List.of(self)))
                .satisfiesExactly(a ->
                        assertThat((List<?>) get(a, "backends"))
                                .extracting(b -> get(b, "masquerade"))
                                .containsExactly(true, false)); // to itself alone
    }

    @ParameterizedTest
    @ValueSource(strings = {"compiled", "oracle"})
    void clientsOutsideThatAreAnsweredDirectlyAreNotMasqueraded(String engine) throws IOException {
        String outside = "\"ip\": \"203.0.113.9\"";
        String pod = "\"ip\": \"10.2.0.1\""; // of another node

        List<Object> answers =
                ask(
                        engine,
                        List.of(
                                flow(outside, "\"ip\": \"192.0.2.1\"", 30081),
                                flow(outside, "\"ip\": \"192.0.2.1\"", 30082),
                                flow(pod, "\"ip\": \"192.0.2.1\"", 30082),
                                flow("\"ip\": \"192.0.2.2\"", "\"ip\": \"192.0.2.1\"", 30082)),
                        "--node",
                        "n1");

        assertThat(answers)
                .extracting(a -> get(a, "masquerade"))
                .as("snat, dsr, and dsr to others of the cluster")
                .containsExactly(true, false, true, true);
        assertThat(answers)
                .extracting(a -> get(a, "endpoints"))
                .containsOnly(List.of("10.1.0.1:8080", "10.2.0.1:8081"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"compiled", "oracle"})
    void saysOfServicesWithoutAddressOrPodsWhatBecomesOfAFlow(String engine) throws IOException {
        List<Object> answers =
                ask(
                        engine,
                        List.of(
                                flow(CLIENT, "\"service\": \"x/bare\"", 80),
                                flow(CLIENT, "\"service\": \"x/names\"", 8081),
                                flow(CLIENT, "\"service\": \"x/nobody\"", 80),
                                flow(CLIENT, "\"service\": \"x/web\"", 81),
                                flow(CLIENT, "\"pod\": \"x/open\"", 8081),
                                flow(CLIENT, "\"service\": \"x/alone\"", 80)));

        assertThat(answers)
                .extracting(a -> get(a, "endpoints"), a -> get(a, "verdict"))
                .containsExactly(
                        tuple(List.of("10.1.0.1:8080", "10.2.0.1:8081"), "deny"),
                        tuple(List.of("10.1.0.1:8081", "10.2.0.1:8081"), "allow"),
                        tuple("REJECT", "deny"),
                        tuple("REJECT", "deny"),
                        tuple(null, "allow"),
                        tuple(List.of(), "deny"));
        assertThat((String) get(answers.get(2), "rule"))
                .isEqualTo("rejected: Service x/nobody has no endpoint that can be used");
    }

    @Test
    void showsEndpointsToPeople() throws IOException {
        Path world =
                write(
                        "world.json",
                        WORLD.replace("FLOWS", flow(CLIENT, "\"service\": \"x/web\"", 80)));

        Weft.Result result = Weft.run("check", "--world", world.toString());

        assertThat(result.out())
                .contains("ENDPOINTS", "MASQUERADE", "10.1.0.1:8080, 10.2.0.1:8081");
    }

    @Test
    void namesAServiceThatAWorldLacks() throws IOException {
        Path world =
                write(
                        "world.json",
                        WORLD.replace("FLOWS", flow(CLIENT, "\"service\": \"x/ghost\"", 80)));

        Weft.Result result = Weft.run("check", "--world", world.toString());

        assertThat(result.code()).isEqualTo(Exit.BAD_INPUT);
        assertThat(result.err())
                .contains("flows[0].to.service: Not found: \"x/ghost\": no such service");
    }

    // ---- manifests

    private static final String SHOP =
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: client}
            spec: {containers: [{name: main, command: [sleep, "9"]}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: web-1, labels: {app: web}}
            spec: {containers: [{name: main, command: [sleep, "9"], ports: [{name: http, containerPort: 8080}]}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: web-2, labels: {app: web, closed: "yes"}}
            spec: {containers: [{name: main, command: [sleep, "9"], ports: [{name: http, containerPort: 8081}]}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec: {selector: {app: web}, ports: [{name: www, port: 80, targetPort: http}]}
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: web}
            spec: {podSelector: {matchLabels: {app: web}}, ingress: [{ports: [PORTS]}]}
            ---
            apiVersion: weft.io/v1alpha1
            kind: Expectation
            metadata: {name: through-the-service}
            spec: {from: client, to: service/web, port: www, verdict: VERDICT}
            """;

    private Weft.Result checkShop(String ports, String verdict, String engine) throws IOException {
        Path file = write("shop.yaml", SHOP.replace("PORTS", ports).replace("VERDICT", verdict));
        return Weft.run("check", file.toString(), "--engine", engine, "-o", "json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"compiled", "oracle"})
    void anExpectationOfAServiceHoldsWhenItDoesForEveryBackend(String engine) throws IOException {
        String both = "{port: 8080}, {port: 8081}";
        assertThat(checkShop(both, "allow", engine).json()).containsEntry("ok", true);
        assertThat(checkShop(both, "deny", engine).json()).containsEntry("ok", false);
        assertThat(checkShop("{port: 80}", "deny", engine).json()).containsEntry("ok", true);
        for (String verdict : List.of("allow", "deny")) {
            Weft.Result some = checkShop("{port: 8080}", verdict, engine);
            assertThat(some.code()).isEqualTo(Exit.NO);
            assertThat((List<?>) some.json().get("expectations"))
                    .extracting(e -> get(e, "got"), e -> get(e, "endpoints"))
                    .containsExactly(tuple("some", List.of("10.77.0.3:8080", "10.77.0.4:8081")));
        }
    }

    @Test
    void warnsOfServicesThatLeadNowhere() throws IOException {
        Path file =
                write(
                        "nowhere.yaml",
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: web, labels: {app: web}}
                        spec: {containers: [{name: main, command: [sleep, "9"], ports: [{name: http, containerPort: 80}]}]}
                        ---
                        apiVersion: v1
                        kind: Service
                        metadata: {name: typo}
                        spec: {selector: {app: wbe}, ports: [{port: 80}]}
                        ---
                        apiVersion: v1
                        kind: Service
                        metadata: {name: port}
                        spec: {selector: {app: web}, ports: [{port: 80, targetPort: htpp}]}
                        ---
                        apiVersion: v1
                        kind: Service
                        metadata: {name: empty}
                        spec: {ports: [{port: 80}]}
                        ---
                        apiVersion: v1
                        kind: Service
                        metadata: {name: good}
                        spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
                        """);

        Weft.Result result = Weft.run("check", file.toString());

        assertThat(result.code()).isEqualTo(Exit.DONE);
        assertThat(result.err())
                .contains("nowhere.yaml:6: Service default/typo: spec.selector: selects no pod")
                .contains(
                        "nowhere.yaml:11: Service default/port: spec.ports[0].targetPort: no selected"
                                + " pod has a TCP port named 'htpp'; there are http (TCP)")
                .contains(
                        "nowhere.yaml:16: Service default/empty: spec.selector: nobody is behind it")
                .doesNotContain("default/good");
    }

    @Test
    void refusesServicesThatWantTheSameOrWhatNoPoolHolds() throws IOException {
        Path file =
                write(
                        "clash.yaml",
                        """
                        apiVersion: v1
                        kind: Service
                        metadata: {name: a}
                        spec: {type: NodePort, clusterIP: 10.96.0.9, selector: {app: a}, ports: [{port: 80, nodePort: 30080}]}
                        ---
                        apiVersion: v1
                        kind: Service
                        metadata: {name: b}
                        spec: {type: NodePort, selector: {app: a}, ports: [{port: 80, nodePort: 30080}]}
                        ---
                        apiVersion: v1
                        kind: Service
                        metadata: {name: c}
                        spec: {clusterIP: 10.96.0.9, selector: {app: a}, ports: [{port: 80}]}
                        ---
                        apiVersion: v1
                        kind: Service
                        metadata: {name: d}
                        spec: {clusterIP: 172.30.0.1, selector: {app: a}, ports: [{port: 80}]}
                        """);

        Weft.Result result = Weft.run("check", file.toString());

        assertThat(result.code()).isEqualTo(Exit.BAD_INPUT);
        assertThat(result.err())
                .contains(
                        "clash.yaml:6: Service default/b: spec.ports[0].nodePort: Invalid value:"
                                + " \"30080\": provided port is already allocated, to Service"
                                + " default/a")
                .contains(
                        "clash.yaml:11: Service default/c: spec.clusterIPs: Invalid value:"
                                + " \"10.96.0.9\": provided IP is already allocated, to Service"
                                + " default/a")
                .contains("clash.yaml:16: Service default/d", "10.96.0.0/16");
        assertThat(Weft.run("check", file.toString(), "--service-pool4", "172.30.0.0/16").err())
                .contains("default/a", "10.96.0.9", "172.30.0.0/16")
                .doesNotContain("default/d");
    }
}
