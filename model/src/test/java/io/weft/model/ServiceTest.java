package io.weft.model;

import static io.weft.model.Case.service;
import static io.weft.model.Case.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Service.Balancing;
import io.weft.model.Service.Distribution;
import io.weft.model.Service.FamilyPolicy;
import io.weft.model.Service.Forwarding;
import io.weft.model.Service.Routing;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a service says of its addresses and of how traffic reaches its backends. */
class ServiceTest {
    private static final String ONLY_LOAD_BALANCER =
            "may only be used when `type` is 'LoadBalancer'";
    private static final String PORTS = "\nports: [{port: 80}]";
    private static final String IP =
            "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

    private static Service read(String spec) {
        return (Service)
                new ManifestReader().read("f.yaml", service(spec + PORTS).yaml()).getFirst();
    }

    private static List<Ip> ips(String... ips) {
        return Stream.of(ips).map(Ip::parse).toList();
    }

    @Test
    void readsALoadBalancer() {
        Service service =
                (Service)
                        new ManifestReader()
                                .read(
                                        "f.yaml",
                                        """
                                        apiVersion: v1
                                        kind: Service
                                        metadata:
                                          name: web
                                          annotations:
                                            weft.io/load-balancing: maglev
                                            weft.io/forwarding-mode: dsr
                                            weft.io/terminate-connections: "true"
                                            weft.io/load-balancer-ips: 203.0.113.7, 2001:db8::7
                                        spec:
                                          type: LoadBalancer
                                          selector: {app: web}
                                          clusterIP: 10.96.0.9
                                          clusterIPs: [10.96.0.9, "fd00:96::9"]
                                          ipFamilies: [IPv4, IPv6]
                                          ipFamilyPolicy: PreferDualStack
                                          externalIPs: [192.0.2.9, 192.0.2.9]
                                          loadBalancerIP: 203.0.113.7
                                          loadBalancerClass: weft.io/node
                                          loadBalancerSourceRanges: [" 203.0.113.0/25", "2001:db8::/32 "]
                                          allocateLoadBalancerNodePorts: true
                                          ports:
                                          - {name: dns, port: 53, protocol: UDP, nodePort: 30053}
                                          - {name: dns-tcp, port: 53, nodePort: 30053, targetPort: dns}
                                          - {name: sctp, port: 53, protocol: SCTP, targetPort: 0}
                                          sessionAffinity: ClientIP
                                          sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}
                                          internalTrafficPolicy: Local
                                          externalTrafficPolicy: Local
                                          healthCheckNodePort: 30054
                                          trafficDistribution: PreferSameNode
                                          publishNotReadyAddresses: true
                                        status:
                                          loadBalancer:
                                            ingress:
                                            - {ip: 203.0.113.7, ipMode: VIP}
                                            - {ip: 203.0.113.8, ipMode: Proxy}
                                            - {ip: "2001:db8::7"}
                                            - {hostname: lb.example.com}
                                        """)
                                .getFirst();

        assertThat(service.type()).isEqualTo(Service.Type.LOAD_BALANCER);
        assertThat(service.addresses())
                .isEqualTo(
                        new Service.Addresses(
                                ips("10.96.0.9", "fd00:96::9"),
                                List.of(true, false),
                                FamilyPolicy.PREFER_DUAL,
                                ips("192.0.2.9"),
                                ips("203.0.113.7", "2001:db8::7"),
                                ips("203.0.113.7", "2001:db8::7"),
                                Optional.of("weft.io/node"),
                                List.of(
                                        Prefix.parse("203.0.113.0/25"),
                                        Prefix.parse("2001:db8::/32")),
                                ""));
        assertThat(service.ports())
                .containsExactly(
                        new Service.Port("dns", Protocol.UDP, 53, "53").withNodePort(30053),
                        new Service.Port("dns-tcp", Protocol.TCP, 53, "dns").withNodePort(30053),
                        new Service.Port("sctp", Protocol.SCTP, 53, "53"));
        assertThat(service.routing())
                .isEqualTo(
                        new Routing(
                                Optional.of(Duration.ofSeconds(60)),
                                true,
                                true,
                                OptionalInt.of(30054),
                                Distribution.PREFER_SAME_NODE,
                                true,
                                Balancing.MAGLEV,
                                Forwarding.DSR,
                                true));
    }

    @Test
    void saysNothingMoreThanItsManifest() {
        Service service = read("selector: {app: web}");

        assertThat(service.type()).isEqualTo(Service.Type.CLUSTER_IP);
        assertThat(service.headless()).isFalse();
        assertThat(service.addresses()).isEqualTo(Service.Addresses.NONE);
        assertThat(service.routing()).isEqualTo(Routing.DEFAULT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "clusterIP: None",
                "clusterIPs: [None]",
                "clusterIP: None\nclusterIPs: [None]"
            })
    void aHeadlessServiceNeedsNoPorts(String spec) {
        Service service =
                (Service) new ManifestReader().read("f.yaml", service(spec).yaml()).getFirst();

        assertThat(service.headless()).isTrue();
        assertThat(service.clusterIps()).isEmpty();
        assertThat(service.ports()).isEmpty();
    }

    @Test
    void anExternalNameIsANameAndNothingElse() {
        Service service =
                (Service)
                        new ManifestReader()
                                .read(
                                        "f.yaml",
                                        service("type: ExternalName\nexternalName: a.example.")
                                                .yaml())
                                .getFirst();

        assertThat(service.type()).isEqualTo(Service.Type.EXTERNAL_NAME);
        assertThat(service.addresses().externalName()).isEqualTo("a.example.");
        assertThat(service.clusterIps()).isEmpty();
    }

    @Test
    void affinityLastsThreeHoursWhenNothingIsSaid() {
        assertThat(read("sessionAffinity: ClientIP").routing().affinity())
                .contains(Duration.ofHours(3));
        assertThat(read("sessionAffinity: None").routing().affinity()).isEmpty();
    }

    @Test
    void preferCloseIsTheSameZone() {
        assertThat(read("trafficDistribution: PreferClose").routing())
                .isEqualTo(read("trafficDistribution: PreferSameZone").routing());
    }

    @Test
    void aClusterIpServiceWithExternalIpsHasAnExternalTrafficPolicy() {
        assertThat(
                        read("externalIPs: [192.0.2.1]\nexternalTrafficPolicy: Local")
                                .routing()
                                .externalLocal())
                .isTrue();
    }

    /** Recorded worlds hold services that no API server would take. */
    @Test
    void aWorldsServiceLeavesOutWhatDoesNotFitItsType() {
        String yaml =
                service(
                                """
                                ports: [{port: 80, nodePort: 30080}]
                                externalTrafficPolicy: Local
                                healthCheckNodePort: 30081
                                loadBalancerSourceRanges: [10.0.0.0/8]\
                                """)
                        .yaml();

        Manifests manifests = new ManifestReader().offline().parse("f.yaml", yaml);

        assertThat(manifests.resources())
                .isEqualTo(
                        new ManifestReader().read("f.yaml", service("ports: [{port: 80}]").yaml()));
        assertThat(manifests.warnings())
                .extracting(Problem::toString)
                .containsExactly(
                        "f.yaml:5: Service shop/p: spec.ports[0].nodePort: may not be used when"
                                + " `type` is 'ClusterIP'; it is left out",
                        "f.yaml:6: Service shop/p: spec.externalTrafficPolicy: may only be set for"
                                + " externally-accessible services; it is left out",
                        "f.yaml:7: Service shop/p: spec.healthCheckNodePort: may only be set when"
                                + " `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local';"
                                + " it is left out",
                        "f.yaml:8: Service shop/p: spec.loadBalancerSourceRanges: "
                                + ONLY_LOAD_BALANCER
                                + "; it is left out");
    }

    @Test
    void anAddressThatIsAskedForOfAnotherTypeMeansNothing() {
        assertThat(
                        Case.warnings(
                                service("loadBalancerIP: 192.0.2.1\nexternalName: a" + PORTS)
                                        .yaml()))
                .containsExactly(
                        "f.yaml:5: Service shop/p: spec.loadBalancerIP: means nothing here; `type`"
                                + " is 'ClusterIP'",
                        "f.yaml:6: Service shop/p: spec.externalName: means nothing here; `type` is"
                                + " 'ClusterIP'");
    }

    @ParameterizedTest
    @MethodSource({"types", "addresses", "outside", "ports", "routing"})
    void answers(Case c) {
        assertThat(Case.problems(new ManifestReader(), c.yaml()))
                .containsExactlyElementsOf(c.answer());
    }

    private static Case with(String spec, String... expected) {
        return service(spec + PORTS, expected);
    }

    static Stream<Case> types() {
        return Stream.of(
                with(
                        "type: Ingress",
                        "5: spec.type: Unsupported value: \"Ingress\": supported values:"
                                + " \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\""),
                service(
                        "type: NodePort",
                        "4: spec.ports: Required value: nothing reaches a service without one"),
                service("type: ExternalName", "4: spec.externalName: Required value"),
                service(
                        "type: ExternalName\nexternalName: a.example\nclusterIP: None\nipFamilies:"
                                + " [IPv4]",
                        "7: spec.clusterIP: Forbidden: may not be set for ExternalName services",
                        "8: spec.ipFamilies: Forbidden: may not be set for ExternalName services"),
                with(
                        "type: LoadBalancer\nclusterIP: None",
                        "6: spec.clusterIP: Invalid value: \"None\": may not be set to 'None' for"
                                + " LoadBalancer services"),
                yaml(
                        "{apiVersion: v1, kind: Service, metadata: {name: a.b}, spec: {ports:"
                                + " [{port: 80}]}}",
                        "1: Service default/a.b: metadata.name: Invalid value: \"a.b\": a lowercase"
                                + " RFC 1123 label must consist of lower case alphanumeric"
                                + " characters or '-', and must start and end with an alphanumeric"
                                + " character (e.g. 'my-name',  or '123-abc', regex used for"
                                + " validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"));
    }

    static Stream<Case> addresses() {
        String twoFamilies =
                "must be RequireDualStack or PreferDualStack when multiple 'ipFamilies' are"
                        + " specified";
        return Stream.of(
                with("clusterIPs: [10.96.0.1, 'fd00::1']"),
                with("clusterIP: ''\nclusterIPs: []\nexternalTrafficPolicy: ''"),
                with(
                        "clusterIP: 10.96.0.1\nclusterIPs: [10.96.0.2]",
                        "6: spec.clusterIPs: Invalid value: […]: first value must match `clusterIP`"),
                with(
                        "clusterIPs: [10.96.0.1, 10.96.0.2]",
                        "5: spec.clusterIPs: Invalid value: […]: may specify no more than one IP for"
                                + " each IP family"),
                with(
                        "clusterIPs: [None, 10.96.0.2]",
                        "5: spec.clusterIPs: Invalid value: […]: 'None' must be the first and only"
                                + " value"),
                with(
                        "clusterIPs: [10.96.0.1, 'fd00::1', here]",
                        "5: spec.clusterIPs: Invalid value: […]: may only hold up to 2 values",
                        "5: spec.clusterIPs[2]: Invalid value: \"here\": " + IP),
                with(
                        "clusterIP: 10.96.0.1\nipFamilies: [IPv6]",
                        "5: spec.clusterIP: Invalid value: \"10.96.0.1\": expected an IPv6 value as"
                                + " indicated by `ipFamilies[0]`"),
                with(
                        "ipFamilies: [IPv4, ipv6, IPv4]",
                        "5: spec.ipFamilies[1]: Unsupported value: \"ipv6\": supported values:"
                                + " \"IPv4\", \"IPv6\"",
                        "5: spec.ipFamilies[2]: Duplicate value: \"IPv4\""),
                with(
                        "ipFamilies: [IPv4, IPv6]",
                        "4: spec.ipFamilyPolicy: Required value: " + twoFamilies),
                with(
                        "ipFamilies: [IPv4, IPv6]\nipFamilyPolicy: SingleStack",
                        "6: spec.ipFamilyPolicy: Invalid value: \"SingleStack\": " + twoFamilies),
                with(
                        "ipFamilies: [IPv4, IPv6]\nipFamilyPolicy: Dual",
                        "6: spec.ipFamilyPolicy: Unsupported value: \"Dual\": supported values:"
                                + " \"PreferDualStack\", \"RequireDualStack\", \"SingleStack\""));
    }

    static Stream<Case> outside() {
        return Stream.of(
                with(
                        "externalIPs: [0.0.0.0, '::', 127.1.2.3, '::1', 169.254.1.1, 'fe80::1',"
                                + " 224.0.0.5, 'ff02::1', here]",
                        "5: spec.externalIPs[0]: Invalid value: \"0.0.0.0\": may not be unspecified"
                                + " (0.0.0.0)",
                        "5: spec.externalIPs[1]: Invalid value: \"::\": may not be unspecified (::)",
                        "5: spec.externalIPs[2]: Invalid value: \"127.1.2.3\": may not be in the"
                                + " loopback range (127.0.0.0/8, ::1/128)",
                        "5: spec.externalIPs[3]: Invalid value: \"::1\": may not be in the loopback"
                                + " range (127.0.0.0/8, ::1/128)",
                        "5: spec.externalIPs[4]: Invalid value: \"169.254.1.1\": may not be in the"
                                + " link-local range (169.254.0.0/16, fe80::/10)",
                        "5: spec.externalIPs[5]: Invalid value: \"fe80::1\": may not be in the"
                                + " link-local range (169.254.0.0/16, fe80::/10)",
                        "5: spec.externalIPs[6]: Invalid value: \"224.0.0.5\": may not be in the"
                                + " link-local multicast range (224.0.0.0/24, ff02::/10)",
                        "5: spec.externalIPs[7]: Invalid value: \"ff02::1\": may not be in the"
                                + " link-local multicast range (224.0.0.0/24, ff02::/10)",
                        "5: spec.externalIPs[8]: Invalid value: \"here\": " + IP),
                with(
                        """
                        loadBalancerSourceRanges: [10.0.0.0/8]
                        loadBalancerClass: a
                        allocateLoadBalancerNodePorts: false\
                        """,
                        "5: spec.loadBalancerSourceRanges: Forbidden: " + ONLY_LOAD_BALANCER,
                        "6: spec.loadBalancerClass: Forbidden: " + ONLY_LOAD_BALANCER,
                        "7: spec.allocateLoadBalancerNodePorts: Forbidden: " + ONLY_LOAD_BALANCER),
                with(
                        "type: LoadBalancer\nloadBalancerSourceRanges: [10.0.0.0]\nloadBalancerIP:"
                                + " 127.0.0.1",
                        "6: spec.loadBalancerSourceRanges[0]: Invalid value: \"10.0.0.0\": must be a"
                                + " valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)",
                        "7: spec.loadBalancerIP: Invalid value: \"127.0.0.1\": may not be in the"
                                + " loopback range (127.0.0.0/8, ::1/128)"),
                annotated(
                        "weft.io/load-balancer-ips: '192.0.2.1, x'",
                        "",
                        "1: Service default/a: metadata.annotations.weft.io/load-balancer-ips:"
                                + " Invalid value: \"192.0.2.1, x\": \"x\" "
                                + IP),
                annotated(
                        "weft.io/load-balancer-ips: '192.0.2.1,192.0.2.1'",
                        "",
                        "1: Service default/a: metadata.annotations.weft.io/load-balancer-ips:"
                                + " Duplicate value: \"192.0.2.1,192.0.2.1\": 192.0.2.1 is there"
                                + " twice"),
                annotated(
                        "weft.io/forwarding-mode: tunnel",
                        "",
                        "1: Service default/a: metadata.annotations.weft.io/forwarding-mode:"
                                + " Unsupported value: \"tunnel\": supported values: \"snat\","
                                + " \"dsr\""),
                annotated(
                        "weft.io/load-balancer-ips: '192.0.2.1', weft.io/load-balancing: best",
                        "loadBalancerIP: 192.0.2.2,",
                        "1: Service default/a: metadata.annotations.weft.io/load-balancing:"
                                + " Unsupported value: \"best\": supported values: \"random\","
                                + " \"maglev\"",
                        "2: Service default/a: spec.loadBalancerIP: Invalid value: \"192.0.2.2\": is"
                                + " not in annotation weft.io/load-balancer-ips; leave one out"),
                yaml(
                        "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port:"
                                + " 80}]},\nstatus: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}}",
                        "2: Service default/a: status.loadBalancer.ingress: Forbidden: may only be"
                                + " used when `spec.type` is 'LoadBalancer'"),
                yaml(
                        "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type:"
                                + " LoadBalancer, ports: [{port: 80}]},\nstatus: {loadBalancer:"
                                + " {ingress: [{ip: x, ipMode: NAT}, {ipMode: VIP}]}}}",
                        "2: Service default/a: status.loadBalancer.ingress[0].ipMode: Unsupported"
                                + " value: \"NAT\": supported values: \"Proxy\", \"VIP\"",
                        "2: Service default/a: status.loadBalancer.ingress[0].ip: Invalid value:"
                                + " \"x\": "
                                + IP,
                        "2: Service default/a: status.loadBalancer.ingress[1].ipMode: Forbidden: may"
                                + " not be specified when `ip` is not set"));
    }

    private static Case annotated(String annotations, String spec, String... expected) {
        return yaml(
                "{apiVersion: v1, kind: Service, metadata: {name: a, annotations: {"
                        + annotations
                        + "}},\n spec: {type: LoadBalancer, "
                        + spec
                        + " ports: [{port: 80}]}}",
                expected);
    }

    static Stream<Case> ports() {
        return Stream.of(
                service(
                        "type: NodePort\nports:\n- {name: a, port: 80, nodePort: 30080}\n- {name: b,"
                                + " port: 81, nodePort: 30080}\n- {name: c, port: 81, nodePort:"
                                + " 65536}\n- {name: d, port: 80, protocol: UDP, nodePort: 30080}",
                        "8: spec.ports[1].nodePort: Duplicate value: 30080",
                        "9: spec.ports[2]: Duplicate value: {…}: 81/TCP is another port of it",
                        "9: spec.ports[2].nodePort: Invalid value: 65536: must be between 1 and"
                                + " 65535, inclusive"),
                service(
                        "ports: [{port: 80, nodePort: 30080, targetPort: '', appProtocol: a/b/c}]",
                        "5: spec.ports[0].appProtocol: Invalid value: \"a/b/c\": a qualified name"
                                + " must have at most one '/': an optional DNS subdomain prefix and"
                                + " a name (e.g. 'example.com/MyName')",
                        "5: spec.ports[0].nodePort: Forbidden: may not be used when `type` is"
                                + " 'ClusterIP'"),
                service(
                        "ports: [{port: 80, protocol: ICMP, targetPort: Web}]",
                        "5: spec.ports[0].protocol: Unsupported value: \"ICMP\": supported values:"
                                + " \"TCP\", \"UDP\", \"SCTP\"",
                        "5: spec.ports[0].targetPort: Invalid value: \"Web\": must contain only"
                                + " alpha-numeric characters (a-z, 0-9), and hyphens (-)"));
    }

    static Stream<Case> routing() {
        return Stream.of(
                with(
                        "sessionAffinity: Cookie\ninternalTrafficPolicy: Near\ntrafficDistribution:"
                                + " Far",
                        "5: spec.sessionAffinity: Unsupported value: \"Cookie\": supported values:"
                                + " \"ClientIP\", \"None\"",
                        "6: spec.internalTrafficPolicy: Unsupported value: \"Near\": supported"
                                + " values: \"Cluster\", \"Local\"",
                        "7: spec.trafficDistribution: Unsupported value: \"Far\": supported values:"
                                + " \"PreferClose\", \"PreferSameNode\", \"PreferSameZone\""),
                with(
                        "sessionAffinity: ClientIP\nsessionAffinityConfig: {clientIP:"
                                + " {timeoutSeconds: 86401}}",
                        "6: spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401:"
                                + " must be greater than 0 and less than 86400"),
                with(
                        "sessionAffinityConfig: {clientIP: {timeoutSeconds: 1}}",
                        "5: spec.sessionAffinityConfig: Forbidden: must not be set when session"
                                + " affinity is None"),
                with(
                        "externalTrafficPolicy: Local\nhealthCheckNodePort: 30080",
                        "5: spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for"
                                + " externally-accessible services",
                        "6: spec.healthCheckNodePort: Invalid value: 30080: may only be set when"
                                + " `type` is 'LoadBalancer' and `externalTrafficPolicy` is"
                                + " 'Local'"),
                with(
                        "type: LoadBalancer\nexternalTrafficPolicy: Local\nhealthCheckNodePort:"
                                + " 70000",
                        "7: spec.healthCheckNodePort: Invalid value: 70000: must be between 1 and"
                                + " 65535, inclusive"));
    }
}
