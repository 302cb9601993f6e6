package io.weft.lab;

import io.weft.model.CiliumNetworkPolicy;
import io.weft.model.ClusterNetworkPolicy;
import io.weft.model.Entity;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.LabelSelector;
import io.weft.model.Namespace;
import io.weft.model.NetworkPolicy;
import io.weft.model.Peer;
import io.weft.model.PortMatch;
import io.weft.model.Prefix;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Source;
import io.weft.model.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The policies of a {@link ScaleWorld}. Of 250, 248 are NetworkPolicies: applications of their own
 * namespace, the gateway, the team's front ends, DNS and blocks of the world; one is a
 * ClusterNetworkPolicy and one a CiliumNetworkPolicy.
 *
 * @param namespaces over which they are spread evenly
 */
record ScalePolicies(int namespaces) {
    private static final int APPS = ScaleWorld.APPS;
    private static final int NAMESPACES_PER_TEAM = ScaleWorld.NAMESPACES_PER_TEAM;

    /**
     * @param port added to by the policy's number, so that no two are alike
     */
    Resource policy(int p, int port) {
        int own = port + scatter(p) / 20 % 20 * 10;
        return switch (p % 250) {
            case 7 -> clusterPolicy(p, own);
            case 107 -> ciliumPolicy(p, own);
            default -> networkPolicy(p, own);
        };
    }

    /** {@return a number that has nothing to do with {@code p} modulo anything} */
    private static int scatter(int p) {
        int mixed = (p + 1) * 0x9e3779b9;
        return (mixed ^ mixed >>> 15) >>> 4;
    }

    private NetworkPolicy networkPolicy(int p, int port) {
        int n = p % namespaces;
        int app = p / namespaces % APPS;
        int scattered = scatter(p);
        NetworkPolicy.Peer other = here("app-" + (app + 1 + scattered / 400 % 9) % APPS);
        List<NetworkPolicy.Rule> ingress = new ArrayList<>();
        List<NetworkPolicy.Rule> egress = new ArrayList<>();
        switch (scattered % 20) {
            case 0, 1, 2, 3 -> {
                ingress.add(rule(List.of(other, there("monitoring", "prometheus")), tcp(port)));
                ingress.add(rule(List.of(there("gateway", "gateway")), tcp(8443)));
            }
            case 4, 5, 6, 7 -> {
                NetworkPolicy.Peer fronts =
                        new NetworkPolicy.Peer.Pods(
                                Optional.of(selector("team", "team-" + n / NAMESPACES_PER_TEAM)),
                                selector("tier", "front"),
                                Source.NONE);
                ingress.add(
                        rule(
                                List.of(fronts),
                                new NetworkPolicy.PortMatch.Range(
                                        Protocol.TCP, 9000, 9100, Source.NONE),
                                tcp(port)));
            }
            case 8, 9, 10 -> {
                egress.add(
                        rule(
                                List.of(there("kube-system", "dns")),
                                new NetworkPolicy.PortMatch.Range(
                                        Protocol.UDP, 53, 53, Source.NONE)));
                egress.add(rule(List.of(other), tcp(port)));
            }
            case 11, 12 -> ingress.add(rule(List.of(office(scattered / 20 % 1024)), tcp(port)));
            default -> ingress.add(rule(List.of(other), tcp(port)));
        }
        return new NetworkPolicy(
                new Ref(Kind.NETWORK_POLICY, "ns-" + n, "policy-" + p),
                selector("app", "app-" + app),
                egress.isEmpty(),
                !egress.isEmpty(),
                ingress,
                egress,
                Source.NONE);
    }

    /** A block of the world with a hole. */
    private static NetworkPolicy.Peer office(int number) {
        Ip first = Ip.v4(0xc612_0000 + (number << 6));
        return new NetworkPolicy.Peer.IpBlock(
                new Prefix(first, 26), List.of(new Prefix(first, 28)), Source.NONE);
    }

    /** Lets monitoring in everywhere in one team, and keeps a block of the world away. */
    private ClusterNetworkPolicy clusterPolicy(int p, int port) {
        return new ClusterNetworkPolicy(
                new Ref(Kind.CLUSTER_NETWORK_POLICY, "", "policy-" + p),
                ClusterNetworkPolicy.Tier.ADMIN,
                p % 1000,
                team(p),
                List.of(
                        clusterRule(
                                ClusterNetworkPolicy.Action.ACCEPT,
                                new Peer.Pods(
                                        selector(Namespace.NAME_LABEL, "monitoring"),
                                        LabelSelector.EVERYTHING,
                                        Source.NONE),
                                new PortMatch.Range(Protocol.TCP, port, port, Source.NONE))),
                List.of(
                        clusterRule(
                                ClusterNetworkPolicy.Action.DENY,
                                new Peer.IpBlock(
                                        Prefix.parse("169.254.169.254/32"),
                                        List.of(),
                                        false,
                                        Source.NONE),
                                new PortMatch.Every(Source.NONE))),
                Source.NONE);
    }

    private Subject.Pods team(int p) {
        int team = p % namespaces / NAMESPACES_PER_TEAM;
        return new Subject.Pods(selector("team", "team-" + team), LabelSelector.EVERYTHING);
    }

    private static ClusterNetworkPolicy.Rule clusterRule(
            ClusterNetworkPolicy.Action action, Peer peer, PortMatch port) {
        return new ClusterNetworkPolicy.Rule(
                "", action, List.of(peer), List.of(port), List.of(), Source.NONE);
    }

    /** Lets the whole cluster reach one port of an application. */
    private CiliumNetworkPolicy ciliumPolicy(int p, int port) {
        CiliumNetworkPolicy.Rule rule =
                new CiliumNetworkPolicy.Rule(
                        List.of(new Peer.OfEntity(Entity.CLUSTER, Source.NONE)),
                        List.of(new PortMatch.Range(Protocol.TCP, port, port, Source.NONE)),
                        Source.NONE);
        return new CiliumNetworkPolicy(
                new Ref(Kind.CILIUM_NETWORK_POLICY, "ns-" + p % namespaces, "policy-" + p),
                List.of(
                        new CiliumNetworkPolicy.Spec(
                                "spec",
                                new Subject.Pods(
                                        LabelSelector.EVERYTHING,
                                        selector("app", "app-" + p / namespaces % APPS)),
                                true,
                                false,
                                List.of(rule),
                                List.of(),
                                List.of(),
                                List.of(),
                                Source.NONE)),
                Source.NONE);
    }

    private static LabelSelector selector(String key, String value) {
        return LabelSelector.of(Map.of(key, value));
    }

    private static NetworkPolicy.Peer here(String app) {
        return new NetworkPolicy.Peer.Pods(Optional.empty(), selector("app", app), Source.NONE);
    }

    private static NetworkPolicy.Peer there(String namespace, String app) {
        return new NetworkPolicy.Peer.Pods(
                Optional.of(selector(Namespace.NAME_LABEL, namespace)),
                selector("app", app),
                Source.NONE);
    }

    private static NetworkPolicy.Rule rule(
            List<NetworkPolicy.Peer> peers, NetworkPolicy.PortMatch... ports) {
        return new NetworkPolicy.Rule(peers, List.of(ports), Source.NONE);
    }

    private static NetworkPolicy.PortMatch tcp(int port) {
        return new NetworkPolicy.PortMatch.Range(Protocol.TCP, port, port, Source.NONE);
    }
}
