package io.weft.model;

import io.weft.model.Service.Balancing;
import io.weft.model.Service.Distribution;
import io.weft.model.Service.Forwarding;
import io.weft.model.Service.Routing;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads how traffic reaches the backends of a service. */
final class ServiceRoutingReader {
    private static final List<String> TRAFFIC_POLICIES = List.of("Cluster", "Local");
    private static final int DEFAULT_AFFINITY_SECONDS = 10_800;
    private static final int MAX_AFFINITY_SECONDS = 86_400;

    private ServiceRoutingReader() {}

    static Routing read(
            Field spec,
            ObjectMeta meta,
            Service.Type type,
            Service.Addresses addresses,
            Misfit misfit) {
        boolean externalLocal = externalLocal(spec, type, addresses, misfit);
        spec.flag("allocateLoadBalancerNodePorts");
        spec.child("allocateLoadBalancerNodePorts")
                .filter(f -> type != Service.Type.LOAD_BALANCER)
                .ifPresent(
                        f -> misfit.forbidden(f, "may only be used when `type` is 'LoadBalancer'"));
        boolean needsHealthCheck = type == Service.Type.LOAD_BALANCER && externalLocal;
        return new Routing(
                affinity(spec, misfit),
                spec.oneOf("internalTrafficPolicy", TRAFFIC_POLICIES)
                        .filter("Local"::equals)
                        .isPresent(),
                externalLocal,
                healthCheckNodePort(spec, needsHealthCheck, misfit),
                distribution(spec),
                spec.flag("publishNotReadyAddresses"),
                meta.annotation(Annotation.LOAD_BALANCING).filter("maglev"::equals).isPresent()
                        ? Balancing.MAGLEV
                        : Balancing.RANDOM,
                meta.annotation(Annotation.FORWARDING_MODE).filter("dsr"::equals).isPresent()
                        ? Forwarding.DSR
                        : Forwarding.SNAT,
                meta.annotation(Annotation.TERMINATE_CONNECTIONS)
                        .filter("true"::equals)
                        .isPresent());
    }

    private static boolean externalLocal(
            Field spec, Service.Type type, Service.Addresses addresses, Misfit misfit) {
        Optional<String> policy = spec.oneOf("externalTrafficPolicy", TRAFFIC_POLICIES);
        boolean external =
                type.hasNodePorts()
                        || (type == Service.Type.CLUSTER_IP && !addresses.external().isEmpty());
        if (policy.isPresent() && !external) {
            spec.child("externalTrafficPolicy")
                    .ifPresent(f ->
                            misfit.invalid(
                                    f, "may only be set for externally-accessible services"));
            return false;
        }
        return policy.filter("Local"::equals).isPresent();
    }

    private static OptionalInt healthCheckNodePort(Field spec, boolean needed, Misfit misfit) {
        OptionalInt number = spec.integer("healthCheckNodePort");
        if (number.isEmpty() || number.getAsInt() == 0) {
            return OptionalInt.empty();
        }
        Field field = spec.child("healthCheckNodePort").orElse(spec);
        if (!needed) {
            misfit.invalid(
                    field,
                    "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is"
                            + " 'Local'");
            return OptionalInt.empty();
        }
        return field.ok(Names.portNumber(number.getAsInt())) ? number : OptionalInt.empty();
    }

    private static Optional<Duration> affinity(Field spec, Misfit misfit) {
        boolean sticky =
                spec.oneOf("sessionAffinity", List.of("ClientIP", "None"))
                        .filter("ClientIP"::equals)
                        .isPresent();
        Field config = spec.object("sessionAffinityConfig");
        config.only(Set.of("clientIP"));
        if (!sticky) {
            spec.child("sessionAffinityConfig")
                    .ifPresent(f ->
                            misfit.forbidden(f, "must not be set when session affinity is None"));
            return Optional.empty();
        }
        Field client = config.object("clientIP");
        client.only(Set.of("timeoutSeconds"));
        int seconds = client.integer("timeoutSeconds").orElse(DEFAULT_AFFINITY_SECONDS);
        if (seconds < 1 || seconds > MAX_AFFINITY_SECONDS) {
            client.child("timeoutSeconds")
                    .ifPresent(f ->
                            f.invalid(
                                    "must be greater than 0 and less than "
                                            + MAX_AFFINITY_SECONDS));
        }
        return Optional.of(Duration.ofSeconds(seconds));
    }

    private static Distribution distribution(Field spec) {
        List<String> supported = List.of("PreferClose", "PreferSameNode", "PreferSameZone");
        return switch (spec.oneOf("trafficDistribution", supported).orElse("")) {
            case "PreferClose", "PreferSameZone" -> Distribution.PREFER_SAME_ZONE;
            case "PreferSameNode" -> Distribution.PREFER_SAME_NODE;
            default -> Distribution.ANY;
        };
    }
}
