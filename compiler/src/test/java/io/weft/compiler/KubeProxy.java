package io.weft.compiler;

import com.fasterxml.jackson.jr.ob.JSON;
import io.weft.model.Delta;
import io.weft.model.EndpointSlice;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.LabelSelector;
import io.weft.model.Labels;
import io.weft.model.Node;
import io.weft.model.Prefix;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Service;
import io.weft.model.ServiceCidr;
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
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/** Reads the recorded packet flows of kube-proxy's own tests (Kubernetes, pkg/proxy). */
public final class KubeProxy {
    private KubeProxy() {}

    /**
     * @param events services and slices that came, changed and went, in order
     */
    public record Scenario(
            String test, List<Resource> world, List<Delta> events, Setup setup, List<Flow> flows) {}

    /** How kube-proxy was configured. */
    public record Setup(String node, List<Prefix> nodePortAddresses, boolean masqueradeAll) {
        public ServiceOptions options() {
            return new ServiceOptions(
                    Optional.of(node), List.of(), nodePortAddresses, masqueradeAll);
        }
    }

    /**
     * @param output endpoints, REJECT, DROP, or empty when it is for no service
     */
    public record Flow(String name, Query query, String output, boolean masquerade) {}

    public static void forEach(Path file, Consumer<Scenario> action) {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                new XZInputStream(Files.newInputStream(file)),
                                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                action.accept(scenario(JSON.std.mapFrom(line)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /**
     * Of the configuration, the recording has node addresses and masqueradeAll. Whether pod CIDRs
     * were known, and whether all node addresses take node ports or the primary ones alone, stands
     * only in the name of the test; the blocks are those of the head of kube-proxy's tests.
     */
    private static Scenario scenario(Map<String, Object> json) {
        String test = text(json, "test");
        List<Ip> ips = list(json.get("nodeIPs")).stream().map(ip -> Ip.parse((String) ip)).toList();
        List<Prefix> pods =
                test.contains("no_LocalTrafficDetector")
                        ? List.of()
                        : List.of(Prefix.parse("10.0.0.0/8"), Prefix.parse("fd00:10::/64"));
        List<Prefix> nodePorts =
                test.contains("multiple_nodeport-addresses")
                        ? List.of()
                        : Stream.of(true, false)
                                .map(v4 -> ips.stream().filter(ip -> ip.isV4() == v4).findFirst())
                                .flatMap(Optional::stream)
                                .map(Prefix::of)
                                .toList();
        String node = text(json, "nodeName");
        List<Resource> world =
                List.of(
                        new Node(node, Labels.EMPTY, ips, pods, Source.NONE),
                        new ServiceCidr(
                                "kubernetes",
                                List.of(
                                        Prefix.parse("172.30.0.0/16"),
                                        Prefix.parse("fd00:172:30::/112")),
                                Source.NONE));
        return new Scenario(
                test,
                world,
                maps(json.get("events")).stream().map(KubeProxy::event).toList(),
                new Setup(node, nodePorts, Boolean.TRUE.equals(json.get("masqueradeAll"))),
                maps(json.get("flows")).stream().map(KubeProxy::flow).toList());
    }

    private static Flow flow(Map<String, Object> json) {
        String protocol = text(json, "protocol");
        return new Flow(
                text(json, "name"),
                new Query(
                        Ip.parse(text(json, "sourceIP")),
                        Ip.parse(text(json, "destIP")),
                        Protocol.tryParse(protocol).orElse(Protocol.TCP).number(),
                        number(json, "destPort").orElseThrow()),
                text(json, "output"),
                Boolean.TRUE.equals(json.get("masq")));
    }

    private static Delta event(Map<String, Object> json) {
        boolean service = text(json, "kind").equals("service");
        if (json.get("new") != null) {
            Map<String, Object> object = map(json.get("new"));
            return Delta.put(List.of(service ? service(object) : slice(object)));
        }
        Map<String, Object> meta = map(map(json.get("old")).get("metadata"));
        return new Delta(
                List.of(), List.of(ref(service ? Kind.SERVICE : Kind.ENDPOINT_SLICE, meta)));
    }

    private static Ref ref(Kind kind, Map<String, Object> meta) {
        return new Ref(kind, text(meta, "namespace"), text(meta, "name"));
    }

    private static Service service(Map<String, Object> json) {
        Map<String, Object> spec = map(json.get("spec"));
        List<Service.Port> ports = new ArrayList<>();
        for (Map<String, Object> port : maps(spec.get("ports"))) {
            ports.add(
                    new Service.Port(
                            text(port, "name"),
                            Protocol.tryParse(text(port, "protocol")).orElseThrow(),
                            number(port, "port").orElseThrow(),
                            String.valueOf(port.get("targetPort")),
                            number(port, "nodePort")));
        }
        Map<String, Object> balancer = map(map(json.get("status")).get("loadBalancer"));
        Service plain =
                new Service(
                        ref(Kind.SERVICE, map(json.get("metadata"))),
                        Labels.EMPTY,
                        Optional.of(map(spec.get("selector")))
                                .filter(selector -> !selector.isEmpty())
                                .map(KubeProxy::selector),
                        false,
                        List.of(Ip.parse(text(spec, "clusterIP"))),
                        ports,
                        Source.NONE);
        Service.Routing routing = Service.Routing.DEFAULT;
        return new Service(
                plain.ref(),
                plain.labels(),
                switch (text(spec, "type")) {
                    case "NodePort" -> Service.Type.NODE_PORT;
                    case "LoadBalancer" -> Service.Type.LOAD_BALANCER;
                    default -> Service.Type.CLUSTER_IP;
                },
                plain.selector(),
                false,
                new Service.Addresses(
                        plain.clusterIps(),
                        List.of(),
                        Service.FamilyPolicy.SINGLE,
                        list(spec.get("externalIPs")).stream()
                                .map(ip -> Ip.parse((String) ip))
                                .toList(),
                        maps(balancer.get("ingress")).stream()
                                .map(ingress -> Ip.parse(text(ingress, "ip")))
                                .toList(),
                        List.of(),
                        Optional.empty(),
                        list(spec.get("loadBalancerSourceRanges")).stream()
                                .map(range -> Prefix.parse(((String) range).strip()))
                                .toList(),
                        ""),
                ports,
                new Service.Routing(
                        routing.affinity(),
                        text(spec, "internalTrafficPolicy").equals("Local"),
                        text(spec, "externalTrafficPolicy").equals("Local"),
                        number(spec, "healthCheckNodePort"),
                        routing.distribution(),
                        false,
                        routing.balancing(),
                        routing.forwarding(),
                        false),
                Source.NONE);
    }

    private static LabelSelector selector(Map<String, Object> json) {
        Labels labels = Labels.EMPTY;
        for (Map.Entry<String, Object> entry : json.entrySet()) {
            labels = labels.with(entry.getKey(), (String) entry.getValue());
        }
        return LabelSelector.of(labels.asMap());
    }

    private static EndpointSlice slice(Map<String, Object> json) {
        Map<String, Object> meta = map(json.get("metadata"));
        List<EndpointSlice.Endpoint> endpoints = new ArrayList<>();
        for (Map<String, Object> endpoint : maps(json.get("endpoints"))) {
            Map<String, Object> conditions = map(endpoint.get("conditions"));
            boolean ready = !Boolean.FALSE.equals(conditions.get("ready"));
            Object serving = conditions.get("serving");
            endpoints.add(
                    new EndpointSlice.Endpoint(
                            Ip.parse((String) list(endpoint.get("addresses")).getFirst()),
                            ready,
                            serving == null ? ready : Boolean.TRUE.equals(serving),
                            Boolean.TRUE.equals(conditions.get("terminating")),
                            Optional.empty(),
                            Optional.of(text(endpoint, "nodeName")),
                            Optional.empty(),
                            List.of(),
                            List.of(),
                            Optional.empty()));
        }
        List<EndpointSlice.Port> ports = new ArrayList<>();
        for (Map<String, Object> port : maps(json.get("ports"))) {
            ports.add(
                    new EndpointSlice.Port(
                            text(port, "name"),
                            Protocol.tryParse(text(port, "protocol")).orElseThrow(),
                            number(port, "port")));
        }
        return new EndpointSlice(
                ref(Kind.ENDPOINT_SLICE, meta),
                Optional.of(
                        new Ref(
                                Kind.SERVICE,
                                text(meta, "namespace"),
                                text(map(meta.get("labels")), EndpointSlice.SERVICE_LABEL))),
                text(json, "addressType").equals("IPv4"),
                endpoints,
                ports,
                Source.NONE);
    }

    private static OptionalInt number(Map<String, Object> json, String key) {
        return json.get(key) instanceof Integer number
                ? OptionalInt.of(number)
                : OptionalInt.empty();
    }

    private static String text(Map<String, Object> json, String key) {
        return json.get(key) instanceof String text ? text : "";
    }

    private static List<Map<String, Object>> maps(@Nullable Object json) {
        return list(json).stream().map(KubeProxy::map).toList();
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
