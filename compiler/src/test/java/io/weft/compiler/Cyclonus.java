package io.weft.compiler;

import com.fasterxml.jackson.jr.ob.JSON;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.LabelSelector;
import io.weft.model.LabelSelector.Operator;
import io.weft.model.LabelSelector.Requirement;
import io.weft.model.Labels;
import io.weft.model.Namespace;
import io.weft.model.NetworkPolicy;
import io.weft.model.Pod;
import io.weft.model.Prefix;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Snapshot;
import io.weft.model.Source;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/** Reads the recorded cases of github.com/mattfenwick/cyclonus: worlds and expected verdicts. */
public final class Cyclonus {
    private Cyclonus() {}

    public record Case(int number, String description, List<Step> steps) {}

    public record Step(Snapshot snapshot, List<Expected> expected) {}

    public record Expected(
            Ref from, Ref to, Protocol protocol, int port, boolean egress, boolean ingress) {}

    /** {@return the folder of conformance data, which may not exist} */
    public static Path folder() {
        String named = System.getenv("WEFT_CONFORMANCE");
        named = named != null ? named : System.getProperty("weft.conformance");
        return named != null
                ? Path.of(named)
                : Path.of(System.getProperty("weft.root", "..")).resolve("../shared/conformance");
    }

    public static void forEach(Path file, Consumer<Case> action) {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                new XZInputStream(Files.newInputStream(file)),
                                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                action.accept(testCase(JSON.std.mapFrom(line)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static Case testCase(Map<String, Object> json) {
        List<Step> steps = new ArrayList<>();
        for (Map<String, Object> step : maps(json.get("steps"))) {
            steps.add(new Step(snapshot(step), expected(step)));
        }
        return new Case(number(json, "n"), String.valueOf(json.get("description")), steps);
    }

    private static Snapshot snapshot(Map<String, Object> step) {
        List<Resource> all = new ArrayList<>();
        map(step.get("namespaces"))
                .forEach((name, labels) ->
                        all.add(new Namespace(name, labels(labels), Source.NONE)));
        for (Map<String, Object> pod : maps(step.get("pods"))) {
            List<Pod.ContainerPort> ports = new ArrayList<>();
            for (Map<String, Object> port : maps(pod.get("ports"))) {
                ports.add(
                        new Pod.ContainerPort(
                                text(port, "name"), protocol(port), number(port, "containerPort")));
            }
            all.add(
                    new Pod(
                            Ref.pod(text(pod, "namespace"), text(pod, "name")),
                            labels(pod.get("labels")),
                            List.of(Ip.parse(text(pod, "ip"))),
                            ports,
                            List.of(),
                            false,
                            false,
                            Source.NONE));
        }
        maps(step.get("policies")).forEach(policy -> all.add(policy(policy)));
        return Snapshot.of(all);
    }

    private static List<Expected> expected(Map<String, Object> step) {
        List<Expected> all = new ArrayList<>();
        for (Object row : list(step.get("expect"))) {
            List<Object> cells = list(row);
            all.add(
                    new Expected(
                            pod(cells.get(0)),
                            pod(cells.get(1)),
                            Protocol.tryParse((String) cells.get(2)).orElseThrow(),
                            (Integer) cells.get(3),
                            (Boolean) cells.get(5),
                            (Boolean) cells.get(6)));
        }
        return all;
    }

    private static Ref pod(Object path) {
        String text = (String) path;
        int slash = text.indexOf('/');
        return Ref.pod(text.substring(0, slash), text.substring(slash + 1));
    }

    private static NetworkPolicy policy(Map<String, Object> json) {
        Map<String, Object> meta = map(json.get("metadata"));
        Map<String, Object> spec = map(json.get("spec"));
        List<Object> types = list(spec.get("policyTypes"));
        List<NetworkPolicy.Rule> egress = rules(spec.get("egress"), "to");
        return new NetworkPolicy(
                new Ref(Kind.NETWORK_POLICY, text(meta, "namespace"), text(meta, "name")),
                selector(spec.get("podSelector")),
                types.isEmpty() || types.contains("Ingress"),
                types.isEmpty() ? !egress.isEmpty() : types.contains("Egress"),
                rules(spec.get("ingress"), "from"),
                egress,
                Source.NONE);
    }

    private static List<NetworkPolicy.Rule> rules(@Nullable Object json, String peersField) {
        List<NetworkPolicy.Rule> rules = new ArrayList<>();
        for (Map<String, Object> rule : maps(json)) {
            rules.add(
                    new NetworkPolicy.Rule(
                            maps(rule.get(peersField)).stream().map(Cyclonus::peer).toList(),
                            maps(rule.get("ports")).stream().map(Cyclonus::port).toList(),
                            Source.NONE));
        }
        return rules;
    }

    private static NetworkPolicy.Peer peer(Map<String, Object> json) {
        if (json.get("ipBlock") != null) {
            Map<String, Object> block = map(json.get("ipBlock"));
            return new NetworkPolicy.Peer.IpBlock(
                    Prefix.parse(text(block, "cidr")),
                    list(block.get("except")).stream().map(e -> Prefix.parse((String) e)).toList(),
                    Source.NONE);
        }
        return new NetworkPolicy.Peer.Pods(
                json.get("namespaceSelector") == null
                        ? Optional.empty()
                        : Optional.of(selector(json.get("namespaceSelector"))),
                selector(json.get("podSelector")),
                Source.NONE);
    }

    private static NetworkPolicy.PortMatch port(Map<String, Object> json) {
        Protocol protocol = protocol(json);
        Object last = json.get("endPort");
        return switch (json.get("port")) {
            case null -> new NetworkPolicy.PortMatch.Range(protocol, 0, 65535, Source.NONE);
            case Integer port ->
                    new NetworkPolicy.PortMatch.Range(
                            protocol, port, last == null ? port : (Integer) last, Source.NONE);
            case Object name ->
                    new NetworkPolicy.PortMatch.Named(protocol, (String) name, Source.NONE);
        };
    }

    private static Protocol protocol(Map<String, Object> json) {
        Object protocol = json.get("protocol");
        return protocol == null ? Protocol.TCP : Protocol.tryParse((String) protocol).orElseThrow();
    }

    private static LabelSelector selector(@Nullable Object json) {
        List<Requirement> requirements = new ArrayList<>();
        labels(map(json).get("matchLabels"))
                .asMap()
                .forEach((k, v) -> requirements.add(new Requirement(k, Operator.IN, List.of(v))));
        for (Map<String, Object> item : maps(map(json).get("matchExpressions"))) {
            Operator operator =
                    switch (text(item, "operator")) {
                        case "In" -> Operator.IN;
                        case "NotIn" -> Operator.NOT_IN;
                        case "Exists" -> Operator.EXISTS;
                        case "DoesNotExist" -> Operator.DOES_NOT_EXIST;
                        case String other -> throw new IllegalArgumentException(other);
                    };
            requirements.add(
                    new Requirement(
                            text(item, "key"),
                            operator,
                            list(item.get("values")).stream().map(String::valueOf).toList()));
        }
        return new LabelSelector(requirements);
    }

    private static Labels labels(@Nullable Object json) {
        Labels labels = Labels.EMPTY;
        for (Map.Entry<String, Object> entry : map(json).entrySet()) {
            labels = labels.with(entry.getKey(), (String) entry.getValue());
        }
        return labels;
    }

    private static int number(Map<String, Object> json, String key) {
        if (json.get(key) instanceof Integer number) {
            return number;
        }
        throw new IllegalArgumentException("no " + key + " in " + json);
    }

    private static String text(Map<String, Object> json, String key) {
        Object value = json.get(key);
        if (value == null) {
            throw new IllegalArgumentException("no " + key + " in " + json);
        }
        return (String) value;
    }

    private static List<Map<String, Object>> maps(@Nullable Object json) {
        return list(json).stream().map(Cyclonus::map).toList();
    }

    @SuppressWarnings("unchecked") // JSON objects
    private static Map<String, Object> map(@Nullable Object json) {
        return json == null ? Map.of() : (Map<String, Object>) json;
    }

    @SuppressWarnings("unchecked") // JSON arrays
    private static List<Object> list(@Nullable Object json) {
        return json == null ? List.of() : (List<Object>) json;
    }
}
