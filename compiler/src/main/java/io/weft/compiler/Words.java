package io.weft.compiler;

import io.weft.model.NetworkPolicy.Peer;
import io.weft.model.NetworkPolicy.PortMatch;
import io.weft.tables.Direction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Peers and ports as a reader of the manifest would name them. */
final class Words {
    private Words() {}

    /** {@return {@code from[1] podSelector tier=web, port 8080/TCP}} */
    static String detail(
            Direction direction, int index, @Nullable Peer peer, @Nullable PortMatch port) {
        String who = peer == null ? "everyone" : list(direction) + "[" + index + "] " + peer(peer);
        return who + ", " + port(port);
    }

    static String list(Direction direction) {
        return switch (direction) {
            case INGRESS -> "from";
            case EGRESS -> "to";
        };
    }

    static String peer(Peer peer) {
        return switch (peer) {
            case Peer.Pods pods ->
                    pods.namespaces()
                            .map(n -> "namespaceSelector " + n + " podSelector " + pods.pods())
                            .orElse("podSelector " + pods.pods());
            case Peer.IpBlock block ->
                    "ipBlock "
                            + block.cidr()
                            + (block.except().isEmpty()
                                    ? ""
                                    : block.except().stream()
                                            .map(Object::toString)
                                            .collect(Collectors.joining(",", " except ", "")));
        };
    }

    static String port(@Nullable PortMatch port) {
        return switch (port) {
            case null -> "every port";
            case PortMatch.Named named -> "port " + named.name() + "/" + named.protocol();
            case PortMatch.Range range when range.first() == 0 && range.last() == 65535 ->
                    "every " + range.protocol() + " port";
            case PortMatch.Range range when range.first() == range.last() ->
                    "port " + range.first() + "/" + range.protocol();
            case PortMatch.Range range ->
                    "ports " + range.first() + "-" + range.last() + "/" + range.protocol();
        };
    }
}
