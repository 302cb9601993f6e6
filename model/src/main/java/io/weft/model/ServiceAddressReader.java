package io.weft.model;

import io.weft.model.Service.Addresses;
import io.weft.model.Service.FamilyPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads where clients find a service. */
final class ServiceAddressReader {
    private static final String ONLY_LOAD_BALANCER =
            "may only be used when `type` is 'LoadBalancer'";
    private static final List<String> POLICIES =
            List.of("PreferDualStack", "RequireDualStack", "SingleStack");

    /** The most addresses that one service may ask for. */
    private static final int MAX_WANTED = 16;

    private final Field root;
    private final Field spec;
    private final ObjectMeta meta;
    private final Service.Type type;
    private final Misfit misfit;

    ServiceAddressReader(
            Field root, Field spec, ObjectMeta meta, Service.Type type, Misfit misfit) {
        this.root = root;
        this.spec = spec;
        this.meta = meta;
        this.type = type;
        this.misfit = misfit;
    }

    Addresses read() {
        List<Field> given = given();
        List<Boolean> families = families();
        FamilyPolicy policy = policy(given.size(), families.size());
        if (type == Service.Type.EXTERNAL_NAME) {
            for (String key : List.of("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")) {
                spec.child(key)
                        .filter(f -> isSet(f.tree()))
                        .ifPresent(f -> f.forbidden("may not be set for ExternalName services"));
            }
        }
        return new Addresses(
                type == Service.Type.EXTERNAL_NAME ? List.of() : cluster(given, families),
                families,
                policy,
                external(),
                loadBalancer(),
                wanted(),
                loadBalancerClass(),
                sourceRanges(),
                externalName());
    }

    private static boolean isSet(Tree tree) {
        return switch (tree) {
            case Tree.Scalar s -> !s.text().isEmpty();
            case Tree.Sequence s -> !s.items().isEmpty();
            case Tree.Mapping ignored -> true;
        };
    }

    // ---- its own addresses

    /** {@return what {@code clusterIPs} holds, or else {@code clusterIP}} */
    private List<Field> given() {
        List<Field> many = spec.items("clusterIPs");
        Optional<String> one = spec.filled("clusterIP");
        if (many.isEmpty()) {
            return spec.child("clusterIP").filter(f -> one.isPresent()).stream().toList();
        }
        if (one.isPresent()
                && many.getFirst().tree() instanceof Tree.Scalar s
                && !s.text().equals(one.get())) {
            spec.child("clusterIPs")
                    .ifPresent(f -> f.invalid("first value must match `clusterIP`"));
        }
        return many;
    }

    private List<Ip> cluster(List<Field> given, List<Boolean> families) {
        Field field = spec.child("clusterIPs").orElse(spec);
        if (given.stream().anyMatch(ServiceReader::isNone)) {
            if (given.size() > 1) {
                field.invalid("'None' must be the first and only value");
            } else if (type.hasNodePorts()) {
                given.getFirst().invalid("may not be set to 'None' for " + type + " services");
            }
            return List.of();
        }
        if (given.size() > 2) {
            field.invalid("may only hold up to 2 values");
        }
        List<Ip> ips = new ArrayList<>();
        boolean twice = false;
        for (int i = 0; i < given.size(); i++) {
            Field item = given.get(i);
            Optional<Ip> ip = item.text(PodReader::notIp).flatMap(Ip::tryParse);
            if (ip.isEmpty()) {
                continue;
            }
            boolean v4 = ip.get().isV4();
            if (i < families.size() && families.get(i) != v4) {
                item.invalid(
                        "expected an IPv%d value as indicated by `ipFamilies[%d]`"
                                .formatted(families.get(i) ? 4 : 6, i));
            }
            twice |= ips.stream().anyMatch(other -> other.isV4() == v4);
            ips.add(ip.get());
        }
        if (twice) {
            field.invalid("may specify no more than one IP for each IP family");
        }
        return ips;
    }

    private List<Boolean> families() {
        List<Boolean> families = new ArrayList<>();
        for (Field item : spec.items("ipFamilies")) {
            Optional<String> text = item.text();
            if (text.isEmpty()) {
                continue;
            }
            boolean v4 = text.get().equals("IPv4");
            if (!v4 && !text.get().equals("IPv6")) {
                item.unsupported(List.of("IPv4", "IPv6"));
            } else if (families.contains(v4)) {
                item.duplicate("");
            } else {
                families.add(v4);
            }
        }
        return families;
    }

    private FamilyPolicy policy(int addresses, int families) {
        Optional<String> text = spec.oneOf("ipFamilyPolicy", POLICIES);
        FamilyPolicy policy =
                switch (text.orElse("")) {
                    case "PreferDualStack" -> FamilyPolicy.PREFER_DUAL;
                    case "RequireDualStack" -> FamilyPolicy.REQUIRE_DUAL;
                    default -> FamilyPolicy.SINGLE;
                };
        Optional<Field> field = spec.child("ipFamilyPolicy");
        if (policy == FamilyPolicy.SINGLE && text.isPresent() && addresses == 2) {
            field.ifPresent(f -> f.invalid(dual("clusterIPs")));
        }
        if (policy == FamilyPolicy.SINGLE
                && families == 2
                && text.isPresent() == field.isPresent()) {
            field.ifPresentOrElse(
                    f -> f.invalid(dual("ipFamilies")),
                    () -> spec.missing("ipFamilyPolicy", dual("ipFamilies")));
        }
        return policy;
    }

    private static String dual(String several) {
        return "must be RequireDualStack or PreferDualStack when multiple '"
                + several
                + "' are specified";
    }

    // ---- addresses from outside

    private List<Ip> external() {
        List<Ip> ips = new ArrayList<>();
        for (Field item : spec.items("externalIPs")) {
            item.text(IpRules::ordinary)
                    .flatMap(Ip::tryParse)
                    .filter(ip -> !ips.contains(ip))
                    .ifPresent(ips::add);
        }
        return ips;
    }

    private List<Ip> loadBalancer() {
        Field status = root.object("status");
        status.only(Set.of("conditions", "loadBalancer"));
        Field balancer = status.object("loadBalancer");
        balancer.only(Set.of("ingress"));
        List<Field> ingress = balancer.objects("ingress");
        if (type != Service.Type.LOAD_BALANCER && !ingress.isEmpty()) {
            balancer.child("ingress")
                    .ifPresent(f ->
                            misfit.forbidden(
                                    f, "may only be used when `spec.type` is 'LoadBalancer'"));
            return List.of();
        }
        List<Ip> ips = new ArrayList<>();
        for (Field item : ingress) {
            item.only(Set.of("hostname", "ip", "ipMode", "ports"));
            Optional<Field> field = item.child("ip");
            Optional<String> text = item.filled("ip");
            String mode = item.oneOf("ipMode", List.of("Proxy", "VIP")).orElse("VIP");
            if (text.isEmpty()) {
                item.child("ipMode")
                        .ifPresent(f -> f.forbidden("may not be specified when `ip` is not set"));
                continue;
            }
            field.filter(f -> f.ok(PodReader.notIp(text.get())))
                    .flatMap(f -> Ip.tryParse(text.get()))
                    .filter(ip -> mode.equals("VIP") && !ips.contains(ip))
                    .ifPresent(ips::add);
        }
        return ips;
    }

    private List<Ip> wanted() {
        Optional<Field> one =
                spec.child("loadBalancerIP").filter(f -> spec.filled("loadBalancerIP").isPresent());
        Optional<Field> many =
                Optional.ofNullable(meta.annotations().get(Annotation.LOAD_BALANCER_IPS));
        if (type != Service.Type.LOAD_BALANCER) {
            one.ifPresent(f -> f.warn("means nothing here; `type` is '" + type + "'"));
            many.ifPresent(f -> f.warn("means nothing here; `type` is '" + type + "'"));
            return List.of();
        }
        Optional<Ip> single = one.flatMap(f -> f.text(IpRules::ordinary)).flatMap(Ip::tryParse);
        List<Ip> listed = many.map(ServiceAddressReader::listed).orElse(List.of());
        if (single.isPresent() && !listed.isEmpty() && !listed.contains(single.get())) {
            one.get().invalid("is not in annotation weft.io/load-balancer-ips; leave one out");
        }
        return listed.isEmpty() ? single.stream().toList() : listed;
    }

    private static List<Ip> listed(Field field) {
        List<Ip> ips = new ArrayList<>();
        for (String part : field.text().orElse("").split(",", -1)) {
            Optional<String> wrong = IpRules.ordinary(part.strip());
            if (wrong.isPresent()) {
                field.invalid("\"" + Tree.shown(part.strip()) + "\" " + wrong.get());
                return List.of();
            }
            Ip ip = Ip.parse(part.strip());
            if (ips.contains(ip)) {
                field.duplicate(ip + " is there twice");
            } else {
                ips.add(ip);
            }
        }
        if (ips.size() > MAX_WANTED) {
            field.tooMany(ips.size(), MAX_WANTED);
        }
        return ips;
    }

    private Optional<String> loadBalancerClass() {
        Optional<Field> field = spec.child("loadBalancerClass");
        if (type != Service.Type.LOAD_BALANCER) {
            field.ifPresent(f -> misfit.forbidden(f, ONLY_LOAD_BALANCER));
            return Optional.empty();
        }
        return field.flatMap(f -> f.text(Names::labelKey));
    }

    private List<Prefix> sourceRanges() {
        List<Field> items = spec.items("loadBalancerSourceRanges");
        if (type != Service.Type.LOAD_BALANCER && !items.isEmpty()) {
            spec.child("loadBalancerSourceRanges")
                    .ifPresent(f -> misfit.forbidden(f, ONLY_LOAD_BALANCER));
            return List.of();
        }
        List<Prefix> ranges = new ArrayList<>();
        items.forEach(item -> item.paddedCidr().ifPresent(ranges::add));
        return ranges;
    }

    private String externalName() {
        String name = spec.filled("externalName").orElse("");
        if (type != Service.Type.EXTERNAL_NAME) {
            spec.child("externalName")
                    .filter(f -> !name.isEmpty())
                    .ifPresent(f -> f.warn("means nothing here; `type` is '" + type + "'"));
            return "";
        }
        String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        if (bare.isEmpty()) {
            spec.missing("externalName", "");
            return "";
        }
        spec.child("externalName").ifPresent(f -> f.ok(Names.dnsSubdomain(bare)));
        return name;
    }
}
