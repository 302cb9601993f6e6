package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Pod.ClaimReference;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IpamClaimTest {
    private static final ManifestReader READER = new ManifestReader().offline();

    private static String claim(String more) {
        return """
        apiVersion: k8s.cni.cncf.io/v1alpha1
        kind: IPAMClaim
        metadata: {name: vm-a, namespace: shop}
        """
                + more;
    }

    private static IpamClaim read(String more) {
        return (IpamClaim) READER.read("f.yaml", claim(more)).getFirst();
    }

    @Test
    void aClaimIsOfAnInterfaceInANetwork() {
        IpamClaim claim = read("spec: {network: tenant, interface: net1}");
        assertThat(claim.ref()).isEqualTo(new Ref(Kind.IPAM_CLAIM, "shop", "vm-a"));
        assertThat(claim.network()).isEqualTo("tenant");
        assertThat(claim.ifname()).isEqualTo("net1");
        assertThat(claim.ips()).isEmpty();
        assertThat(Snapshot.of(List.of(claim)).find(claim.ref())).contains(claim);
    }

    @Test
    void addressesAreThoseAskedForElseThoseThatItHadElsewhere() {
        assertThat(
                        read("""
                        spec: {network: tenant, interface: net1}
                        status: {ips: ["fd00::5/64", 10.0.0.5/24], ownerPod: vm-a,
                                 conditions: [{type: IPsAllocated}]}
                        """)
                                .ips())
                .containsExactly(Ip.parse("10.0.0.5"), Ip.parse("fd00::5"));
        assertThat(
                        read("""
                        spec: {network: tenant, interface: net1, ipRequests: [10.0.0.9]}
                        status: {ips: [10.0.0.5/24]}
                        """)
                                .ips())
                .containsExactly(Ip.parse("10.0.0.9"));
    }

    @Test
    void whatIsWrongIsNamed() {
        assertThat(
                        Case.problems(
                                READER,
                                claim(
                                        """
                                        spec: {network: "a/b", nic: net1, ipRequests: [10.0.0.300/24, 10.0.0.1, 10.0.0.2]}
                                        """)))
                .containsExactlyInAnyOrder(
                        "f.yaml:4: IPAMClaim shop/vm-a: spec.nic: unknown field \"spec.nic\"; fields"
                                + " here are \"interface\", \"ipRequests\", \"network\"",
                        "f.yaml:4: IPAMClaim shop/vm-a: spec.network: Invalid value: \"a/b\": must be"
                                + " a network's name: letters, digits, _, . and -",
                        "f.yaml:4: IPAMClaim shop/vm-a: spec.interface: Required value: the interface"
                                + " in the pod, such as eth0",
                        "f.yaml:4: IPAMClaim shop/vm-a: spec.ipRequests[0]: Invalid value:"
                                + " \"10.0.0.300/24\": must be an address, with or without a length:"
                                + " 10.0.0.5/24",
                        "f.yaml:4: IPAMClaim shop/vm-a: spec.ipRequests[2]: Invalid value:"
                                + " \"10.0.0.2\": may specify no more than one IP for each IP family");
    }

    private static String pod(String networks) {
        return "{apiVersion: v1, kind: Pod, metadata: {name: vm, annotations:\n"
                + " {k8s.v1.cni.cncf.io/networks: '"
                + networks
                + "'}}}";
    }

    private static List<ClaimReference> claims(String networks) {
        Pod pod = (Pod) READER.read("f.yaml", pod(networks)).getFirst();
        return pod.withIps(List.of()).addressing().claims();
    }

    @Test
    void aPodNamesClaimsAsItSelectsNetworks() {
        assertThat(claims("tenant,storage@net2")).as("the short form has none").isEmpty();
        List<ClaimReference> claims =
                claims(
                        """
                        [{"name": "tenant", "ipam-claim-reference": "vm-a", "x.io/y": 1},
                         {"name": "plain", "ips": ["10.0.0.7/24"]},
                         {"name": "storage", "interface": "net2", "ipam-claim-reference": "vm-b"}]\
                        """);
        assertThat(claims)
                .containsExactly(
                        new ClaimReference("tenant", Optional.empty(), "vm-a"),
                        new ClaimReference("storage", Optional.of("net2"), "vm-b"));
        assertThat(claims.getFirst().isOf("tenant", "net7")).isTrue();
        assertThat(claims.getLast().isOf("storage", "net7")).isFalse();
    }

    @Test
    void aSelectionOfNetworksMustBeOne() {
        String where = "f.yaml:2: Pod default/vm: metadata.annotations.k8s.v1.cni.cncf.io/networks";
        assertThat(Case.problems(READER, pod("[{\"name\": ")))
                .singleElement()
                .asString()
                .startsWith(where)
                .endsWith("must be one JSON value");
        assertThat(Case.problems(READER, pod("[1]")))
                .containsExactly(
                        where + "[0]: Invalid value: 1: must be a mapping of fields, not a number");
        assertThat(
                        Case.problems(
                                READER,
                                pod(
                                        "[{\"name\": \"a\", \"ips\": [\"10.0.0.7/24\"],"
                                                + " \"ipam-claim-reference\": \"vm-a\"}]")))
                .containsExactly(
                        where
                                + "[0].ips: Forbidden: may not be used together with"
                                + " ipam-claim-reference");
    }

    @Test
    void whereWeftRunsPodsItWarnsThatNothingIsKept() {
        assertThat(Case.warnings(claim("spec: {network: tenant, interface: net1}")))
                .singleElement()
                .asString()
                .contains("means nothing here: only an agent");
    }
}
