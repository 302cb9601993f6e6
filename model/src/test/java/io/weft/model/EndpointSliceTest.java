package io.weft.model;

import static io.weft.model.Case.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.EndpointSlice.Endpoint;
import io.weft.model.EndpointSlice.Port;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class EndpointSliceTest {
    private static final String HEAD =
            "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: s}\n";

    private static EndpointSlice read(String yaml) {
        return (EndpointSlice) new ManifestReader().read("f.yaml", yaml).getFirst();
    }

    @Test
    void readsASlice() {
        EndpointSlice slice =
                read(
                        """
                        apiVersion: discovery.k8s.io/v1
                        kind: EndpointSlice
                        metadata:
                          name: web-x7
                          namespace: shop
                          labels: {kubernetes.io/service-name: web}
                        addressType: IPv6
                        endpoints:
                        - addresses: ["fd00::1", "fd00::2"]
                          conditions: {ready: false, serving: true, terminating: true}
                          hostname: zero
                          nodeName: node-1
                          zone: a
                          hints: {forZones: [{name: a}, {name: b}], forNodes: [{name: node-1}]}
                          targetRef: {kind: Pod, name: web-0, uid: x}
                          deprecatedTopology: {kubernetes.io/hostname: node-1}
                        - addresses: ["fd00::3"]
                          targetRef: {kind: Pod, namespace: data, name: web-1}
                        - addresses: ["fd00::4"]
                          targetRef: {kind: VirtualMachine, name: web-2}
                        ports:
                        - {name: http, port: 8080, protocol: TCP, appProtocol: kubernetes.io/h2c}
                        - {name: all, protocol: UDP, port: null}
                        """);

        assertThat(slice)
                .isEqualTo(
                        new EndpointSlice(
                                new Ref(Kind.ENDPOINT_SLICE, "shop", "web-x7"),
                                Optional.of(new Ref(Kind.SERVICE, "shop", "web")),
                                false,
                                List.of(
                                        new Endpoint(
                                                Ip.parse("fd00::1"),
                                                false,
                                                true,
                                                true,
                                                Optional.of("zero"),
                                                Optional.of("node-1"),
                                                Optional.of("a"),
                                                List.of("a", "b"),
                                                List.of("node-1"),
                                                Optional.of(Ref.pod("shop", "web-0"))),
                                        bare("fd00::3", Optional.of(Ref.pod("data", "web-1"))),
                                        bare("fd00::4", Optional.empty())),
                                List.of(
                                        new Port("http", Protocol.TCP, OptionalInt.of(8080)),
                                        new Port("all", Protocol.UDP, OptionalInt.empty())),
                                new Source("f.yaml", 1)));
    }

    private static Endpoint bare(String ip, Optional<Ref> pod) {
        return new Endpoint(
                Ip.parse(ip),
                true,
                true,
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                pod);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {}                                            | true  | true  | false
                    {ready: false}                                | false | false | false
                    {ready: true}                                 | true  | true  | false
                    {serving: false}                              | true  | false | false
                    {ready: false, serving: true}                 | false | true  | false
                    {ready: null, serving: null, terminating: null} | true | true | false
                    {ready: false, terminating: true}             | false | false | true
                    """)
    void whatConditionsDoNotSayHasAMeaning(
            String conditions, boolean ready, boolean serving, boolean terminating) {
        Endpoint endpoint =
                read(HEAD
                                + "addressType: IPv4\nendpoints:\n- {addresses: [10.0.0.1],"
                                + " conditions: "
                                + conditions
                                + "}")
                        .endpoints()
                        .getFirst();

        assertThat(endpoint.ready()).isEqualTo(ready);
        assertThat(endpoint.serving()).isEqualTo(serving);
        assertThat(endpoint.terminating()).isEqualTo(terminating);
    }

    @Test
    void onePortWithoutANameAndNoService() {
        EndpointSlice slice = read(HEAD + "addressType: IPv4\nports: [{port: 80}]");

        assertThat(slice.service()).isEmpty();
        assertThat(slice.endpoints()).isEmpty();
        assertThat(slice.ports()).containsExactly(new Port("", Protocol.TCP, OptionalInt.of(80)));
    }

    private static Case slice(String fields, String... expected) {
        return yaml(
                HEAD + fields,
                Stream.of(expected)
                        .map(e -> e.replaceFirst(": ", ": EndpointSlice default/s: "))
                        .toArray(String[]::new));
    }

    private static String times(int count, String item) {
        return IntStream.range(0, count).mapToObj(i -> item).collect(Collectors.joining(", "));
    }

    @ParameterizedTest
    @MethodSource
    void answers(Case c) {
        assertThat(Case.problems(new ManifestReader(), c.yaml()))
                .containsExactlyElementsOf(c.answer());
    }

    static Stream<Case> answers() {
        return Stream.of(
                slice("ports: []", "1: addressType: Required value"),
                slice(
                        "addressType: FQDN\nendpoints: [{addresses: [a.example]}]",
                        "4: addressType: Forbidden: Weft sends connections to addresses, not to"
                                + " names; write IPv4 or IPv6"),
                slice(
                        "addressType: IPv4only",
                        "4: addressType: Unsupported value: \"IPv4only\": supported values: \"FQDN\","
                                + " \"IPv4\", \"IPv6\""),
                slice(
                        """
                        addressType: IPv4
                        endpoints:
                        - {addresses: ['fd00::1', 127.0.0.1, here]}
                        - {addresses: []}
                        - {addreses: [10.0.0.1]}\
                        """,
                        "6: endpoints[0].addresses[0]: Invalid value: \"fd00::1\": must be a valid"
                                + " IPv4 address",
                        "6: endpoints[0].addresses[1]: Invalid value: \"127.0.0.1\": may not be in the"
                                + " loopback range (127.0.0.0/8, ::1/128)",
                        "6: endpoints[0].addresses[2]: Invalid value: \"here\": must be a valid IPv4"
                                + " address",
                        "7: endpoints[1].addresses: Required value: must contain at least 1 address",
                        "8: endpoints[2].addreses: unknown field \"endpoints[2].addreses\"; did you"
                                + " mean \"addresses\"?",
                        "8: endpoints[2].addresses: Required value: must contain at least 1 address"),
                slice(
                        "addressType: IPv4\nendpoints: [" + times(1001, "{}") + "]",
                        "5: endpoints: Too many: 1001: must have at most 1000 items"),
                slice(
                        "addressType: IPv4\nendpoints: [{addresses: ["
                                + times(101, "10.0.0.1")
                                + "]}]",
                        "5: endpoints[0].addresses: Too many: 101: must have at most 100 items"),
                slice(
                        "addressType: IPv6\nports: [" + times(20_001, "{}") + "]",
                        "5: ports: Too many: 20001: must have at most 20000 items"),
                slice(
                        "addressType: IPv6\nendpoints:\n- addresses: [10.0.0.1]\n  conditions: {ready:"
                                + " 1}\n  hints: {forZones: [{name: a}, {name: a}, {}], forNodes:"
                                + " ["
                                + times(9, "{name: a}")
                                + "]}",
                        "6: endpoints[0].addresses[0]: Invalid value: \"10.0.0.1\": must be a valid"
                                + " IPv6 address",
                        "7: endpoints[0].conditions.ready: Invalid value: 1: must be true or false,"
                                + " not a number",
                        "8: endpoints[0].hints.forZones[1].name: Duplicate value: \"a\"",
                        "8: endpoints[0].hints.forZones[2].name: Required value",
                        "8: endpoints[0].hints.forNodes: Too many: 9: must have at most 8 items"),
                slice(
                        """
                        addressType: IPv4
                        ports:
                        - {name: a, port: 80}
                        - {name: a, port: 70000}
                        - {port: 1, protocol: TPC}
                        - {port: 0}\
                        """,
                        "7: ports[1].name: Duplicate value: \"a\": names another port of it",
                        "7: ports[1].port: Invalid value: 70000: must be between 1 and 65535,"
                                + " inclusive",
                        "8: ports[2].protocol: Unsupported value: \"TPC\": supported values: \"TCP\","
                                + " \"UDP\", \"SCTP\"",
                        "9: ports[3].name: Required value: when there is more than one port"));
    }
}
