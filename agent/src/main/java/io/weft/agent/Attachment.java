package io.weft.agent;

import com.fasterxml.jackson.jr.ob.JSON;
import com.fasterxml.jackson.jr.ob.JSONObjectException;
import io.weft.cni.AttachmentId;
import io.weft.model.Bandwidth;
import io.weft.model.Ip;
import io.weft.model.Labels;
import io.weft.model.Pod.HostPort;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A container's interface as the agent remembers it: enough to undo it without the container, its
 * namespace or its config, and to find it again after a restart.
 *
 * @param network of the config that it came by
 * @param pod whose policies hold for it
 * @param podUid empty: the runtime did not say
 * @param labels as the runtime and the config told
 * @param ips one of each family at most, IPv4 first
 * @param kind how it is attached
 * @param leased whether the addresses are of the agent's own pools
 * @param hostInterface name of the interface where the programs are; of a macvlan its alias
 * @param namespace a path of its namespace, which may be gone
 * @param mtu bytes; 0: the kernel's own
 * @param bandwidth that the runtime asked for
 * @param hostPorts likewise
 * @param bootId of the machine's run in which it was made
 * @param delegated other plugins that took part, to undo theirs
 */
record Attachment(
        AttachmentId id,
        String network,
        Ref pod,
        String podUid,
        Labels labels,
        List<Ip> ips,
        InterfaceKind kind,
        boolean leased,
        String hostInterface,
        String namespace,
        int mtu,
        Bandwidth bandwidth,
        List<HostPort> hostPorts,
        String bootId,
        List<Delegated> delegated) {
    /**
     * Another plugin that was called.
     *
     * @param config that it got
     * @param args CNI_ARGS
     * @param path CNI_PATH
     */
    record Delegated(String type, String config, String args, String path) {
        private Map<String, Object> json() {
            return Map.of("type", type, "config", config, "args", args, "path", path);
        }

        private static Delegated of(Map<String, Object> json) {
            return new Delegated(
                    text(json, "type"),
                    text(json, "config"),
                    text(json, "args"),
                    text(json, "path"));
        }
    }

    Attachment {
        ips = List.copyOf(ips);
        hostPorts = List.copyOf(hostPorts);
        delegated = List.copyOf(delegated);
    }

    byte[] toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("container", id.containerId());
        json.put("interface", id.ifname());
        json.put("network", network);
        json.put("podNamespace", pod.namespace());
        json.put("podName", pod.name());
        json.put("podUid", podUid);
        json.put("labels", labels.asMap());
        json.put("ips", ips.stream().map(Ip::toString).toList());
        json.put("kind", kind.toString());
        json.put("leased", leased);
        json.put("hostInterface", hostInterface);
        json.put("namespace", namespace);
        json.put("mtu", mtu);
        json.put("ingress", limit(bandwidth.ingress()));
        json.put("egress", limit(bandwidth.egress()));
        json.put("hostPorts", hostPorts.stream().map(Attachment::hostPort).toList());
        json.put("bootId", bootId);
        json.put("delegated", delegated.stream().map(Delegated::json).toList());
        try {
            return JSON.std.asBytes(json);
        } catch (IOException e) {
            throw new UncheckedIOException("attachment " + id, e);
        }
    }

    /**
     * @throws IllegalArgumentException when it is none
     */
    static Attachment parse(byte[] bytes) {
        try {
            Map<String, Object> json = JSON.std.mapFrom(bytes);
            return new Attachment(
                    new AttachmentId(text(json, "container"), text(json, "interface")),
                    text(json, "network"),
                    Ref.pod(text(json, "podNamespace"), text(json, "podName")),
                    text(json, "podUid"),
                    Labels.of(texts(json, "labels")),
                    json.get("ips") instanceof List<?> list
                            ? list.stream().map(ip -> Ip.parse(ip.toString())).toList()
                            : List.of(),
                    kind(json),
                    Boolean.TRUE.equals(json.get("leased")),
                    text(json, "hostInterface"),
                    text(json, "namespace"),
                    json.get("mtu") instanceof Number mtu ? mtu.intValue() : 0,
                    new Bandwidth(limit(json.get("ingress")), limit(json.get("egress"))),
                    hostPorts(json.get("hostPorts")),
                    text(json, "bootId"),
                    delegated(json.get("delegated")));
        } catch (JSONObjectException e) {
            throw new IllegalArgumentException("not an attachment: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("not an attachment", e);
        }
    }

    private static List<Long> limit(Optional<Bandwidth.Limit> limit) {
        return limit.map(l -> List.of(l.rate(), l.burst())).orElse(List.of());
    }

    private static Optional<Bandwidth.Limit> limit(@Nullable Object json) {
        return json instanceof List<?> list
                        && list.size() == 2
                        && list.get(0) instanceof Number rate
                        && list.get(1) instanceof Number burst
                ? Optional.of(new Bandwidth.Limit(rate.longValue(), burst.longValue()))
                : Optional.empty();
    }

    private static Map<String, Object> hostPort(HostPort port) {
        return Map.of(
                "ip", port.ip().map(Ip::toString).orElse(""),
                "number", port.number(),
                "protocol", port.protocol().toString(),
                "target", port.target());
    }

    private static List<HostPort> hostPorts(@Nullable Object json) {
        List<HostPort> ports = new ArrayList<>();
        if (json instanceof List<?> list) {
            for (Object item : list) {
                if (item instanceof Map<?, ?> map
                        && map.get("number") instanceof Number number
                        && map.get("target") instanceof Number target) {
                    ports.add(
                            new HostPort(
                                    Ip.tryParse(String.valueOf(map.get("ip"))),
                                    number.intValue(),
                                    Protocol.valueOf(String.valueOf(map.get("protocol"))),
                                    target.intValue()));
                }
            }
        }
        return ports;
    }

    private static List<Delegated> delegated(@Nullable Object list) {
        List<Delegated> delegated = new ArrayList<>();
        if (list instanceof List<?> items) {
            for (Object item : items) {
                if (item instanceof Map<?, ?> map) {
                    Map<String, Object> json = new LinkedHashMap<>();
                    map.forEach((key, value) -> json.put(String.valueOf(key), value));
                    delegated.add(Delegated.of(json));
                }
            }
        }
        return delegated;
    }

    private static InterfaceKind kind(Map<String, Object> json) {
        return InterfaceKind.tryParse(text(json, "kind"))
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "not an attachment: of an unknown kind " + json.get("kind")));
    }

    private static String text(Map<String, Object> json, String key) {
        if (json.get(key) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("not an attachment: it has no text '" + key + "'");
    }

    private static Map<String, String> texts(Map<String, Object> json, String key) {
        Map<String, String> texts = new LinkedHashMap<>();
        if (json.get(key) instanceof Map<?, ?> map) {
            map.forEach((name, value) -> texts.put(String.valueOf(name), String.valueOf(value)));
        }
        return texts;
    }
}
