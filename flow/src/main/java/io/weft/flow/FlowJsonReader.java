package io.weft.flow;

import com.fasterxml.jackson.jr.ob.JSON;
import io.weft.model.Entity;
import io.weft.model.Ip;
import io.weft.model.Labels;
import io.weft.model.Ref;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads flows that {@link FlowJson} wrote, one JSON object a line, and those of {@code hubble
 * observe -o json} too, bare or inside {@code {"flow": …}}. Replies are not flows, nor are layer 7
 * records, drops that policy did not make and packets of an unknown protocol: they are passed over.
 */
public final class FlowJsonReader {
    private static final int MAX_LINE = 1 << 20;

    private final String file;
    private final FlowHistory.Builder history;
    private int line;

    private FlowJsonReader(String file, Optional<Instant> since) {
        this.file = file;
        this.history = new FlowHistory.Builder(since);
    }

    /**
     * @param file its name in messages
     * @param since nothing older counts
     * @throws FlowFileException naming the line that is no flow, and the field that is wrong
     */
    public static FlowHistory read(String file, BufferedReader in, Optional<Instant> since) {
        FlowJsonReader reader = new FlowJsonReader(file, since);
        try {
            for (String text = in.readLine(); text != null; text = in.readLine()) {
                reader.line++;
                if (!text.isBlank()) {
                    reader.read(text);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("read " + file, e);
        }
        return reader.history.build();
    }

    private void read(String text) {
        Map<String, Object> object;
        try {
            if (text.length() > MAX_LINE) {
                throw wrong("", "longer than " + MAX_LINE + " characters");
            }
            object = JSON.std.mapFrom(text);
        } catch (IOException e) {
            throw wrong("", "not a JSON object");
        }
        Map<?, ?> flow = map(object.get("flow")).orElse(object);
        Optional<Map<?, ?>> lost = map(object.get("lost_events"));
        if (lost.isPresent()) {
            history.lost(number(lost.get().get("num_events_lost"), "lost_events.num_events_lost"));
        } else if (!flow.containsKey("verdict")) {
            throw wrong("verdict", "missing: this is no flow of 'observe -o json'");
        } else if (map(flow.get("IP")).isPresent()) {
            flow(flow, map(flow.get("IP")).get());
        }
    }

    private void flow(Map<?, ?> flow, Map<?, ?> ip) {
        Optional<Boolean> passed = passed(flow);
        Optional<Map<?, ?>> l4 = map(flow.get("l4"));
        if (passed.isEmpty()
                || Boolean.TRUE.equals(flow.get("is_reply"))
                || "L7".equals(flow.get("Type"))
                || "dropped".equals(flow.get("event"))) {
            return;
        }
        int protocol = -1; // not said
        int sourcePort = 0;
        int port = 0;
        if (l4.isPresent() && !l4.get().isEmpty()) {
            Map.Entry<?, ?> only = l4.get().entrySet().iterator().next();
            String name = String.valueOf(only.getKey());
            protocol =
                    Protocols.number(name)
                            .orElseThrow(() -> wrong("l4." + name, "unknown protocol"));
            Map<?, ?> fields = map(only.getValue()).orElse(Map.of());
            if (Protocols.hasPorts(protocol)) {
                sourcePort = port(fields, "l4." + name + ".source_port", "source_port");
                port = port(fields, "l4." + name + ".destination_port", "destination_port");
            } else if (fields.containsKey("type")) {
                port = (int) number(fields.get("type"), "l4." + name + ".type");
            }
        } else if (flow.containsKey("ip_protocol")) {
            protocol = (int) number(flow.get("ip_protocol"), "ip_protocol");
        }
        if (protocol < 0) {
            return;
        }
        history.add(
                new FlowHistory.Event(
                        time(flow.get("time")),
                        party(flow, ip, "source"),
                        sourcePort,
                        party(flow, ip, "destination"),
                        protocol,
                        port,
                        passed.get(),
                        "opened".equals(flow.get("event"))));
    }

    /** {@return whether it passed; nothing when no policy said so} */
    private Optional<Boolean> passed(Map<?, ?> flow) {
        String verdict = String.valueOf(flow.get("verdict"));
        return switch (verdict) {
            // REDIRECTED: to a proxy, as layer 7 rules have it
            case "FORWARDED", "AUDIT", "REDIRECTED" -> Optional.of(true);
            case "DROPPED" -> {
                String reason = String.valueOf(flow.get("drop_reason_desc"));
                yield reason.equals("POLICY_DENIED") || reason.equals("POLICY_DENY")
                        ? Optional.of(false)
                        : Optional.empty();
            }
            case "VERDICT_UNKNOWN", "ERROR", "TRACED", "TRANSLATED" -> Optional.empty();
            default -> throw wrong("verdict", "unknown verdict '" + verdict + "'");
        };
    }

    private Instant time(@Nullable Object value) {
        try {
            return OffsetDateTime.parse(String.valueOf(value)).toInstant();
        } catch (DateTimeException e) {
            throw wrong("time", "'" + value + "' is no RFC 3339 time");
        }
    }

    private FlowParty party(Map<?, ?> flow, Map<?, ?> ips, String side) {
        Ip ip =
                Ip.tryParse(String.valueOf(ips.get(side)))
                        .orElseThrow(
                                () -> wrong("IP." + side, "'" + ips.get(side) + "' is no address"));
        Map<?, ?> end = map(flow.get(side)).orElse(Map.of());
        List<String> labels =
                end.get("labels") instanceof List<?> list
                        ? list.stream().map(String::valueOf).toList()
                        : List.of();
        if (end.get("pod_name") instanceof String pod && !pod.isEmpty()) {
            String namespace = String.valueOf(end.get("namespace"));
            return new FlowParty.OfPod(
                    new NamedPod(Ref.pod(namespace, pod), podLabels(labels)), ip);
        }
        return labels.stream()
                .filter(label -> label.startsWith("reserved:"))
                .map(label -> Entity.tryParse(label.substring("reserved:".length())))
                .flatMap(Optional::stream)
                .filter(entity -> !isOutside(entity))
                .findFirst()
                .<FlowParty>map(entity -> new FlowParty.OfEntity(entity, ip))
                .orElseGet(() -> new FlowParty.OfAddress(ip));
    }

    private static boolean isOutside(Entity entity) {
        return entity == Entity.WORLD || entity == Entity.WORLD_IPV4 || entity == Entity.WORLD_IPV6;
    }

    /** {@return those of Kubernetes, but for what Cilium adds about namespace and cluster} */
    private static Labels podLabels(List<String> labels) {
        Map<String, String> own = new TreeMap<>();
        for (String label : labels) {
            int equals = label.indexOf('=');
            if (label.startsWith("k8s:") && equals > 0) {
                String key = label.substring("k8s:".length(), equals);
                if (!key.startsWith("io.kubernetes.pod.") && !key.startsWith("io.cilium.k8s.")) {
                    own.put(key, label.substring(equals + 1));
                }
            }
        }
        return Labels.of(own);
    }

    private int port(Map<?, ?> fields, String path, String name) {
        long number = fields.containsKey(name) ? number(fields.get(name), path) : 0;
        if (number > 65535) {
            throw wrong(path, number + " is no port");
        }
        return (int) number;
    }

    /** 64-bit numbers are texts in the JSON of protocol buffers. */
    private long number(@Nullable Object value, String path) {
        String text = String.valueOf(value);
        if (!text.matches("[0-9]{1,9}")) {
            throw wrong(path, "'" + text + "' is no number from 0 to 999999999");
        }
        return Long.parseLong(text);
    }

    private static Optional<Map<?, ?>> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? Optional.of(map) : Optional.empty();
    }

    private FlowFileException wrong(String path, String reason) {
        return new FlowFileException(
                file + ":" + line + ": " + (path.isEmpty() ? "" : path + ": ") + reason);
    }
}
