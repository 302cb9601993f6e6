package io.weft.model;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The annotations that mean something to Weft. */
@SuppressWarnings("ImmutableEnumChecker") // the lists are List.of
enum Annotation {
    AUDIT("weft.io/audit", List.of(Kind.POD, Kind.NAMESPACE), List.of("true", "false")),
    /** Bits per second, a {@link Quantity}: both what a pod gets and what it sends. */
    BANDWIDTH("weft.io/bandwidth", List.of(Kind.POD), List.of()),
    INGRESS_BANDWIDTH("kubernetes.io/ingress-bandwidth", List.of(Kind.POD), List.of()),
    EGRESS_BANDWIDTH("kubernetes.io/egress-bandwidth", List.of(Kind.POD), List.of()),
    /** Names of pools, with commas between them: the first that has a free address. */
    IP_POOL("weft.io/ip-pool", List.of(Kind.POD, Kind.NAMESPACE), List.of()),
    STICKY_IP("weft.io/sticky-ip", List.of(Kind.POD), List.of("true", "false")),
    /** As {@link NetworkSelectionReader} has it. */
    NETWORKS("k8s.v1.cni.cncf.io/networks", List.of(Kind.POD), List.of()),
    LOAD_BALANCING("weft.io/load-balancing", List.of(Kind.SERVICE), List.of("random", "maglev")),
    FORWARDING_MODE("weft.io/forwarding-mode", List.of(Kind.SERVICE), List.of("snat", "dsr")),
    /** Addresses, with commas between them. */
    LOAD_BALANCER_IPS("weft.io/load-balancer-ips", List.of(Kind.SERVICE), List.of()),
    TERMINATE_CONNECTIONS(
            "weft.io/terminate-connections", List.of(Kind.SERVICE), List.of("true", "false"));

    private static final String PREFIX = "weft.io/";

    private final String key;
    private final List<Kind> kinds;
    private final List<String> values;

    /**
     * @param values empty: any
     */
    Annotation(String key, List<Kind> kinds, List<String> values) {
        this.key = key;
        this.kinds = kinds;
        this.values = values;
    }

    /** {@return those that the object has, with their text; reports and warns of what is wrong} */
    static Map<Annotation, Field> read(Field annotations, Kind kind) {
        Map<Annotation, Field> found = new EnumMap<>(Annotation.class);
        for (Tree.Entry entry : annotations.entries()) {
            Optional<Field> field =
                    entry.key().startsWith(PREFIX) || isKnown(entry.key())
                            ? annotations.child(entry.key())
                            : Optional.empty();
            field.ifPresent(f -> read(entry.key(), f, kind, found));
        }
        return found;
    }

    private static boolean isKnown(String key) {
        return Arrays.stream(values()).anyMatch(known -> known.key.equals(key));
    }

    private static void read(String key, Field field, Kind kind, Map<Annotation, Field> found) {
        for (Annotation known : values()) {
            if (!known.key.equals(key)) {
                continue;
            }
            if (!known.kinds.contains(kind)) {
                String whose =
                        known.kinds.stream().map(k -> "a " + k).collect(Collectors.joining(" or "));
                field.warn("means nothing here; it is for " + whose);
                return;
            }
            Optional<String> text = field.text();
            if (text.isPresent() && !known.values.isEmpty() && !known.values.contains(text.get())) {
                field.unsupported(known.values);
            } else if (text.isPresent()) {
                found.put(known, field);
            }
            return;
        }
        List<String> keys =
                Arrays.stream(values()).map(a -> a.key).filter(k -> k.startsWith(PREFIX)).toList();
        field.warn(
                "unknown annotation"
                        + Spelling.nearest(key, keys)
                                .map(n -> "; did you mean \"" + n + "\"?")
                                .orElse("; Weft knows " + Field.list(keys)));
    }
}
