package io.weft.model;

import io.weft.model.AgentConfiguration.AddressPool;
import io.weft.model.AgentConfiguration.Range;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the file of an {@link AgentConfiguration}: one object, YAML or JSON. */
public final class AgentConfigurationReader {
    private static final int MAX_FILE_BYTES = 1 << 20;
    private static final int MAX_POOLS = 256;
    private static final int MAX_RANGES = 64;
    private static final int MAX_EXCLUDED = 1024;
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})(s|m|h)");

    private AgentConfigurationReader() {}

    /**
     * Reads a file.
     *
     * @throws ManifestException with every problem found, also when it cannot be read
     */
    public static AgentConfiguration read(Path file) {
        Report report = new Report();
        Optional<String> text = Optional.empty();
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                report.add(new Source(file.toString(), 0), "exceeds 1 MiB");
            } else {
                text = ManifestReader.text(file.toString(), Files.readAllBytes(file), report);
            }
        } catch (NoSuchFileException e) {
            report.add(new Source(file.toString(), 0), "no such file");
        } catch (IOException e) {
            report.add(new Source(file.toString(), 0), "cannot read: " + e.getMessage());
        }
        report.check();
        return parse(file.toString(), text.orElseThrow());
    }

    /**
     * Reads the text of a file.
     *
     * @param file its name in messages
     * @throws ManifestException with every problem found
     */
    public static AgentConfiguration parse(String file, String text) {
        Report report = new Report();
        List<Tree> documents = YamlTree.parse(file, text, report);
        report.check();
        if (documents.size() != 1) {
            report.add(new Source(file, 0), "holds " + documents.size() + " objects, not one");
            report.check();
        }
        Field.Owner owner = new Field.Owner(report, file, "AgentConfiguration");
        AgentConfiguration read = read(Field.root(owner, "", documents.getFirst()));
        report.check();
        return read;
    }

    private static AgentConfiguration read(Field root) {
        AgentConfiguration unset = AgentConfiguration.DEFAULT;
        if (!root.isObject()) {
            return unset;
        }
        root.only(Set.of("apiVersion", "kind", "metadata", "spec"));
        fixed(root, "apiVersion", "weft.io/v1alpha1");
        fixed(root, "kind", "AgentConfiguration");
        Field spec = root.object("spec");
        spec.only(
                Set.of(
                        "podCIDRs",
                        "addressPools",
                        "coolDown",
                        "serviceCIDRs",
                        "loadBalancerCIDRs",
                        "clusterDomain",
                        "uplinks",
                        "audit",
                        "manifests"));
        List<Prefix> podCidrs = blocks(spec, "podCIDRs");
        return new AgentConfiguration(
                podCidrs.isEmpty() ? unset.podCidrs() : podCidrs,
                pools(spec),
                spec.child("coolDown").flatMap(AgentConfigurationReader::duration),
                blocks(spec, "serviceCIDRs"),
                blocks(spec, "loadBalancerCIDRs"),
                spec.child("clusterDomain").flatMap(f -> f.text(Names::dnsSubdomain)),
                spec.items("uplinks").stream().flatMap(f -> f.text().stream()).toList(),
                spec.flag("audit"),
                spec.filled("manifests"));
    }

    private static void fixed(Field root, String key, String value) {
        String detail = "must be " + value;
        String there = root.requiredText(key, detail, text -> Optional.empty());
        if (!there.isEmpty() && !there.equals(value)) {
            root.child(key).ifPresent(f -> f.unsupported(List.of(value)));
        }
    }

    /** {@return nothing, or one block of each family, IPv4 first} */
    private static List<Prefix> blocks(Field spec, String key) {
        List<Field> items = spec.items(key);
        List<Prefix> blocks = items.stream().flatMap(f -> f.cidr().stream()).toList();
        List<Prefix> ordered = new ArrayList<>();
        blocks.stream().filter(Prefix::isV4).forEach(ordered::add);
        blocks.stream().filter(block -> !block.isV4()).forEach(ordered::add);
        if (!items.isEmpty()
                && blocks.size() == items.size()
                && (ordered.size() != 2 || ordered.getFirst().isV4() == ordered.getLast().isV4())) {
            spec.child(key).ifPresent(f -> f.invalid("one IPv4 and one IPv6 block are needed"));
        }
        return ordered;
    }

    private static List<AddressPool> pools(Field spec) {
        List<Field> items = spec.objects("addressPools");
        if (items.size() > MAX_POOLS) {
            spec.child("addressPools").ifPresent(f -> f.tooMany(items.size(), MAX_POOLS));
            return List.of();
        }
        List<AddressPool> pools = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Field item : items) {
            item.only(Set.of("name", "ranges", "exclude", "namespaceSelector"));
            String name = item.requiredText("name", "every pool needs a name", Names::dnsLabel);
            if (!name.isEmpty() && !names.add(name)) {
                item.child("name").ifPresent(f -> f.duplicate("\"" + name + "\""));
            }
            pools.add(
                    new AddressPool(
                            name,
                            ranges(item),
                            excluded(item),
                            item.child("namespaceSelector")
                                    .filter(Field::isObject)
                                    .map(SelectorReader::read)));
        }
        return pools;
    }

    private static List<Range> ranges(Field pool) {
        List<Field> items = pool.objects("ranges");
        if (items.isEmpty()) {
            pool.missing("ranges", "at least one range required");
        }
        if (items.size() > MAX_RANGES) {
            pool.child("ranges").ifPresent(f -> f.tooMany(items.size(), MAX_RANGES));
            return List.of();
        }
        List<Range> ranges = new ArrayList<>();
        for (Field item : items) {
            item.only(Set.of("subnet", "rangeStart", "rangeEnd", "gateway"));
            Optional<Prefix> subnet = item.requiredCidr("subnet");
            if (subnet.isEmpty()) {
                continue;
            }
            Predicate<Ip> inside = subnet.get()::contains;
            Optional<Ip> first = address(item, "rangeStart", inside, subnet.get());
            Optional<Ip> last = address(item, "rangeEnd", inside, subnet.get());
            if (first.isPresent() && last.isPresent() && first.get().compareTo(last.get()) > 0) {
                item.child("rangeEnd")
                        .ifPresent(f -> f.invalid("must not be before rangeStart " + first.get()));
            }
            ranges.add(
                    new Range(
                            subnet.get(),
                            first,
                            last,
                            address(item, "gateway", inside, subnet.get())));
        }
        return ranges;
    }

    private static Optional<Ip> address(
            Field range, String key, Predicate<Ip> inside, Prefix subnet) {
        Optional<Field> field = range.child(key);
        Optional<Ip> ip = field.flatMap(AgentConfigurationReader::ip);
        if (ip.isPresent() && !inside.test(ip.get())) {
            field.get().invalid("must be inside subnet " + subnet);
            return Optional.empty();
        }
        return ip;
    }

    private static Optional<Ip> ip(Field field) {
        Optional<String> text = field.text();
        Optional<Ip> ip = text.flatMap(Ip::tryParse);
        if (text.isPresent() && ip.isEmpty()) {
            field.invalid("must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
        return ip;
    }

    private static List<Span> excluded(Field pool) {
        List<Field> items = pool.items("exclude");
        if (items.size() > MAX_EXCLUDED) {
            pool.child("exclude").ifPresent(f -> f.tooMany(items.size(), MAX_EXCLUDED));
            return List.of();
        }
        List<Span> spans = new ArrayList<>();
        for (Field item : items) {
            Optional<String> text = item.text();
            Optional<Span> span = text.flatMap(Span::tryParse);
            if (text.isPresent() && span.isEmpty()) {
                item.invalid("must be an address, a CIDR block or FIRST-LAST");
            }
            span.ifPresent(spans::add);
        }
        return spans;
    }

    private static Optional<Duration> duration(Field field) {
        Optional<String> text = field.text();
        Matcher matcher = DURATION.matcher(text.orElse(""));
        if (!matcher.matches()) {
            if (text.isPresent()) {
                field.invalid("must be a number with s, m or h, such as 10m");
            }
            return Optional.empty();
        }
        long number = Long.parseLong(matcher.group(1));
        return Optional.of(
                switch (matcher.group(2)) {
                    case "s" -> Duration.ofSeconds(number);
                    case "m" -> Duration.ofMinutes(number);
                    default -> Duration.ofHours(number);
                });
    }
}
