package io.weft.compiler;

import io.weft.model.Peer;
import io.weft.model.PortMatch;
import io.weft.model.Prefix;
import io.weft.tables.Direction;
import java.util.List;
import java.util.stream.Collectors;

/** Peers and ports of cluster policies and Cilium policies as a reader would name them. */
final class PeerWords {
    private PeerWords() {}

    /** {@return {@code from[1] nodes <all>, port 8080/TCP}} */
    static String detail(Direction direction, int index, Peer peer, PortMatch port) {
        return item(direction, index, peer) + ", " + port(port);
    }

    static String item(Direction direction, int index, Peer peer) {
        return peer instanceof Peer.Anyone
                ? "everyone"
                : Words.list(direction) + "[" + index + "] " + peer(peer);
    }

    static String peer(Peer peer) {
        return switch (peer) {
            case Peer.Anyone _ -> "everyone";
            case Peer.Pods pods -> "namespaces " + pods.namespaces() + " pods " + pods.pods();
            case Peer.Nodes nodes -> "nodes " + nodes.nodes();
            case Peer.IpBlock block ->
                    (block.outsideOnly() ? "cidr " : "network ")
                            + block.cidr()
                            + except(block.except());
            case Peer.OfEntity entity -> "entity " + entity.entity();
            case Peer.OneService one -> "service " + one.service().path();
            case Peer.Services services ->
                    "services "
                            + services.services()
                            + services.namespace().map(name -> " of " + name).orElse("");
        };
    }

    private static String except(List<Prefix> except) {
        return except.isEmpty()
                ? ""
                : except.stream()
                        .map(Object::toString)
                        .collect(Collectors.joining(",", " except ", ""));
    }

    static String port(PortMatch port) {
        return switch (port) {
            case PortMatch.Every _ -> "every port";
            case PortMatch.Named named -> "port " + named.name() + "/" + named.protocol();
            case PortMatch.Range range when range.first() == 0 && range.last() == 65535 ->
                    "every " + range.protocol() + " port";
            case PortMatch.Range range when range.first() == range.last() ->
                    "port " + range.first() + "/" + range.protocol();
            case PortMatch.Range range ->
                    "ports " + range.first() + "-" + range.last() + "/" + range.protocol();
            case PortMatch.Icmp icmp ->
                    switch (icmp.family()) {
                        case IPV4 -> "ICMP type " + icmp.type();
                        case IPV6 -> "ICMPv6 type " + icmp.type();
                    };
        };
    }
}
