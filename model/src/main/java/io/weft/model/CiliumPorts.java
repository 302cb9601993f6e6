package io.weft.model;

import io.weft.model.PortMatch.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/** Reads {@code toPorts} and {@code icmps} of Cilium's rules. */
final class CiliumPorts {
    private static final int MAX_ITEMS = 40;
    private static final String LAYER_7 =
            "layer 7 rules are not supported yet; without them all of the port is meant";
    private static final String TLS = "TLS is not supported yet";
    private static final List<String> PROTOCOLS = List.of("TCP", "UDP", "SCTP", "ANY");

    /** Names of ICMP types (Cilium {@code pkg/policy/api/icmp.go}). */
    private static final Map<String, Integer> ICMP_TYPES =
            Map.ofEntries(
                    Map.entry("EchoReply", 0),
                    Map.entry("DestinationUnreachable", 3),
                    Map.entry("Redirect", 5),
                    Map.entry("Echo", 8),
                    Map.entry("EchoRequest", 8),
                    Map.entry("RouterAdvertisement", 9),
                    Map.entry("RouterSelection", 10),
                    Map.entry("TimeExceeded", 11),
                    Map.entry("ParameterProblem", 12),
                    Map.entry("Timestamp", 13),
                    Map.entry("TimestampReply", 14),
                    Map.entry("Photuris", 40),
                    Map.entry("ExtendedEchoRequest", 42),
                    Map.entry("ExtendedEchoReply", 43));

    private static final Map<String, Integer> ICMPV6_TYPES =
            Map.ofEntries(
                    Map.entry("DestinationUnreachable", 1),
                    Map.entry("PacketTooBig", 2),
                    Map.entry("TimeExceeded", 3),
                    Map.entry("ParameterProblem", 4),
                    Map.entry("EchoRequest", 128),
                    Map.entry("EchoReply", 129),
                    Map.entry("MulticastListenerQuery", 130),
                    Map.entry("MulticastListenerReport", 131),
                    Map.entry("MulticastListenerDone", 132),
                    Map.entry("RouterSolicitation", 133),
                    Map.entry("RouterAdvertisement", 134),
                    Map.entry("NeighborSolicitation", 135),
                    Map.entry("NeighborAdvertisement", 136),
                    Map.entry("RedirectMessage", 137),
                    Map.entry("RouterRenumbering", 138),
                    Map.entry("ICMPNodeInformationQuery", 139),
                    Map.entry("ICMPNodeInformationResponse", 140),
                    Map.entry("InverseNeighborDiscoverySolicitation", 141),
                    Map.entry("InverseNeighborDiscoveryAdvertisement", 142),
                    Map.entry("HomeAgentAddressDiscoveryRequest", 144),
                    Map.entry("HomeAgentAddressDiscoveryReply", 145),
                    Map.entry("MobilePrefixSolicitation", 146),
                    Map.entry("MobilePrefixAdvertisement", 147),
                    Map.entry("DuplicateAddressRequestCodeSuffix", 157),
                    Map.entry("DuplicateAddressConfirmationCodeSuffix", 158),
                    Map.entry("ExtendedEchoRequest", 160),
                    Map.entry("ExtendedEchoReply", 161));

    private CiliumPorts() {}

    /**
     * {@return what a rule says of ports and ICMP types; nothing when it does not mention them}
     *
     * @param deny whether it is a deny rule, which has no layer 7
     */
    static Optional<List<PortMatch>> read(Field rule, boolean deny) {
        List<Field> toPorts = rule.objects("toPorts");
        List<Field> icmps = rule.objects("icmps");
        if (!toPorts.isEmpty() && !icmps.isEmpty()) {
            rule.child("icmps")
                    .ifPresent(f -> f.forbidden("may not be set with toPorts; write two rules"));
        }
        List<PortMatch> matches = new ArrayList<>();
        for (Field item : toPorts) {
            toPorts(item, deny, matches);
        }
        for (Field item : icmps) {
            item.only(Set.of("fields"));
            List<Field> fields = item.objects("fields");
            bound(item, "fields", fields.size());
            fields.forEach(f -> icmp(f).ifPresent(matches::add));
        }
        return toPorts.isEmpty() && icmps.isEmpty() ? Optional.empty() : Optional.of(matches);
    }

    private static void bound(Field parent, String key, int size) {
        if (size > MAX_ITEMS) {
            parent.child(key).ifPresent(f -> f.tooMany(size, MAX_ITEMS));
        }
    }

    private static void toPorts(Field item, boolean deny, List<PortMatch> matches) {
        if (deny) {
            item.only(Set.of("ports"));
        } else {
            item.only(
                    Set.of(
                            "listener",
                            "originatingTLS",
                            "ports",
                            "rules",
                            "serverNames",
                            "terminatingTLS"));
            Field rules = item.object("rules");
            rules.only(Set.of("http", "kafka", "dns", "l7", "l7proto"));
            for (String layer7 : List.of("http", "kafka", "dns", "l7", "l7proto")) {
                rules.child(layer7).ifPresent(f -> f.forbidden(LAYER_7));
            }
            item.child("listener").ifPresent(f -> f.forbidden(LAYER_7));
            for (String tls : List.of("originatingTLS", "serverNames", "terminatingTLS")) {
                item.child(tls).ifPresent(f -> f.forbidden(TLS));
            }
        }
        List<Field> ports = item.objects("ports");
        bound(item, "ports", ports.size());
        ports.forEach(port -> port(port, matches));
    }

    private static void port(Field item, List<PortMatch> matches) {
        item.only(Set.of("port", "endPort", "protocol"));
        String text =
                item.requiredText("port", "a quoted number or the name of a port", Names::any);
        Optional<Field> port = item.child("port");
        Optional<Field> endPort = item.child("endPort");
        List<Protocol> protocols = protocols(item);
        Source source = item.source();
        if (text.isEmpty() || port.isEmpty()) {
            return;
        }
        if (!text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            String name = text.toLowerCase(Locale.ROOT);
            port.get().ok(Names.portName(name));
            endPort.ifPresent(f -> f.invalid("may not be specified when `port` is a name"));
            protocols.forEach(p -> matches.add(new PortMatch.Named(p, name, source)));
            return;
        }
        if (!text.matches("0|[1-9][0-9]{0,4}") || Integer.parseInt(text) > 65535) {
            port.get().invalid("must be a number between 0 and 65535 without leading zeros");
            return;
        }
        int first = Integer.parseInt(text);
        int last = endPort.map(f -> last(f, first)).orElse(first);
        // Port 0 is every port.
        int end = first == 0 ? 65535 : last;
        protocols.forEach(p -> matches.add(new PortMatch.Range(p, first, end, source)));
    }

    /** {@return the last port; {@code first} when it is 0, which means unset} */
    private static int last(Field endPort, int first) {
        OptionalInt number = endPort.integer();
        if (number.isEmpty() || number.getAsInt() == 0) {
            return first;
        }
        int last = number.getAsInt();
        if (first == 0) {
            endPort.invalid("may not be specified when `port` is 0, which is every port");
        } else if (last < 0 || last > 65535) {
            endPort.invalid("must be between 0 and 65535, inclusive");
        } else if (last < first) {
            endPort.invalid("must be greater than or equal to `port`");
        }
        return last;
    }

    private static List<Protocol> protocols(Field item) {
        String text = item.child("protocol").flatMap(Field::text).orElse("ANY");
        if (!text.isEmpty() && !PROTOCOLS.contains(text)) {
            item.child("protocol").ifPresent(f -> f.unsupported(PROTOCOLS));
        }
        return Protocol.tryParse(text).map(List::of).orElse(List.of(Protocol.values()));
    }

    private static Optional<PortMatch> icmp(Field item) {
        item.only(Set.of("family", "type"));
        String text = item.child("family").flatMap(Field::text).orElse("IPv4");
        if (!text.isEmpty() && !text.equals("IPv4") && !text.equals("IPv6")) {
            item.child("family").ifPresent(f -> f.unsupported(List.of("IPv4", "IPv6")));
        }
        Family family = text.equals("IPv6") ? Family.IPV6 : Family.IPV4;
        Optional<Field> type = item.child("type");
        if (type.isEmpty()) {
            item.missing("type", "a number or a name such as EchoRequest");
            return Optional.empty();
        }
        OptionalInt number = type.get().isNumber() ? number(type.get()) : named(type.get(), family);
        return number.isPresent()
                ? Optional.of(new PortMatch.Icmp(family, number.getAsInt(), item.source()))
                : Optional.empty();
    }

    private static OptionalInt number(Field type) {
        OptionalInt number = type.integer();
        if (number.isPresent() && (number.getAsInt() < 0 || number.getAsInt() > 255)) {
            type.invalid("must be between 0 and 255, inclusive");
            return OptionalInt.empty();
        }
        return number;
    }

    private static OptionalInt named(Field type, Family family) {
        Optional<String> text = type.text();
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        if (text.get().matches("0|[1-9][0-9]{0,2}") && Integer.parseInt(text.get()) <= 255) {
            return OptionalInt.of(Integer.parseInt(text.get()));
        }
        Map<String, Integer> types =
                switch (family) {
                    case IPV4 -> ICMP_TYPES;
                    case IPV6 -> ICMPV6_TYPES;
                };
        Integer number = types.get(text.get());
        if (number == null) {
            type.unsupported(new TreeMap<>(types).keySet());
            return OptionalInt.empty();
        }
        return OptionalInt.of(number);
    }
}
