package io.weft.agent;

import io.weft.compiler.QueryException;
import io.weft.datapath.DatapathException;
import io.weft.flow.FlowFilterException;
import io.weft.flow.FlowHistory;
import io.weft.flow.FlowPrinter;
import io.weft.flow.FlowQuery;
import io.weft.flow.Follower;
import io.weft.ipam.Claim;
import io.weft.model.IpamClaim;
import io.weft.model.Kind;
import io.weft.model.ManifestException;
import io.weft.model.ManifestReader;
import io.weft.model.Manifests;
import io.weft.model.Ref;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The node's local API: the Varlink interface {@value #INTERFACE}, whose definition lies beside
 * this class and is served by {@code org.varlink.service.GetInterfaceDescription}.
 */
public final class NodeApi implements AutoCloseable {
    /** The Varlink interface. */
    public static final String INTERFACE = "io.weft.node";

    private static final String INVALID = INTERFACE + ".Invalid";
    private static final String REFUSED = INTERFACE + ".Refused";
    private static final int FOLLOW_QUEUE = 8192;
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);

    private final Node node;
    private final Optional<AgentCalls> agent;
    private final VarlinkServer server;

    private NodeApi(Node node, Optional<AgentCalls> agent) {
        this.node = node;
        this.agent = agent;
        this.server = VarlinkServer.start(node.config().socket(), methods());
    }

    /** Serves {@code node} on its socket until closed. */
    public static NodeApi serve(Node node) {
        return new NodeApi(node, Optional.empty());
    }

    /** Serves the node of an agent, which keeps what is applied. */
    static NodeApi serve(Node node, AgentCalls agent) {
        return new NodeApi(node, Optional.of(agent));
    }

    private Map<String, VarlinkServer.Method> methods() {
        Map<String, VarlinkServer.Method> methods = new LinkedHashMap<>();
        methods.put("org.varlink.service.GetInfo", (p, s) -> info());
        methods.put(
                "org.varlink.service.GetInterfaceDescription",
                (p, s) -> Map.of("description", description()));
        methods.put(INTERFACE + ".Apply", invalid((p, s) -> apply(p)));
        methods.put(
                INTERFACE + ".Diff", invalid((p, s) -> DiffCall.answer(node, readRequired(p), p)));
        methods.put(INTERFACE + ".Delete", invalid((p, s) -> delete(p)));
        methods.put(INTERFACE + ".Leases", invalid((p, s) -> leases()));
        methods.put(INTERFACE + ".Get", invalid((p, s) -> new GetCall(node, this::kept).answer(p)));
        methods.put(INTERFACE + ".Recommend", invalid((p, s) -> recommend(p)));
        methods.put(INTERFACE + ".Why", invalid((p, s) -> new WhyCall(node).answer(p)));
        methods.put(INTERFACE + ".Status", (p, s) -> status());
        methods.put(INTERFACE + ".Observe", invalid(this::observe));
        return methods;
    }

    /** Wrong input becomes the interface's own error. */
    private static VarlinkServer.Method invalid(VarlinkServer.Method method) {
        return (parameters, stream) -> {
            try {
                return method.call(parameters, stream);
            } catch (ManifestException
                    | FlowFilterException
                    | QueryException
                    | IllegalArgumentException e) {
                throw new VarlinkServer.CallException(INVALID, String.valueOf(e.getMessage()));
            } catch (DatapathException e) {
                throw new VarlinkServer.CallException(REFUSED, String.valueOf(e.getMessage()));
            } catch (NodeException e) {
                throw new VarlinkServer.CallException(
                        e.cause() == NodeException.Cause.INPUT ? INVALID : REFUSED,
                        String.valueOf(e.getMessage()));
            }
        };
    }

    private static Map<String, ?> info() {
        return Map.of(
                "vendor", "Weft",
                "product", "weft",
                "version", "0.1",
                "url", "",
                "interfaces", List.of("org.varlink.service", INTERFACE));
    }

    private static String description() {
        try (InputStream in = NodeApi.class.getResourceAsStream(INTERFACE + ".varlink")) {
            if (in == null) {
                throw new IOException("not in this build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("read the interface definition", e);
        }
    }

    // ---- desired state

    private Map<String, ?> apply(Map<String, Object> parameters) {
        long start = System.nanoTime();
        Manifests read = readRequired(parameters);
        Map<Ref, Node.Change> changes =
                guarded(() -> node.dryRun(read.resources()), () -> node.apply(read.resources()));
        agent.ifPresent(a -> a.applied(texts(parameters), read.resources()));
        long micros = (System.nanoTime() - start) / 1000;
        return Map.of(
                "changes",
                DiffCall.changes(changes),
                "micros",
                micros,
                "warnings",
                DiffCall.warnings(read, node.state().compilation()));
    }

    private Map<String, ?> delete(Map<String, Object> parameters) {
        List<Ref> refs = new ArrayList<>();
        if (parameters.containsKey("files")) {
            read(parameters).resources().forEach(r -> refs.add(r.ref()));
        } else {
            Kind kind = kind(string(parameters, "kind"));
            String namespace = kind.namespaced() ? string(parameters, "namespace") : "";
            strings(parameters, "names").forEach(n -> refs.add(new Ref(kind, namespace, n)));
        }
        Map<Ref, Node.Change> changes =
                guarded(() -> ChangePlan.removing(node.state(), refs), () -> node.delete(refs));
        agent.ifPresent(a -> a.deleted(refs));
        return Map.of("changes", DiffCall.changes(changes));
    }

    /** An agent refuses what would not hold. */
    private Map<Ref, Node.Change> guarded(
            Supplier<ChangePlan> plan, Supplier<Map<Ref, Node.Change>> change) {
        return agent.isPresent() ? agent.get().unseen().change(plan, change) : change.get();
    }

    private Map<String, Object> leases() {
        return agent.orElseThrow(() ->
                        new NodeException(
                                NodeException.Cause.INPUT,
                                "leases are an agent's: this node gives its pods addresses by"
                                        + " itself; see `weft get pods`"))
                .leases();
    }

    private Map<String, Object> status() {
        Map<String, Object> status =
                new StatusCall(node)
                        .answer(agent.map(a -> a.unseen().status()).orElseGet(List::of));
        agent.ifPresent(a -> status.put("cni", a.cni()));
        return Map.of("status", status);
    }

    /** {@return what an agent keeps for a claim; empty: nothing yet, or this is no agent} */
    private Optional<Claim> kept(IpamClaim claim) {
        return agent.flatMap(a -> a.kept(claim));
    }

    private Manifests read(Map<String, Object> parameters) {
        ManifestReader reader = new ManifestReader();
        return (node.config().stays() ? reader.offline() : reader).parseTexts(texts(parameters));
    }

    /** {@return manifests that this node can do} */
    private Manifests readRequired(Map<String, Object> parameters) {
        Manifests read = read(parameters);
        agent.ifPresent(a -> a.require(read.resources()));
        return read;
    }

    private static Map<String, String> texts(Map<String, Object> parameters) {
        Map<String, String> files = new LinkedHashMap<>();
        if (parameters.get("files") instanceof List<?> list) {
            for (Object file : list) {
                if (file instanceof Map<?, ?> map) {
                    files.put(String.valueOf(map.get("name")), String.valueOf(map.get("text")));
                }
            }
        }
        return files;
    }

    // ---- reading

    private Map<String, ?> recommend(Map<String, Object> parameters) {
        Optional<Instant> since =
                Optional.ofNullable(parameters.get("since"))
                        .map(text -> FlowQuery.since(text.toString(), Instant.now()));
        return Recommendation.of(
                        FlowHistory.of(
                                node.flows().newest(Integer.MAX_VALUE).stream()
                                        .filter(f ->
                                                since.isEmpty() || !f.time().isBefore(since.get()))
                                        .toList()),
                        node.state().snapshot(),
                        Optional.ofNullable(parameters.get("namespace")).map(Object::toString))
                .json();
    }

    private Map<String, ?> observe(Map<String, Object> parameters, VarlinkServer.Stream stream)
            throws IOException {
        FlowQuery query = FlowQuery.parse(strings(parameters, "filter"), Instant.now());
        FlowPrinter printer =
                "json".equals(parameters.get("format"))
                        ? FlowPrinter.json()
                        : FlowPrinter.compact(ZoneId.systemDefault(), false);
        if (!Boolean.TRUE.equals(parameters.get("follow"))) {
            for (io.weft.flow.Flow flow : node.flows().recent(query)) {
                stream.send(Map.of("line", printer.print(flow)));
            }
            return Map.of();
        }
        try (Follower follower = node.flows().follow(query, FOLLOW_QUEUE)) {
            while (true) {
                Optional<Follower.Item> item = follower.next(HEARTBEAT);
                if (item.isEmpty()) {
                    stream.send(Map.of()); // finds out whether the caller is still there
                    continue;
                }
                switch (item.get()) {
                    case Follower.Item.Seen(io.weft.flow.Flow flow) ->
                            stream.send(Map.of("line", printer.print(flow)));
                    case Follower.Item.Lost(long count) -> stream.send(Map.of("lost", count));
                    case Follower.Item.End() -> {
                        return Map.of();
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Map.of();
        }
    }

    // ---- parameters

    static Kind kind(String text) {
        for (Kind kind : Kind.values()) {
            String name = kind.toString().toLowerCase(java.util.Locale.ROOT);
            String asked = text.toLowerCase(java.util.Locale.ROOT);
            if (asked.equals(name)
                    || asked.equals(name + "s")
                    || asked.equals(name.replaceAll("y$", "ies"))
                    || asked.equals(shortName(kind))) {
                return kind;
            }
        }
        throw new NodeException(
                NodeException.Cause.INPUT,
                "unknown kind '"
                        + text
                        + "': one of "
                        + String.join(
                                ", ",
                                java.util.Arrays.stream(Kind.values())
                                        .map(NodeApi::plural)
                                        .toList()));
    }

    private static String plural(Kind kind) {
        String name = kind.toString().toLowerCase(java.util.Locale.ROOT);
        return name.endsWith("y") ? name.replaceAll("y$", "ies") : name + "s";
    }

    private static String shortName(Kind kind) {
        return switch (kind) {
            case NAMESPACE -> "ns";
            case NODE -> "no";
            case POD -> "po";
            case SERVICE_CIDR -> "servicecidr";
            case SERVICE -> "svc";
            case ENDPOINT_SLICE -> "endpointslice";
            case NETWORK_POLICY -> "netpol";
            case CLUSTER_NETWORK_POLICY -> "cnp"; // as network-policy-api has it
            case CILIUM_NETWORK_POLICY -> "ciliumnp"; // Cilium's own cnp is taken
            case CILIUM_CLUSTERWIDE_NETWORK_POLICY -> "ccnp";
            case IPAM_CLAIM -> "ipamclaim";
            case EXPECTATION -> "exp";
        };
    }

    static String string(Map<String, Object> parameters, String name) {
        if (parameters.get(name) instanceof String text) {
            return text;
        }
        throw new NodeException(NodeException.Cause.INPUT, "parameter '" + name + "' is missing");
    }

    private static List<String> strings(Map<String, Object> parameters, String name) {
        return parameters.get(name) instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    @Override
    public void close() {
        server.close();
    }
}
