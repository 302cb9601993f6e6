package io.weft.model;

import java.util.List;
import java.util.Optional;

/**
 * A networking.k8s.io/v1 NetworkPolicy with the API server's defaults filled in.
 *
 * @param podSelector the pods of its own namespace that it isolates
 * @param isolatesIngress whether policyTypes holds Ingress, after defaulting
 * @param isolatesEgress whether policyTypes holds Egress, after defaulting
 * @param ingress in written order; ignored when {@code isolatesIngress} is false
 * @param egress in written order; ignored when {@code isolatesEgress} is false
 */
public record NetworkPolicy(
        Ref ref,
        LabelSelector podSelector,
        boolean isolatesIngress,
        boolean isolatesEgress,
        List<Rule> ingress,
        List<Rule> egress,
        Source source)
        implements Resource {

    public NetworkPolicy {
        ingress = List.copyOf(ingress);
        egress = List.copyOf(egress);
    }

    /**
     * Allows traffic with any of {@code peers} on any of {@code ports}.
     *
     * @param peers empty: everyone, outside the cluster too
     * @param ports empty: every port of every protocol
     */
    public record Rule(List<Peer> peers, List<PortMatch> ports, Source source) {
        public Rule {
            peers = List.copyOf(peers);
            ports = List.copyOf(ports);
        }
    }

    /** One item of {@code from} or {@code to}. */
    public sealed interface Peer {
        Source source();

        /**
         * @param namespaces empty: the policy's own namespace only
         * @param pods everything when the manifest gives no podSelector
         */
        record Pods(Optional<LabelSelector> namespaces, LabelSelector pods, Source source)
                implements Peer {}

        /**
         * @param except each inside {@code cidr}
         */
        record IpBlock(Prefix cidr, List<Prefix> except, Source source) implements Peer {
            public IpBlock {
                except = List.copyOf(except);
            }

            public boolean matches(Ip ip) {
                return cidr.contains(ip) && except.stream().noneMatch(e -> e.contains(ip));
            }
        }
    }

    /** One item of {@code ports}. */
    public sealed interface PortMatch {
        Protocol protocol();

        Source source();

        /** {@code first} to {@code last}, inclusive; every port is 0–65535. */
        record Range(Protocol protocol, int first, int last, Source source) implements PortMatch {}

        /** The port of that name and protocol of each destination pod. */
        record Named(Protocol protocol, String name, Source source) implements PortMatch {}
    }
}
