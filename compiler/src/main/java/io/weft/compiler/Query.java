package io.weft.compiler;

import io.weft.model.Expectation;
import io.weft.model.Expectation.Party;
import io.weft.model.Ip;
import io.weft.model.Pod;
import io.weft.model.PortMatch;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import io.weft.tables.Icmp;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;

/**
 * The first packet of a flow.
 *
 * @param protocol IANA number
 * @param port of the destination, 0–65535; of ICMP and ICMPv6 the type, 0–255; 0 for other
 *     protocols without ports
 */
public record Query(Ip from, Ip to, int protocol, int port) {
    public Query {
        if (protocol < 0 || protocol > 255 || port < 0 || port > 65535) {
            throw new QueryException("no such protocol or port: " + protocol + "/" + port);
        }
        if (Icmp.is(protocol) && port > 255) {
            throw new QueryException("no such ICMP type: " + port + "; types are 0 to 255");
        }
    }

    /**
     * {@return one query for each address family that both ends have, IPv4 first; never empty} To a
     * service they go to its cluster IPs; to a headless one, to each of its ready pods.
     *
     * @param port a number, or the name of a port of the destination pod or service
     * @throws QueryException if an end is unknown or has no address, they share no family, or the
     *     port is neither a number nor a name that the destination has
     */
    public static List<Query> of(
            Snapshot snapshot, Party from, Party to, Protocol protocol, String port) {
        if (to instanceof Party.OfService(Ref service)) {
            return toService(snapshot, from, service, protocol, port);
        }
        int number = port(snapshot, to, protocol, port);
        return of(snapshot, from, to, _ -> protocol.number(), _ -> number);
    }

    /**
     * {@return an ICMP packet of this type; never empty}
     *
     * @param type 0–255, of the registry of the family
     * @throws QueryException if an end is unknown, or they do not both have an address of the
     *     family
     */
    public static List<Query> icmp(
            Snapshot snapshot, Party from, Party to, PortMatch.Family family, int type) {
        int protocol = Peers.protocol(family);
        List<Query> queries =
                of(snapshot, from, to, Query::icmp, _ -> type).stream()
                        .filter(query -> query.protocol == protocol)
                        .toList();
        if (queries.isEmpty()) {
            throw new QueryException("%s and %s share no %s addresses".formatted(from, to, family));
        }
        return queries;
    }

    /**
     * {@return an echo request for each address family that both ends have, IPv4 first; never
     * empty}
     *
     * @throws QueryException as {@link #icmp}
     */
    public static List<Query> ping(Snapshot snapshot, Party from, Party to) {
        return of(snapshot, from, to, Query::icmp, ip -> Icmp.echoRequest(icmp(ip)));
    }

    private static int icmp(Ip ip) {
        return ip.isV4() ? Icmp.V4 : Icmp.V6;
    }

    /** {@return the same to another address and port} */
    Query to(Ip ip, int number) {
        return new Query(from, ip, protocol, number);
    }

    private static List<Query> toService(
            Snapshot snapshot, Party from, Ref service, Protocol protocol, String port) {
        List<Ip> sources = addresses(snapshot, from);
        List<ServiceEnds.Spot> spots = ServiceEnds.of(snapshot, service, protocol, port);
        List<Query> queries = new ArrayList<>();
        for (boolean v4 : new boolean[] {true, false}) {
            for (Ip source : sources) {
                for (ServiceEnds.Spot spot : spots) {
                    if (source.isV4() == v4 && spot.ip().isV4() == v4) {
                        queries.add(new Query(source, spot.ip(), protocol.number(), spot.port()));
                    }
                }
            }
        }
        if (queries.isEmpty()) {
            throw new QueryException(
                    "%s %s and %s %s share no address family"
                            .formatted(
                                    from,
                                    sources,
                                    service,
                                    spots.stream().map(ServiceEnds.Spot::ip).toList()));
        }
        return List.copyOf(queries);
    }

    private static List<Query> of(
            Snapshot snapshot,
            Party from,
            Party to,
            ToIntFunction<Ip> protocol,
            ToIntFunction<Ip> port) {
        List<Ip> sources = addresses(snapshot, from);
        List<Ip> destinations = addresses(snapshot, to);
        List<Query> queries = new ArrayList<>();
        for (Ip source : sources) {
            for (Ip destination : destinations) {
                if (source.isV4() == destination.isV4()) {
                    Query query =
                            new Query(
                                    source,
                                    destination,
                                    protocol.applyAsInt(source),
                                    port.applyAsInt(source));
                    queries.add(source.isV4() ? 0 : queries.size(), query);
                }
            }
        }
        if (queries.isEmpty()) {
            throw new QueryException(
                    "%s %s and %s %s share no address family"
                            .formatted(from, sources, to, destinations));
        }
        return List.copyOf(queries);
    }

    /**
     * {@return the queries that test this expectation, as {@link #of(Snapshot, Party, Party,
     * Protocol, String)}}
     */
    public static List<Query> of(Snapshot snapshot, Expectation expectation) {
        return of(
                snapshot,
                expectation.from(),
                expectation.to(),
                expectation.protocol(),
                expectation.port());
    }

    private static List<Ip> addresses(Snapshot snapshot, Party party) {
        return switch (party) {
            case Party.OfIp(Ip ip) -> List.of(ip);
            case Party.OfPod(Ref ref) -> {
                Pod pod = pod(snapshot, ref);
                if (pod.ips().isEmpty()) {
                    throw new QueryException(ref + " has no address yet");
                }
                yield pod.ips();
            }
            case Party.OfService(Ref ref) -> {
                Service service = snapshot.services().get(ref);
                if (service == null) {
                    throw new QueryException("there is no " + ref);
                }
                yield service.clusterIps();
            }
        };
    }

    private static int port(Snapshot snapshot, Party to, Protocol protocol, String port) {
        if (port.matches("[0-9]{1,5}")) {
            return Integer.parseInt(port);
        }
        OptionalInt named =
                switch (to) {
                    case Party.OfIp _, Party.OfService _ -> OptionalInt.empty();
                    case Party.OfPod(Ref ref) -> pod(snapshot, ref).namedPort(port, protocol);
                };
        return named.orElseThrow(() ->
                new QueryException(
                        "%s has no %s port named '%s'; give a number"
                                .formatted(to, protocol, port)));
    }

    private static Pod pod(Snapshot snapshot, Ref ref) {
        Pod pod = snapshot.pods().get(ref);
        if (pod == null) {
            throw new QueryException("there is no " + ref);
        }
        return pod;
    }

    /** {@return {@code 10.0.0.1 -> 10.0.0.2 TCP 80}} */
    @Override
    public String toString() {
        return from + " -> " + to + " " + what();
    }

    /** {@return {@code TCP 80}, {@code ICMP type 8} or {@code protocol 47}} */
    String what() {
        if (Icmp.is(protocol)) {
            return protocolText() + " type " + port;
        }
        return protocolText() + (port == 0 ? "" : " " + port);
    }

    String protocolText() {
        for (Protocol known : Protocol.values()) {
            if (known.number() == protocol) {
                return known.toString();
            }
        }
        return switch (protocol) {
            case Icmp.V4 -> "ICMP";
            case Icmp.V6 -> "ICMPv6";
            default -> "protocol " + protocol;
        };
    }
}
