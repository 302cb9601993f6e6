package io.weft.flow;

import io.weft.model.Ip;
import io.weft.model.Ref;
import io.weft.tables.Direction;
import io.weft.tables.EventType;
import io.weft.tables.Identities;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A flow as a JSON object. Where {@code hubble observe -o jsonpb} has a field (flow.proto), name
 * and values are its; {@code ip_protocol}, {@code event}, {@code reason}, {@code rule}, {@code
 * rule_side}, {@code rule_source}, {@code observer}, {@code revision}, {@code duration_ns}, {@code
 * packets} and {@code bytes} are Weft's own. Numbers are JSON numbers.
 *
 * <pre>{@code
 * {"time":"2026-01-31T12:03:04.567Z","verdict":"DROPPED","drop_reason_desc":"POLICY_DENIED",
 *  "IP":{"source":"10.0.0.1","destination":"10.0.0.2","ipVersion":"IPv4"},
 *  "l4":{"TCP":{"source_port":43512,"destination_port":8080}},
 *  "source":{"identity":256,"namespace":"shop","labels":["k8s:app=web"],"pod_name":"web"},
 *  "destination":{…},"Type":"L3_L4","traffic_direction":"INGRESS","is_reply":false,
 *  "event_type":{"type":5},"event":"denied","reason":"policy-ingress",
 *  "rule":"no ingress rule allows it: …","rule_side":"ingress","rule_source":"policies.yaml:12",…}
 * }</pre>
 */
public final class FlowJson {
    // Cilium's pkg/monitor/api: MessageTypeDrop, MessageTypeTrace, MessageTypePolicyVerdict
    private static final int MONITOR_DROP = 1;
    private static final int MONITOR_TRACE = 4;
    private static final int MONITOR_POLICY_VERDICT = 5;

    private FlowJson() {}

    /** {@return the object, of maps, lists, strings, numbers and booleans, in a fixed order} */
    public static Map<String, Object> object(Flow flow) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("time", flow.time().toString());
        json.put("verdict", flow.verdict().name());
        if (flow.verdict() == FlowVerdict.DROPPED) {
            dropReason(flow).ifPresent(reason -> json.put("drop_reason_desc", reason));
        }
        if (flow.isIp()) {
            json.put("IP", ip(flow));
            Optional<Map<String, Object>> l4 = l4(flow);
            json.put(
                    l4.isPresent() ? "l4" : "ip_protocol",
                    l4.<Object>map(l -> l).orElse(flow.protocol()));
        }
        json.put("source", end(flow.source()));
        json.put("destination", end(flow.destination()));
        json.put("Type", "L3_L4");
        json.put(
                "traffic_direction",
                flow.direction().map(Direction::name).orElse("TRAFFIC_DIRECTION_UNKNOWN"));
        json.put("is_reply", false); // the source is always the opener
        json.put("event_type", Map.of("type", monitorType(flow.type())));
        json.put("event", FlowText.type(flow.type()));
        json.put("reason", flow.reason().toString());
        flow.rule()
                .ifPresent(rule -> {
                    json.put("rule", rule.text());
                    json.put("rule_side", rule.side().toString());
                    rule.source().ifPresent(s -> json.put("rule_source", s.toString()));
                });
        flow.observer().map(Ref::path).ifPresent(path -> json.put("observer", path));
        json.put("revision", Integer.toUnsignedLong(flow.revision()));
        flow.duration().ifPresent(duration -> json.put("duration_ns", duration.toNanos()));
        Traffic traffic = flow.traffic();
        if (traffic.packets() > 0) {
            json.put("packets", bothWays(traffic.sourcePackets(), traffic.destinationPackets()));
            json.put("bytes", bothWays(traffic.sourceBytes(), traffic.destinationBytes()));
        }
        return json;
    }

    /** {@return what stands for flows that the reader was too slow for} */
    public static Map<String, Object> lost(long count) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("source", "HUBBLE_RING_BUFFER");
        event.put("num_events_lost", count);
        return Map.of("lost_events", event);
    }

    private static Map<String, Object> ip(Flow flow) {
        Ip source = flow.source().ip();
        Map<String, Object> ip = new LinkedHashMap<>();
        ip.put("source", source.toString());
        ip.put("destination", flow.destination().ip().toString());
        ip.put("ipVersion", source.isV4() ? "IPv4" : "IPv6");
        return ip;
    }

    private static Optional<Map<String, Object>> l4(Flow flow) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (flow.hasPorts()) {
            fields.put("source_port", flow.source().port());
            fields.put("destination_port", flow.destination().port());
        } else if (Protocols.isIcmp(flow.protocol())) {
            fields.put("type", flow.icmpType());
        } else {
            return Optional.empty();
        }
        return Optional.of(Map.of(flow.protocolName(), fields));
    }

    private static Map<String, Object> end(FlowEnd end) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("identity", Integer.toUnsignedLong(end.identity()));
        if (end.pod().isPresent()) {
            NamedPod pod = end.pod().get();
            json.put("namespace", pod.ref().namespace());
            json.put(
                    "labels",
                    pod.labels().asMap().entrySet().stream()
                            .map(label -> "k8s:" + label.getKey() + "=" + label.getValue())
                            .toList());
            json.put("pod_name", pod.ref().name());
        } else if (end.identity() == Identities.HOST) {
            json.put("labels", List.of("reserved:host"));
        } else if (end.identity() == Identities.WORLD) {
            json.put("labels", List.of("reserved:world"));
        }
        return json;
    }

    private static Map<String, Object> bothWays(long source, long destination) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("source", source);
        json.put("destination", destination);
        return json;
    }

    private static int monitorType(EventType type) {
        return switch (type) {
            case OPENED, DENIED, CHANGED, AUDIT -> MONITOR_POLICY_VERDICT;
            case CLOSED -> MONITOR_TRACE;
            case DROPPED -> MONITOR_DROP;
        };
    }

    /** {@return the name in Hubble's {@code enum DropReason} that comes nearest} */
    private static Optional<String> dropReason(Flow flow) {
        return Optional.of(
                        switch (flow.reason()) {
                            case FORWARDED -> "";
                            case NO_WORKLOAD -> "NO_MATCHING_LOCAL_CONTAINER_FOUND";
                            case MALFORMED -> "INVALID_PACKET_DROPPED";
                            case ETHERTYPE -> "UNSUPPORTED_L3_PROTOCOL";
                            case EXTENSION_HEADERS -> "INVALID_IPV6_EXTENSION_HEADER";
                            case SPOOFED -> "INVALID_SOURCE_IP";
                            case POLICY_EGRESS, POLICY_INGRESS -> "POLICY_DENIED";
                            case FRAGMENT -> "FIRST_LOGICAL_DATAGRAM_FRAGMENT_NOT_FOUND";
                            case DESTINATION -> "UNKNOWN_L3_TARGET_ADDRESS";
                            case CONNECTIONS_FULL -> "CT_MAP_INSERTION_FAILED";
                            case NEIGHBOUR ->
                                    flow.protocol() == Protocols.ICMPV6
                                            ? "FORBIDDEN_ICMPV6_MESSAGE"
                                            : "DROP_REASON_UNKNOWN";
                            case NO_ENDPOINT, NO_LOCAL_ENDPOINT, NO_SERVICE ->
                                    "SERVICE_BACKEND_NOT_FOUND";
                            case SOURCE_RANGE -> "NOT_IN_SRC_RANGE";
                            case MASQUERADE -> "NO_MAPPING_FOR_NAT_MASQUERADE";
                            case TOO_BIG -> "IP_FRAGMENTATION_NOT_SUPPORTED";
                            case TRANSLATION -> "UNKNOWN_CONNECTION_TRACKING_STATE";
                        })
                .filter(name -> !name.isEmpty());
    }
}
