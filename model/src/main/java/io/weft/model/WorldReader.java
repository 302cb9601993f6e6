package io.weft.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.weft.model.Expectation.Party;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/**
 * Reads the file of {@code weft check --world}, with the flows one at a time:
 *
 * <pre>
 *   {"objects": [ Kubernetes objects; pods carry status.podIPs ],
 *    "flows": [{"from": {"pod": "shop/web"}, "to": {"ip": "203.0.113.7"},
 *               "protocol": "TCP", "port": 443}]}
 * </pre>
 *
 * <p>A flow may also go to {@code {"service": "shop/web"}}. Namespaces need not be declared. Pods
 * of flows must be there and have an address; services must be there.
 */
public final class WorldReader {
    /** The largest file, in bytes. */
    public static final long MAX_FILE_BYTES = 1L << 30;

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(YamlTree.MAX_DEPTH)
                                    .maxDocumentLength(MAX_FILE_BYTES)
                                    .build())
                    .build();

    private static final Set<String> FLOW = Set.of("from", "to", "protocol", "port");
    private static final Set<String> PARTY = Set.of("pod", "ip", "service");
    private static final String PARTY_FORMS =
            "write {\"pod\": \"namespace/name\"}, {\"ip\": \"address\"} or, as `to`, {\"service\":"
                    + " \"namespace/name\"}";

    /** Stands for a party that was reported; never returned to the user. */
    private static final Party NOBODY = new Party.OfIp(Ip.v4(0));

    private record Asked(FlowQuery flow, int line) {}

    private final String file;
    private final Report report = new Report();
    private final ObjectReader objects = new ObjectReader(report, false);
    private final List<Asked> asked = new ArrayList<>();
    private final Map<String, Party> parties = new HashMap<>();

    private WorldReader(String file) {
        this.file = file;
    }

    /**
     * Reads a file.
     *
     * @throws ManifestException with every problem found, also when it cannot be read
     */
    public static World read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new WorldReader(file.toString()).read(in);
        } catch (NoSuchFileException e) {
            throw unreadable(file, "no such file");
        } catch (IOException e) {
            throw unreadable(file, "cannot read: " + e.getMessage());
        }
    }

    private static ManifestException unreadable(Path file, String reason) {
        return new ManifestException(
                List.of(new Problem(new Source(file.toString(), 0), "", "", reason)));
    }

    /**
     * Reads the text of a file.
     *
     * @param file its name in messages
     * @throws ManifestException with every problem found
     */
    public static World read(String file, String text) {
        try {
            return new WorldReader(file)
                    .read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new AssertionError("reading from memory", e);
        }
    }

    private World read(InputStream in) throws IOException {
        try (JsonParser parser = JSON.createParser(in)) {
            try {
                document(parser);
            } catch (JsonProcessingException e) {
                int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
                report.add(new Source(file, Math.max(0, line)), "not JSON: " + words(e));
            }
        }
        report.check();
        Snapshot snapshot = Snapshot.of(objects.resources());
        checkAddresses(snapshot);
        checkFlows(snapshot);
        report.check();
        return new World(snapshot, asked.stream().map(Asked::flow).toList(), report.warnings());
    }

    private void document(JsonParser parser) throws IOException {
        JsonTree json = new JsonTree(file, parser, report);
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            report.add(new Source(file, 1), "a world is {\"objects\": [ … ], \"flows\": [ … ]}");
            return;
        }
        boolean hasObjects = false;
        boolean hasFlows = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            Source source = new Source(file, json.line());
            boolean again = key.equals("objects") ? hasObjects : key.equals("flows") && hasFlows;
            if (again) {
                report.add(source, "key \"" + key + "\" is already set");
            }
            boolean list = parser.nextToken() == JsonToken.START_ARRAY;
            hasObjects |= key.equals("objects");
            hasFlows |= key.equals("flows");
            if (!key.equals("objects") && !key.equals("flows")) {
                unknown(source, key);
                parser.skipChildren();
            } else if (!list) {
                report.add(new Problem(source, "", key, "Invalid value: must be a list"));
                parser.skipChildren();
            } else if (key.equals("objects")) {
                for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
                    objects.read(file, json.value(), "objects[" + i + "]");
                }
            } else {
                for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
                    flow(i, json.value());
                }
            }
        }
        if (!hasObjects) {
            report.add(new Problem(new Source(file, 1), "", "objects", "Required value"));
        }
        if (!hasFlows) {
            report.add(new Problem(new Source(file, 1), "", "flows", "Required value"));
        }
        if (parser.nextToken() != null) {
            report.add(new Source(file, json.line()), "not JSON: more text after the end");
        }
    }

    /** {@return the parser's words, without its own way of naming the file} */
    private static String words(JsonProcessingException e) {
        return YamlTree.oneLine(
                e.getOriginalMessage().replaceAll("\\[Source: [^;]*; ([^\\]]*)\\]", "$1"));
    }

    private void unknown(Source source, String text) {
        String key = Tree.shown(text);
        String hint =
                Spelling.nearest(key, List.of("flows", "objects"))
                        .map(n -> "; did you mean \"" + n + "\"?")
                        .orElse("; fields here are \"flows\", \"objects\"");
        report.add(new Problem(source, "", key, "unknown field \"" + key + "\"" + hint));
    }

    private void flow(int index, Tree tree) {
        Field flow = Field.root(new Field.Owner(report, file, ""), "flows[" + index + "]", tree);
        if (!flow.isObject()) {
            return;
        }
        flow.only(FLOW);
        Party from = party(flow, "from");
        Party to = party(flow, "to");
        Optional<Field> port = flow.child("port");
        if (port.isEmpty()) {
            flow.missing("port", "a number");
        }
        OptionalInt number = port.map(Field::port).orElse(OptionalInt.empty());
        asked.add(
                new Asked(
                        new FlowQuery(from, to, flow.protocol("protocol"), number.orElse(1)),
                        tree.line()));
    }

    private Party party(Field flow, String key) {
        if (!flow.has(key)) {
            flow.missing(key, PARTY_FORMS);
        }
        Field party = flow.object(key);
        party.only(PARTY);
        Optional<Field> pod = party.child("pod");
        Optional<Field> ip = party.child("ip");
        Optional<Field> service = party.child("service");
        int given = 0;
        for (Optional<Field> field : List.of(pod, ip, service)) {
            given += field.isPresent() ? 1 : 0;
        }
        if (given != 1) {
            if (flow.has(key)) {
                party.invalid("must be exactly one party; " + PARTY_FORMS);
            }
        } else if (service.isPresent() && key.equals("from")) {
            service.get().forbidden("a service opens no connections; " + PARTY_FORMS);
        } else if (service.isPresent()) {
            return named(service.get(), Names::dnsLabel, Party.SERVICE_PREFIX);
        } else if (pod.isPresent()) {
            return named(pod.get(), Names::dnsSubdomain, "");
        } else if (ip.isPresent()) {
            return ip.get()
                    .text(PodReader::notIp)
                    .flatMap(Ip::tryParse)
                    .map(this::ip)
                    .orElse(NOBODY);
        }
        return NOBODY;
    }

    private Party named(Field field, Function<String, Optional<String>> syntax, String prefix) {
        Optional<String> text = field.text();
        if (text.isEmpty()) {
            return NOBODY;
        }
        Party known = parties.get(prefix + text.get());
        if (known != null) {
            return known;
        }
        if (!field.ok(notNamed(text.get(), syntax))) {
            return NOBODY;
        }
        int slash = text.get().indexOf('/');
        String namespace = text.get().substring(0, slash);
        String name = text.get().substring(slash + 1);
        Party party =
                prefix.isEmpty()
                        ? new Party.OfPod(Ref.pod(namespace, name))
                        : new Party.OfService(new Ref(Kind.SERVICE, namespace, name));
        parties.put(prefix + text.get(), party);
        return party;
    }

    private Party ip(Ip ip) {
        return parties.computeIfAbsent(ip.toString(), t -> new Party.OfIp(ip));
    }

    private static Optional<String> notNamed(
            String text, Function<String, Optional<String>> syntax) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return Optional.of("must be namespace/name");
        }
        return Names.dnsLabel(text.substring(0, slash))
                .or(() -> syntax.apply(text.substring(slash + 1)));
    }

    /** Two pods that count may not have the same address. */
    private void checkAddresses(Snapshot snapshot) {
        Map<Ip, Ref> owners = new HashMap<>();
        for (Pod pod : snapshot.pods().values()) {
            if (!pod.counts()) {
                continue;
            }
            for (Ip ip : pod.ips()) {
                Ref other = owners.putIfAbsent(ip, pod.ref());
                if (other != null) {
                    report.add(
                            new Problem(
                                    pod.source(),
                                    pod.ref().toString(),
                                    "status.podIPs",
                                    "Duplicate value: \""
                                            + ip
                                            + "\": also the address of "
                                            + other));
                }
            }
        }
    }

    private void checkFlows(Snapshot snapshot) {
        for (int i = 0; i < asked.size(); i++) {
            FlowQuery flow = asked.get(i).flow();
            checkParty(snapshot, i, "from", flow.from());
            checkParty(snapshot, i, "to", flow.to());
        }
    }

    private void checkParty(Snapshot snapshot, int index, String key, Party party) {
        switch (party) {
            case Party.OfIp ignored -> {}
            case Party.OfPod(Ref ref) -> {
                Pod pod = snapshot.pods().get(ref);
                if (pod == null) {
                    wrong(
                            index,
                            key + ".pod",
                            "Not found: \"" + ref.path() + "\": no such pod among objects");
                } else if (pod.ips().isEmpty()) {
                    wrong(
                            index,
                            key + ".pod",
                            "Invalid value: \"" + ref.path() + "\": has no status.podIPs");
                }
            }
            case Party.OfService(Ref ref) -> {
                if (!snapshot.services().containsKey(ref)) {
                    wrong(
                            index,
                            key + ".service",
                            "Not found: \"" + ref.path() + "\": no such service among objects");
                }
            }
        }
    }

    private void wrong(int flow, String field, String reason) {
        report.add(
                new Problem(
                        new Source(file, asked.get(flow).line()),
                        "",
                        "flows[" + flow + "]." + field,
                        reason));
    }
}
