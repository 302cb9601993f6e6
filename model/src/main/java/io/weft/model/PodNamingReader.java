package io.weft.model;

import io.weft.model.Pod.DnsPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads how a pod is called, and how it asks for names. */
final class PodNamingReader {
    private static final List<String> POLICIES =
            List.of("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None");
    private static final int MAX_NAMESERVERS = 3;
    private static final int MAX_SEARCHES = 32;
    private static final int MAX_SEARCH_CHARS = 2048;

    private PodNamingReader() {}

    static Pod.Naming read(Field spec) {
        DnsPolicy policy =
                switch (spec.oneOf("dnsPolicy", POLICIES).orElse("")) {
                    case "Default" -> DnsPolicy.DEFAULT;
                    case "None" -> DnsPolicy.NONE;
                    default -> DnsPolicy.CLUSTER_FIRST;
                };
        Field config = spec.object("dnsConfig");
        config.only(Set.of("nameservers", "searches", "options"));
        List<Field> nameservers = config.items("nameservers");
        if (policy == DnsPolicy.NONE && !spec.has("dnsConfig")) {
            spec.missing("dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None");
        } else if (policy == DnsPolicy.NONE && nameservers.isEmpty()) {
            config.missing(
                    "nameservers",
                    "must provide at least one DNS nameserver when `dnsPolicy` is None");
        }
        return new Pod.Naming(
                label(spec, "hostname"),
                label(spec, "subdomain"),
                policy,
                nameservers(config, nameservers),
                searches(config),
                options(config),
                spec.flag("enableServiceLinks", true));
    }

    private static String label(Field spec, String key) {
        String text = spec.filled(key).orElse("");
        if (!text.isEmpty()) {
            spec.child(key).ifPresent(f -> f.ok(Names.dnsLabel(text)));
        }
        return text;
    }

    private static List<Ip> nameservers(Field config, List<Field> items) {
        List<Ip> ips = new ArrayList<>();
        if (items.size() > MAX_NAMESERVERS) {
            config.child("nameservers")
                    .ifPresent(f ->
                            f.invalid(
                                    "must not have more than " + MAX_NAMESERVERS + " nameservers"));
        }
        for (Field item : items) {
            item.text(PodReader::notIp).flatMap(Ip::tryParse).ifPresent(ips::add);
        }
        return ips;
    }

    private static List<String> searches(Field config) {
        List<String> searches = new ArrayList<>();
        for (Field item : config.items("searches")) {
            item.text(PodNamingReader::notSearch).ifPresent(searches::add);
        }
        Optional<Field> field = config.child("searches");
        if (searches.size() > MAX_SEARCHES) {
            field.ifPresent(
                    f -> f.invalid("must not have more than " + MAX_SEARCHES + " search paths"));
        }
        if (String.join(" ", searches).length() > MAX_SEARCH_CHARS) {
            field.ifPresent(f ->
                    f.invalid(
                            "must not have more than "
                                    + MAX_SEARCH_CHARS
                                    + " characters (including spaces) in the search list"));
        }
        return searches;
    }

    /** A domain: rooted or not, with underscores or not, or the root itself (KEP-4427). */
    private static Optional<String> notSearch(String text) {
        if (text.equals(".")) {
            return Optional.empty();
        }
        String domain = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        return Names.dnsSubdomain(domain.replace('_', 'a'));
    }

    private static List<String> options(Field config) {
        List<String> options = new ArrayList<>();
        for (Field item : config.objects("options")) {
            item.only(Set.of("name", "value"));
            String name = item.requiredText("name", "must not be empty", PodNamingReader::notWord);
            Optional<String> value =
                    item.child("value").flatMap(f -> f.text(PodNamingReader::notWord));
            options.add(name + value.map(v -> ":" + v).orElse(""));
        }
        return options;
    }

    /** A line of resolv.conf holds them, with blanks between. */
    private static Optional<String> notWord(String text) {
        return text.chars().allMatch(c -> c > 32 && c < 127)
                ? Optional.empty()
                : Optional.of("must be printable ASCII without blanks");
    }
}
