package io.weft.advisor;

import io.weft.advisor.Hardware.Presence;
import io.weft.advisor.Need.Application;
import io.weft.advisor.Need.Existing;
import io.weft.advisor.Need.Mesh;
import io.weft.advisor.Need.Money;
import io.weft.advisor.Need.Networks;
import io.weft.advisor.Need.Performance;
import io.weft.advisor.Need.Scale;
import io.weft.advisor.Need.Security;
import io.weft.claims.ClaimTable;
import io.weft.claims.Claims;
import io.weft.claims.Unit;
import io.weft.model.ManifestException;
import io.weft.model.SettingsReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads a need. Every field may be missing; what is unknown, or cannot be, is an error with file,
 * line and, for a misspelt field, the one that was probably meant.
 */
public final class NeedReader {
    static final int MOST_INSTANCES = 10_000_000;

    private static final List<String> FIELDS =
            List.of(
                    "regulation",
                    "isolation",
                    "latency",
                    "throughput",
                    "hostThroughput",
                    "start",
                    "memory",
                    "instances",
                    "hosts",
                    "services",
                    "nfv",
                    "team",
                    "workloads",
                    "existing",
                    "mesh",
                    "networks",
                    "security",
                    "scene",
                    "hardware",
                    "cost",
                    "weights",
                    "applications");

    private final Claims claims;

    /** Its scenes and prices are those of the claims. */
    public NeedReader(Claims claims) {
        this.claims = claims;
    }

    /**
     * @throws ManifestException with every problem of the file
     */
    public Need read(Path file) {
        return read(SettingsReader.read(file, "need"));
    }

    /**
     * @param file its name in messages
     * @throws ManifestException with every problem of the text
     */
    public Need parse(String file, String text) {
        return read(SettingsReader.parse(file, text, "need"));
    }

    private Need read(SettingsReader s) {
        s.only(FIELDS);
        Need none = Need.EMPTY;
        SettingsReader mesh = inner(s, "mesh", "needed", "resourceLimited");
        SettingsReader networks = inner(s, "networks", "several", "dynamic", "storage");
        SettingsReader security = inner(s, "security", "microSegmentation", "quantumSafe");
        SettingsReader existing = inner(s, "existing", "virtualMachines", "containers");
        boolean limited = mesh.flag("resourceLimited").orElse(false);
        Need need =
                new Need(
                        s.oneOf("regulation", List.of("none", "regulated"))
                                .filter("regulated"::equals)
                                .isPresent(),
                        one(s, "isolation", Isolation.class).orElse(none.isolation()),
                        new Performance(
                                quantity(s, "latency", Unit.MICROSECOND, "20us or 0.5ms"),
                                quantity(s, "throughput", Unit.GBPS, "40Gbps or 500Mbps"),
                                quantity(s, "hostThroughput", Unit.GBPS, "100Gbps"),
                                quantity(s, "start", Unit.SECOND, "2s or 500ms"),
                                quantity(s, "memory", Unit.MEGABYTE, "50MB or 1GB")),
                        new Scale(
                                s.integer("instances", 1, MOST_INSTANCES)
                                        .orElse(none.scale().instances()),
                                s.integer("hosts", 1, MOST_INSTANCES),
                                s.integer("services", 1, MOST_INSTANCES)),
                        s.flag("nfv").orElse(false),
                        one(s, "team", Team.class).orElse(none.team()),
                        one(s, "workloads", Workloads.class).orElse(none.workloads()),
                        new Existing(
                                existing.integer("virtualMachines", 0, MOST_INSTANCES).orElse(0),
                                existing.integer("containers", 0, MOST_INSTANCES).orElse(0)),
                        new Mesh(mesh.flag("needed").orElse(limited), limited),
                        new Networks(
                                networks.flag("several").orElse(false),
                                networks.flag("dynamic").orElse(false),
                                networks.flag("storage").orElse(false)),
                        new Security(
                                security.flag("microSegmentation").orElse(false),
                                security.flag("quantumSafe").orElse(false)),
                        s.oneOf("scene", scenes()),
                        hardware(s),
                        money(s),
                        weights(s),
                        applications(s));
        s.check();
        return need;
    }

    private static SettingsReader inner(SettingsReader s, String key, String... known) {
        SettingsReader inner = s.object(key);
        inner.only(List.of(known));
        return inner;
    }

    private List<String> scenes() {
        return claims.table("10.1").orElseThrow().rows().stream().map(ClaimTable.Row::id).toList();
    }

    private static <E extends Enum<E>> Optional<E> one(SettingsReader s, String key, Class<E> of) {
        List<String> words = Arrays.stream(of.getEnumConstants()).map(NeedReader::word).toList();
        return s.oneOf(key, words)
                .flatMap(w ->
                        Arrays.stream(of.getEnumConstants())
                                .filter(e -> word(e).equals(w))
                                .findFirst());
    }

    /** {@return as needs spell it: {@code kernel-experts}} */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static OptionalDouble quantity(
            SettingsReader s, String key, Unit unit, String example) {
        Optional<String> text = s.scalar(key);
        if (text.isEmpty()) {
            return OptionalDouble.empty();
        }
        OptionalDouble value = Quantities.parse(text.get(), unit);
        if (value.isEmpty()) {
            s.invalid(key, "must be a number above 0 and its unit, such as " + example);
        }
        return value;
    }

    private static Optional<Hardware> hardware(SettingsReader s) {
        if (!s.has("hardware")) {
            return Optional.empty();
        }
        if (!s.isObject("hardware")) {
            s.oneOf("hardware", List.of("detect"));
            return Optional.empty();
        }
        SettingsReader h = s.object("hardware");
        List<String> known = new ArrayList<>();
        Arrays.stream(Capability.values()).map(Capability::key).forEach(known::add);
        known.addAll(List.of("kernel", "nicGbps", "numaNodes", "unknown"));
        h.only(known);
        List<String> unknown = h.texts("unknown");
        Map<Capability, Presence> found = new EnumMap<>(Capability.class);
        for (Capability capability : Capability.values()) {
            Optional<Boolean> flag = h.flag(capability.key());
            Presence unlisted = capability.special() ? Presence.NO : Presence.UNKNOWN;
            found.put(
                    capability,
                    unknown.contains(capability.key())
                            ? Presence.UNKNOWN
                            : flag.map(f -> f ? Presence.YES : Presence.NO).orElse(unlisted));
        }
        Set<String> names = Set.copyOf(known);
        if (!names.containsAll(unknown)) {
            h.invalid("unknown", "must list capabilities: " + String.join(", ", known));
        }
        Optional<String> kernel = h.scalar("kernel");
        if (kernel.isPresent() && !kernel.get().matches("[0-9]{1,3}\\.[0-9]{1,4}.*")) {
            h.invalid("kernel", "must be a version, such as \"6.1\"");
        }
        OptionalInt nodes = h.integer("numaNodes", 1, 4096);
        return Optional.of(
                new Hardware(
                        false,
                        found,
                        kernel,
                        h.number("nicGbps", 0.001, 100_000),
                        nodes,
                        List.of()));
    }

    private Money money(SettingsReader s) {
        SettingsReader m = inner(s, "cost", "budget", "currency", "exchange", "years", "prices");
        Money none = Need.EMPTY.money();
        String currency = m.text("currency").orElse(none.currency());
        OptionalDouble exchange = m.number("exchange", 1e-6, 1e6);
        if (!currency.equals("CNY") && exchange.isEmpty()) {
            m.required(
                    "exchange",
                    "one CNY in "
                            + currency
                            + ": the document's prices are in CNY; or leave currency out");
        }
        Map<String, Double> prices = new TreeMap<>();
        SettingsReader p = inner(m, "prices", "vm", "container", "extra");
        List<String> items =
                claims.table("10.2").orElseThrow().rows().stream()
                        .map(ClaimTable.Row::id)
                        .filter(id -> !id.equals("total"))
                        .toList();
        for (String column : List.of("vm", "container")) {
            SettingsReader c = p.object(column);
            c.only(items);
            for (String item : items) {
                c.number(item, 0, 1e9).ifPresent(price -> prices.put(column + "." + item, price));
            }
        }
        SettingsReader extra = p.object("extra");
        for (String name : extra.keys()) {
            extra.number(name, 0, 1e9).ifPresent(price -> prices.put("extra." + name, price));
        }
        return new Money(
                m.number("budget", 0, 1e15),
                currency,
                exchange.orElse(1),
                m.integer("years", 1, 50).orElse(none.years()),
                new Cost.Prices(prices));
    }

    private static Map<Criterion, Double> weights(SettingsReader s) {
        SettingsReader w = s.object("weights");
        w.only(Arrays.stream(Criterion.values()).map(Criterion::key).toList());
        Map<Criterion, Double> weights = new EnumMap<>(Criterion.class);
        for (Criterion criterion : Criterion.values()) {
            w.number(criterion.key(), 0, 1000).ifPresent(weight -> weights.put(criterion, weight));
        }
        return weights;
    }

    private static List<Application> applications(SettingsReader s) {
        List<Application> applications = new ArrayList<>();
        Set<String> names = new java.util.HashSet<>();
        List<SettingsReader> all = s.objects("applications");
        all.forEach(a -> a.text("name").ifPresent(names::add));
        Set<String> seen = new java.util.HashSet<>();
        for (SettingsReader a : all) {
            a.only(List.of("name", "namespace", "port", "protocol", "clients"));
            a.required("name", "what it is called");
            a.required("port", "where it listens");
            String name = a.text("name").orElse("");
            if (!name.isEmpty()
                    && (name.length() > 63 || !name.matches("[a-z]([-a-z0-9]*[a-z0-9])?"))) {
                a.invalid("name", "must be lower case letters, digits and '-', at most 63");
            }
            if (!name.isEmpty() && !seen.add(name)) {
                a.invalid("name", "is used twice");
            }
            String namespace = a.text("namespace").orElse("default");
            if (namespace.length() > 63 || !namespace.matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?")) {
                a.invalid("namespace", "must be lower case letters, digits and '-', at most 63");
            }
            List<String> clients = a.texts("clients");
            if (!names.containsAll(clients)) {
                a.invalid("clients", "must be names of applications in this list");
            }
            applications.add(
                    new Application(
                            name,
                            namespace,
                            a.integer("port", 1, 65535).orElse(1),
                            a.oneOf("protocol", List.of("TCP", "UDP", "SCTP")).orElse("TCP"),
                            clients));
        }
        return applications;
    }
}
