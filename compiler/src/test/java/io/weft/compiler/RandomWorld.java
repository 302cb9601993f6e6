package io.weft.compiler;

import io.weft.model.Delta;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.LabelSelector;
import io.weft.model.LabelSelector.Operator;
import io.weft.model.LabelSelector.Requirement;
import io.weft.model.Labels;
import io.weft.model.Namespace;
import io.weft.model.NetworkPolicy;
import io.weft.model.NetworkPolicy.Peer;
import io.weft.model.NetworkPolicy.PortMatch;
import io.weft.model.Pod;
import io.weft.model.Prefix;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Source;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;

/** Small worlds in which everything meets everything: few names, few addresses, all forms. */
public final class RandomWorld {
    public static final Set<Ip> NODES = Set.of(Ip.parse("10.0.255.1"), Ip.parse("fd00::ff"));

    static final List<String> NAMESPACES = List.of("red", "green", "blue");
    private static final List<String> KEYS = List.of("app", "tier", "zone");
    private static final List<String> VALUES = List.of("a", "b", "c");
    static final List<String> PORT_NAMES = List.of("http", "dns", "admin");
    private static final List<Integer> PORTS = List.of(0, 53, 80, 81, 8080, 32768, 65535);
    static final List<String> BLOCKS =
            List.of(
                    "0.0.0.0/0",
                    "::/0",
                    "10.0.0.0/8",
                    "10.0.0.0/24",
                    "10.0.0.0/29",
                    "10.0.0.4/30",
                    "10.0.0.5/32",
                    "10.0.1.0/24",
                    "203.0.113.0/24",
                    "203.0.113.128/25",
                    "fd00::/16",
                    "fd00::/125",
                    "fd00::4/126",
                    "2001:db8::/32");
    private static final List<Ip> OUTSIDE =
            List.of(
                    Ip.parse("10.0.1.9"),
                    Ip.parse("10.0.255.2"),
                    Ip.parse("10.0.255.3"),
                    Ip.parse("fd00::fe"),
                    Ip.parse("203.0.113.9"),
                    Ip.parse("203.0.113.200"),
                    Ip.parse("198.51.100.1"),
                    Ip.parse("2001:db8::1"),
                    Ip.parse("2a00::1"));

    private final Random random;
    private final RandomPolicies wide;
    private final CompilerOptions options;

    public RandomWorld(long seed) {
        random = new Random(seed);
        wide = new RandomPolicies(this);
        options = new CompilerOptions(random.nextInt(4) == 0);
    }

    CompilerOptions options() {
        return options;
    }

    /** {@return the addresses of pods, of the node and of the world; some pods never exist} */
    public static List<Ip> addresses() {
        List<Ip> all = new ArrayList<>(OUTSIDE);
        all.addAll(NODES);
        for (int i = 0; i < 8; i++) {
            all.add(Ip.parse("10.0.0." + i));
            all.add(Ip.parse("fd00::" + i));
        }
        return all;
    }

    /** {@return a flow between addresses of one family; they may be equal} */
    Query query(List<Ip> addresses) {
        Ip from = pick(addresses);
        Ip to = pick(addresses);
        while (to.isV4() != from.isV4()) {
            to = pick(addresses);
        }
        return query(from, to);
    }

    public Query query(Ip from, Ip to) {
        int kind = random.nextInt(8);
        return kind == 0
                ? new Query(from, to, from.isV4() ? 1 : 58, icmpType())
                : new Query(
                        from,
                        to,
                        protocol().number(),
                        pick(PORTS) ^ (kind == 1 ? random.nextInt(4) : 0));
    }

    public Delta first() {
        List<Resource> all = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            all.add(namespace());
        }
        for (int i = 6 + random.nextInt(8); i > 0; i--) {
            all.add(pod());
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            all.add(wide.node());
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            all.add(wide.service());
        }
        for (int i = 2 + random.nextInt(8); i > 0; i--) {
            all.add(anyPolicy());
        }
        return Delta.put(all);
    }

    /** {@return a few resources put or removed} */
    public Delta delta() {
        List<Resource> put = new ArrayList<>();
        List<Ref> removed = new ArrayList<>();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            Resource resource =
                    switch (random.nextInt(10)) {
                        case 0 -> namespace();
                        case 1 -> wide.node();
                        case 2 -> wide.service();
                        case 3, 4, 5 -> anyPolicy();
                        default -> pod();
                    };
            if (random.nextInt(3) == 0) {
                removed.add(resource.ref());
            } else {
                put.add(resource);
            }
        }
        return new Delta(put, removed);
    }

    private Namespace namespace() {
        return new Namespace(pick(NAMESPACES), labels(), audit(), source());
    }

    private Pod pod() {
        List<Ip> ips = new ArrayList<>();
        int number = random.nextInt(8);
        if (random.nextInt(8) != 0) {
            ips.add(Ip.parse("10.0.0." + number));
        }
        if (random.nextInt(3) != 0) {
            ips.add(Ip.parse("fd00::" + number));
        }
        List<Pod.ContainerPort> ports =
                list(3, () -> new Pod.ContainerPort(pick(PORT_NAMES), protocol(), port()));
        // the address mostly follows the name, but now and then two pods have the same
        int name = random.nextInt(6) == 0 ? random.nextInt(8) : number;
        return new Pod(
                        Ref.pod(NAMESPACES.get(name % 3), "pod" + name),
                        labels(),
                        ips,
                        ports,
                        List.of(),
                        random.nextInt(16) == 0,
                        random.nextInt(16) == 0,
                        source())
                .withAudit(audit());
    }

    private Optional<Boolean> audit() {
        return random.nextInt(3) == 0 ? Optional.of(random.nextBoolean()) : Optional.empty();
    }

    private Resource anyPolicy() {
        return switch (random.nextInt(4)) {
            case 0, 1 -> policy();
            case 2 -> wide.clusterPolicy();
            default -> wide.ciliumPolicy();
        };
    }

    private NetworkPolicy policy() {
        return new NetworkPolicy(
                new Ref(Kind.NETWORK_POLICY, pick(NAMESPACES), "policy" + random.nextInt(4)),
                random.nextBoolean() ? LabelSelector.EVERYTHING : selector(),
                random.nextInt(3) != 0,
                random.nextInt(3) != 0,
                list(3, this::rule),
                list(3, this::rule),
                source());
    }

    private NetworkPolicy.Rule rule() {
        return new NetworkPolicy.Rule(list(3, this::peer), list(3, this::portMatch), source());
    }

    private Peer peer() {
        return switch (random.nextInt(3)) {
            case 0 -> {
                Prefix cidr = Prefix.parse(pick(BLOCKS));
                yield new Peer.IpBlock(
                        cidr,
                        list(3, () -> Prefix.parse(pick(BLOCKS))).stream()
                                .filter(cidr::contains)
                                .toList(),
                        source());
            }
            case 1 -> new Peer.Pods(Optional.empty(), selector(), source());
            default -> new Peer.Pods(Optional.of(selector()), selector(), source());
        };
    }

    private PortMatch portMatch() {
        if (random.nextInt(3) == 0) {
            return new PortMatch.Named(protocol(), pick(PORT_NAMES), source());
        }
        int a = port();
        int b = random.nextInt(3) == 0 ? port() : a;
        return random.nextInt(5) == 0
                ? new PortMatch.Range(protocol(), 0, 65535, source())
                : new PortMatch.Range(protocol(), Math.min(a, b), Math.max(a, b), source());
    }

    LabelSelector selector() {
        return new LabelSelector(list(2, this::requirement));
    }

    private Requirement requirement() {
        Operator operator = pick(Arrays.asList(Operator.values()));
        return switch (operator) {
            case IN, NOT_IN -> {
                List<String> values = new ArrayList<>(list(2, () -> pick(VALUES)));
                values.add(pick(VALUES));
                yield new Requirement(key(), operator, values);
            }
            case EXISTS, DOES_NOT_EXIST -> new Requirement(key(), operator, List.of());
        };
    }

    private String key() {
        return random.nextInt(8) == 0 ? Namespace.NAME_LABEL : pick(KEYS);
    }

    Labels labels() {
        Labels labels = Labels.EMPTY;
        for (int i = random.nextInt(3); i > 0; i--) {
            labels = labels.with(pick(KEYS), pick(VALUES));
        }
        return labels;
    }

    Protocol protocol() {
        return pick(List.of(Protocol.TCP, Protocol.TCP, Protocol.UDP, Protocol.SCTP));
    }

    int icmpType() {
        return pick(List.of(0, 3, 8, 13, 128, 129));
    }

    int port() {
        return Math.max(1, pick(PORTS));
    }

    Source source() {
        return new Source("world.yaml", 1 + random.nextInt(3));
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    <T> List<T> list(int most, Supplier<T> item) {
        List<T> items = new ArrayList<>();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            items.add(item.get());
        }
        return items;
    }
}
