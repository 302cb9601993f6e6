package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is accepted, and probably not meant, is answered beside the resources. */
class WarningsTest {
    private static final String BITS = " has bits set beyond its length; it is read as ";

    private static String block(String cidr, String except) {
        return Case.policy(
                        "egress:\n- to:\n  - ipBlock:\n      cidr: "
                                + cidr
                                + "\n      except: ["
                                + except
                                + "]")
                .yaml();
    }

    @Test
    void hostBitsOfABlock() {
        assertThat(Case.warnings(block("10.1.2.3/8", "10.1.2.3/16, 10.3.0.0/16")))
                .containsExactly(
                        "f.yaml:8: NetworkPolicy shop/p: spec.egress[0].to[0].ipBlock.cidr: CIDR"
                                + " value \"10.1.2.3/8\""
                                + BITS
                                + "10.0.0.0/8",
                        "f.yaml:9: NetworkPolicy shop/p: spec.egress[0].to[0].ipBlock.except[0]:"
                                + " CIDR value \"10.1.2.3/16\""
                                + BITS
                                + "10.1.0.0/16");
        assertThat(Case.warnings(block("'2001:db8::/32'", ""))).isEmpty();
        assertThat(Case.warnings(block("'::ffff:10.0.0.0/104'", ""))).isEmpty();
        assertThat(
                        Case.warnings(
                                Case.cilium(
                                                "endpointSelector: {}\negress:\n- toCIDR:"
                                                        + " ['2001:db8::1/32']")
                                        .yaml()))
                .containsExactly(
                        "f.yaml:7: CiliumNetworkPolicy shop/p: spec.egress[0].toCIDR[0]: CIDR value"
                                + " \"2001:db8::1/32\""
                                + BITS
                                + "2001:db8::/32");
    }

    @Test
    void everyFileInTheOrderOfItsLines() {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("b.yaml", block("10.1.2.3/8", "10.1.2.3/16"));
        files.put("a.yaml", block("10.1.2.3/8", ""));

        Manifests manifests = new ManifestReader().parseTexts(withOtherNames(files));

        assertThat(manifests.resources()).hasSize(2);
        assertThat(manifests.warnings())
                .extracting(w -> w.source().toString())
                .containsExactly("b.yaml:8", "b.yaml:9", "a.yaml:8");
    }

    private static Map<String, String> withOtherNames(Map<String, String> files) {
        Map<String, String> renamed = new LinkedHashMap<>();
        files.forEach(
                (file, text) -> renamed.put(file, text.replace("name: p,", "name: " + file + ",")));
        return renamed;
    }

    @Test
    void aWorldHasThemToo() {
        World world =
                WorldReader.read(
                        "w.json",
                        """
                        {"objects": [{"apiVersion": "cilium.io/v2",
                                      "kind": "CiliumClusterwideNetworkPolicy",
                                      "metadata": {"name": "p"},
                                      "spec": {"endpointSelector": {}, "egressDeny": [{}]}}],
                         "flows": []}
                        """);

        assertThat(world.warnings())
                .extracting(Problem::toString)
                .isEqualTo(
                        List.of(
                                "w.json:4: CiliumClusterwideNetworkPolicy p: spec.egressDeny[0]:"
                                        + " denies nothing; to deny everyone write toEntities:"
                                        + " [all]"));
    }

    @Test
    void auditModeOfWhatHasNone() {
        assertThat(
                        Case.warnings(
                                "{apiVersion: v1, kind: Node, metadata: {name: a, annotations:\n"
                                        + " {weft.io/audit: 'true'}}}"))
                .containsExactly(
                        "f.yaml:2: Node a: metadata.annotations.weft.io/audit: means nothing here;"
                                + " it is for a Pod or a Namespace");
    }

    @Test
    void annotationsOfAServiceOnAPodAndUnknownOnes() {
        assertThat(
                        Case.warnings(
                                """
                                {apiVersion: v1, kind: Namespace, metadata: {name: a, annotations:
                                 {weft.io/load-balancing: maglev,
                                 weft.io/adit: 'true',
                                 weft.io/colour: red, example.com/audit: x}}}
                                """))
                .containsExactly(
                        "f.yaml:2: Namespace a: metadata.annotations.weft.io/load-balancing: means"
                                + " nothing here; it is for a Service",
                        "f.yaml:3: Namespace a: metadata.annotations.weft.io/adit: unknown"
                                + " annotation; did you mean \"weft.io/audit\"?",
                        "f.yaml:4: Namespace a: metadata.annotations.weft.io/colour: unknown"
                                + " annotation; Weft knows \"weft.io/audit\", \"weft.io/bandwidth\","
                                + " \"weft.io/ip-pool\", \"weft.io/sticky-ip\","
                                + " \"weft.io/load-balancing\", \"weft.io/forwarding-mode\","
                                + " \"weft.io/load-balancer-ips\","
                                + " \"weft.io/terminate-connections\"");
    }
}
