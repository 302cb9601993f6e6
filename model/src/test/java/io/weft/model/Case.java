package io.weft.model;

import java.util.Arrays;
import java.util.List;

/**
 * What is written, and every message that the reader answers with.
 *
 * @param expected each {@code line: message}; empty when the text is good
 */
record Case(String yaml, List<String> expected) {
    @Override
    public String toString() {
        return (expected.isEmpty() ? "accepts " + yaml : expected.getFirst())
                .lines()
                .findFirst()
                .orElse("");
    }

    static Case yaml(String yaml, String... expected) {
        return new Case(yaml, List.of(expected));
    }

    /**
     * A policy whose spec starts at line 5; its messages are about {@code NetworkPolicy shop/p}.
     */
    static Case policy(String spec, String... expected) {
        return object(
                "networking.k8s.io/v1",
                "NetworkPolicy",
                "{name: p, namespace: shop}",
                spec,
                expected);
    }

    static Case ingress(String rule, String... expected) {
        return policy("ingress:\n  - " + rule, expected);
    }

    static Case pod(String spec, String... expected) {
        return object("v1", "Pod", "{name: p, namespace: shop}", spec, expected);
    }

    static Case container(String fields, String... expected) {
        return pod("containers:\n- {name: c, command: [a], " + fields + "}", expected);
    }

    /** A policy of the cluster; its messages are about {@code ClusterNetworkPolicy p}. */
    static Case cluster(String spec, String... expected) {
        return object(
                "policy.networking.k8s.io/v1alpha2",
                "ClusterNetworkPolicy",
                "{name: p}",
                spec,
                expected);
    }

    static Case cilium(String spec, String... expected) {
        return object(
                "cilium.io/v2",
                "CiliumNetworkPolicy",
                "{name: p, namespace: shop}",
                spec,
                expected);
    }

    static Case clusterwide(String spec, String... expected) {
        return object(
                "cilium.io/v2", "CiliumClusterwideNetworkPolicy", "{name: p}", spec, expected);
    }

    static Case node(String status, String... expected) {
        return new Case(
                "apiVersion: v1\nkind: Node\nmetadata: {name: one}\nstatus:\n" + status.indent(2),
                Arrays.stream(expected).map(e -> e.replaceFirst(": ", ": Node one: ")).toList());
    }

    static Case service(String spec, String... expected) {
        return object("v1", "Service", "{name: p, namespace: shop}", spec, expected);
    }

    static Case expectation(String spec, String... expected) {
        return object(
                "weft.io/v1alpha1", "Expectation", "{name: p, namespace: shop}", spec, expected);
    }

    static Case namespace(String metadata, String... expected) {
        return new Case(
                "apiVersion: v1\nkind: Namespace\nmetadata: " + metadata, List.of(expected));
    }

    static Case object(
            String apiVersion, String kind, String metadata, String spec, String... expected) {
        String yaml =
                "apiVersion: %s\nkind: %s\nmetadata: %s\nspec:\n%s"
                        .formatted(apiVersion, kind, metadata, spec.indent(2));
        String name = kind + (metadata.contains("shop") ? " shop/p" : " p");
        return new Case(
                yaml,
                Arrays.stream(expected)
                        .map(e -> e.replaceFirst(": ", ": " + name + ": "))
                        .toList());
    }

    /** {@return the warnings of the reader, with {@code f.yaml} as the file} */
    static List<String> warnings(String yaml) {
        return new ManifestReader()
                .parse("f.yaml", yaml).warnings().stream().map(Problem::toString).toList();
    }

    /** {@return what the reader answers, with {@code f.yaml} as the file} */
    static List<String> problems(ManifestReader reader, String yaml) {
        try {
            reader.read("f.yaml", yaml);
            return List.of();
        } catch (ManifestException e) {
            return e.problems().stream().map(Problem::toString).toList();
        }
    }

    /** {@return the expected answer in that form} */
    List<String> answer() {
        return expected.stream().map(e -> "f.yaml:" + e).toList();
    }
}
