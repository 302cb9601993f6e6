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
 * host} for this node, a Node by its name, or a service, by its name or as {@code service/NAME}. A
 * pod's name goes before a service's, and that before a node's. As destination a service is its
 * cluster IPs; as source, for pings, or headless, it stands for each pod behind it.
 */
public final class Ends {
    private Ends() {}

    /**
     * {@return a query for each pair of ends and family that they share; never empty}
     *
     * @param protocol {@code TCP}, {@code UDP}, {@code SCTP} or {@code ICMP}
     * @param port number, or name of a port of the destination, pod or service; of ICMP the type,
     *     empty for an echo request
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
        boolean virtual = !protocol.equals("ICMP");
        for (Party source : find(snapshot, nodeAddresses, from, false)) {
            for (Party target : find(snapshot, nodeAddresses, to, virtual)) {
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

    /**
     * @param virtual whether a service is where its cluster IPs lead, else its pods
     */
    private static List<Party> find(
            Snapshot snapshot, Set<Ip> nodeAddresses, String text, boolean virtual) {
        Party party = Parties.find(snapshot, text);
        if (party instanceof Party.OfIp
                || (party instanceof Party.OfPod(Ref pod) && snapshot.pods().containsKey(pod))) {
            return List.of(party);
        }
        Optional<Service> service = service(snapshot, party, text);
        if (service.isPresent()) {
            return service.get().headless() || !virtual
                    ? pods(snapshot, service.get())
                    : List.of(new Party.OfService(service.get().ref()));
        }
        if (party instanceof Party.OfService(Ref ref)) {
            throw new QueryException("there is no " + ref);
        }
        Node node = snapshot.nodes().get(text);
        if (node != null) {
            return addresses(node.addresses());
        }
        return text.equals("host")
                ? addresses(nodeAddresses.stream().filter(ip -> !isLoopback(ip)).sorted().toList())
                : List.of(party);
    }

    /** By its whole name, or if it is the only one of its name. */
    private static Optional<Service> service(Snapshot snapshot, Party party, String text) {
        Ref ref =
                switch (party) {
                    case Party.OfService(Ref named) -> named;
                    case Party.OfPod(Ref named) ->
                            new Ref(Kind.SERVICE, named.namespace(), named.name());
                    case Party.OfIp _ -> throw new IllegalArgumentException(text);
                };
        Service service = snapshot.services().get(ref);
        String name =
                text.startsWith(Party.SERVICE_PREFIX)
                        ? text.substring(Party.SERVICE_PREFIX.length())
                        : text;
        if (service != null || name.contains("/")) {
            return Optional.ofNullable(service);
        }
        List<Service> all =
                snapshot.services().values().stream()
                        .filter(s -> s.ref().name().equals(name))
                        .toList();
        if (all.size() > 1) {
            throw new QueryException(
                    "which '%s': %s?"
                            .formatted(
                                    text,
                                    String.join(
                                            ", ", all.stream().map(s -> s.ref().path()).toList())));
        }
        return all.stream().findFirst();
    }

    private static List<Party> pods(Snapshot snapshot, Service service) {
        return snapshot.pods().values().stream()
                .filter(pod -> pod.counts() && service.selects(pod))
                .<Party>map(pod -> new Party.OfPod(pod.ref()))
                .toList();
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
