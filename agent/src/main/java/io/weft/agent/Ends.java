package io.weft.agent;

import io.weft.compiler.Query;
import io.weft.compiler.QueryException;
import io.weft.model.Expectation.Party;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.Node;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The flows that somebody means who names two ends and a port. An end is a pod, an address, {@code
 * host} for this node, a Node by its name, or a service, which stands for each pod behind it. A
 * pod's name goes before a service's, and that before a node's.
 */
public final class Ends {
    private Ends() {}

    /**
     * {@return a query for each pair of ends and family that they share; never empty}
     *
     * @param protocol {@code TCP}, {@code UDP}, {@code SCTP} or {@code ICMP}
     * @param port number, or name of a port of the destination; of ICMP the type, empty for an echo
     *     request
     * @throws QueryException when an end or port is unknown, or no family is shared
     */
    public static List<Query> queries(
            Snapshot snapshot,
            Set<Ip> nodeAddresses,
            String from,
            String to,
            String protocol,
            String port) {
        List<Query> queries = new ArrayList<>();
        Optional<QueryException> wrong = Optional.empty();
        for (Party source : find(snapshot, nodeAddresses, from)) {
            for (Party target : find(snapshot, nodeAddresses, to)) {
                try {
                    queries.addAll(pair(snapshot, source, target, protocol, port));
                } catch (QueryException e) {
                    wrong = Optional.of(e); // others may share a family, or have the port
                }
            }
        }
        if (queries.isEmpty()) {
            throw wrong.orElseGet(() ->
                    new QueryException("%s and %s: no pod is behind that".formatted(from, to)));
        }
        return List.copyOf(queries);
    }

    private static List<Query> pair(
            Snapshot snapshot, Party from, Party to, String protocol, String port) {
        if (!protocol.equals("ICMP")) {
            Protocol transport =
                    Protocol.tryParse(protocol)
                            .orElseThrow(() ->
                                    new QueryException(
                                            "protocol '"
                                                    + protocol
                                                    + "': one of TCP, UDP, SCTP, ICMP"));
            return Query.of(snapshot, from, to, transport, port);
        }
        if (!port.matches("[0-9]{0,3}") || (!port.isEmpty() && Integer.parseInt(port) > 255)) {
            throw new QueryException("ICMP type '" + port + "': a number from 0 to 255");
        }
        List<Query> pings = Query.ping(snapshot, from, to);
        if (port.isEmpty()) {
            return pings;
        }
        int type = Integer.parseInt(port);
        return pings.stream()
                .map(ping -> new Query(ping.from(), ping.to(), ping.protocol(), type))
                .toList();
    }

    private static List<Party> find(Snapshot snapshot, Set<Ip> nodeAddresses, String text) {
        Party party = Parties.find(snapshot, text);
        if (!(party instanceof Party.OfPod(Ref ref)) || snapshot.pods().containsKey(ref)) {
            return List.of(party);
        }
        Service service =
                snapshot.services().get(new Ref(Kind.SERVICE, ref.namespace(), ref.name()));
        if (service != null) {
            return snapshot.pods().values().stream()
                    .filter(pod -> pod.counts() && service.selects(pod))
                    .<Party>map(pod -> new Party.OfPod(pod.ref()))
                    .toList();
        }
        Node node = snapshot.nodes().get(text);
        if (node != null) {
            return addresses(node.addresses());
        }
        return text.equals("host")
                ? addresses(nodeAddresses.stream().filter(ip -> !isLoopback(ip)).sorted().toList())
                : List.of(party);
    }

    private static boolean isLoopback(Ip ip) {
        return ip.equals(Ip.parse("::1")) || ip.toString().startsWith("127.");
    }

    /** The first of each family: all of a node's are judged alike. */
    private static List<Party> addresses(List<Ip> all) {
        List<Party> parties = new ArrayList<>();
        for (boolean v4 : new boolean[] {true, false}) {
            all.stream()
                    .filter(ip -> ip.isV4() == v4)
                    .findFirst()
                    .ifPresent(ip -> parties.add(new Party.OfIp(ip)));
        }
        return parties;
    }
}
