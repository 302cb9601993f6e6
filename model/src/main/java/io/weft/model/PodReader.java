package io.weft.model;

import io.weft.model.Pod.Container;
import io.weft.model.Pod.ContainerPort;
import io.weft.model.Pod.Probe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Reads v1 Pod. Fields of Kubernetes that change nothing here (image, resources, volumes, …) are
 * accepted and left alone. A pod that is to run may ask for nothing that Weft would silently leave
 * out: init containers, probes other than tcpSocket, environment from elsewhere are refused.
 */
final class PodReader {
    private static final Set<String> SPEC =
            Set.of(
                    "activeDeadlineSeconds",
                    "affinity",
                    "automountServiceAccountToken",
                    "containers",
                    "dnsConfig",
                    "dnsPolicy",
                    "enableServiceLinks",
                    "ephemeralContainers",
                    "hostAliases",
                    "hostIPC",
                    "hostNetwork",
                    "hostPID",
                    "hostUsers",
                    "hostname",
                    "hostnameOverride",
                    "imagePullSecrets",
                    "initContainers",
                    "nodeName",
                    "nodeSelector",
                    "os",
                    "overhead",
                    "preemptionPolicy",
                    "priority",
                    "priorityClassName",
                    "readinessGates",
                    "resourceClaims",
                    "resources",
                    "restartPolicy",
                    "runtimeClassName",
                    "schedulerName",
                    "schedulingGates",
                    "securityContext",
                    "serviceAccount",
                    "serviceAccountName",
                    "setHostnameAsFQDN",
                    "shareProcessNamespace",
                    "subdomain",
                    "terminationGracePeriodSeconds",
                    "tolerations",
                    "topologySpreadConstraints",
                    "volumes",
                    "workloadRef");
    private static final Set<String> CONTAINER =
            Set.of(
                    "args",
                    "command",
                    "env",
                    "envFrom",
                    "image",
                    "imagePullPolicy",
                    "lifecycle",
                    "livenessProbe",
                    "name",
                    "ports",
                    "readinessProbe",
                    "resizePolicy",
                    "resources",
                    "restartPolicy",
                    "restartPolicyRules",
                    "securityContext",
                    "startupProbe",
                    "stdin",
                    "stdinOnce",
                    "terminationMessagePath",
                    "terminationMessagePolicy",
                    "tty",
                    "volumeDevices",
                    "volumeMounts",
                    "workingDir");
    private static final Set<String> PORT =
            Set.of("containerPort", "hostIP", "hostPort", "name", "protocol");
    private static final Set<String> PROBE =
            Set.of(
                    "exec",
                    "failureThreshold",
                    "grpc",
                    "httpGet",
                    "initialDelaySeconds",
                    "periodSeconds",
                    "successThreshold",
                    "tcpSocket",
                    "terminationGracePeriodSeconds",
                    "timeoutSeconds");

    private static final List<String> CONDITION = List.of("False", "True", "Unknown");

    private PodReader() {}

    /**
     * @param running whether the pod must be one that Weft can start; otherwise only what verdicts
     *     need is looked at, and {@link Pod#containers} is empty
     */
    static Pod read(Field root, ObjectMeta meta, boolean running) {
        root.only(Set.of("apiVersion", "kind", "metadata", "spec", "status"));
        Field spec = root.object("spec");
        spec.only(SPEC);
        List<Field> containers = spec.objects("containers");
        if (running) {
            if (containers.isEmpty()) {
                spec.missing("containers", "a pod runs at least one container");
            }
            spec.child("initContainers")
                    .filter(f -> !spec.items("initContainers").isEmpty())
                    .ifPresent(f -> f.forbidden("init containers are not supported yet"));
        }
        List<ContainerPort> ports = new ArrayList<>();
        List<Container> run = new ArrayList<>();
        HostPortReader hostPorts = new HostPortReader(spec.flag("hostNetwork"));
        Set<String> names = new HashSet<>();
        for (Field container : containers) {
            container.only(CONTAINER);
            String name = container.requiredText("name", "", Names::dnsLabel);
            if (!name.isEmpty() && !names.add(name)) {
                container.child("name").ifPresent(f -> f.duplicate(""));
            }
            List<ContainerPort> own = ports(container, hostPorts);
            ports.addAll(own);
            if (running) {
                run.add(container(container, name, own));
            }
        }
        if (!running) {
            // A sidecar's ports count as the pod's own.
            for (Field init : spec.objects("initContainers")) {
                if (init.child("restartPolicy").flatMap(Field::text).orElse("").equals("Always")) {
                    ports.addAll(ports(init, hostPorts));
                }
            }
        }
        if (running) {
            meta.warnOfAddressing();
        }
        Field status = root.object("status");
        String phase = status.child("phase").flatMap(Field::text).orElse("");
        return new Pod(
                new Ref(Kind.POD, meta.namespace(), meta.name()),
                meta.labels(),
                ips(status, "podIPs", "podIP"),
                ports,
                run,
                hostPorts.hostNetwork(),
                phase.equals("Succeeded") || phase.equals("Failed"),
                meta.terminating(),
                spec.child("nodeName")
                        .flatMap(f -> f.text(PodReader::emptyOrName))
                        .filter(n -> !n.isEmpty()),
                ips(status, "hostIPs", "hostIP"),
                meta.audit(),
                ready(status),
                PodNamingReader.read(spec),
                meta.bandwidth(),
                hostPorts.found(),
                meta.addressing(),
                root.source());
    }

    private static boolean ready(Field status) {
        for (Field condition : status.objects("conditions")) {
            if (condition.filled("type").orElse("").equals("Ready")) {
                return condition.oneOf("status", CONDITION).orElse("").equals("True");
            }
        }
        return true; // nobody says otherwise
    }

    private static List<ContainerPort> ports(Field container, HostPortReader hostPorts) {
        List<ContainerPort> ports = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Field port : container.objects("ports")) {
            port.only(PORT);
            String name =
                    port.child("name").flatMap(f -> f.text(PodReader::emptyOrPortName)).orElse("");
            if (!name.isEmpty() && !names.add(name)) {
                port.child("name").ifPresent(f -> f.duplicate("names another port of it"));
            }
            Optional<Field> number = port.child("containerPort");
            if (number.isEmpty()) {
                port.missing("containerPort", "");
            }
            OptionalInt value = number.map(Field::port).orElse(OptionalInt.empty());
            ContainerPort read =
                    new ContainerPort(name, port.protocol("protocol"), value.orElse(1));
            ports.add(read);
            hostPorts.read(port, read);
        }
        return ports;
    }

    private static Optional<String> emptyOrPortName(String text) {
        return text.isEmpty() ? Optional.empty() : Names.portName(text);
    }

    private static Container container(Field container, String name, List<ContainerPort> ports) {
        List<String> command = new ArrayList<>();
        List<Field> program = container.items("command");
        program.forEach(word -> word.text().ifPresent(command::add));
        container.items("args").forEach(word -> word.text().ifPresent(command::add));
        if (program.isEmpty()) {
            container.missing(
                    "command",
                    "Weft runs programs of the host, not images; for example [\"weft\","
                            + " \"workload\", \"idle\"]");
        }
        container
                .child("envFrom")
                .filter(f -> !container.items("envFrom").isEmpty())
                .ifPresent(f -> f.forbidden("not supported; write the variables under env"));
        Map<String, String> environment = new LinkedHashMap<>();
        for (Field variable : container.objects("env")) {
            variable.only(Set.of("name", "value", "valueFrom"));
            String key = variable.requiredText("name", "", PodReader::environmentName);
            variable.child("valueFrom")
                    .ifPresent(f -> f.forbidden("not supported; write the value itself"));
            environment.put(key, variable.child("value").flatMap(Field::text).orElse(""));
        }
        return new Container(
                name,
                List.copyOf(command),
                Collections.unmodifiableMap(environment),
                readiness(container, ports));
    }

    private static Optional<String> environmentName(String text) {
        return text.indexOf('=') >= 0 || !text.chars().allMatch(c -> c >= 32 && c < 127)
                ? Optional.of(
                        "a valid environment variable name must consist only of printable ASCII"
                                + " characters other than '='")
                : Optional.empty();
    }

    private static Optional<Probe> readiness(Field container, List<ContainerPort> ports) {
        if (!container.has("readinessProbe")) {
            return Optional.empty();
        }
        Field probe = container.object("readinessProbe");
        probe.only(PROBE);
        for (String other : List.of("httpGet", "exec", "grpc")) {
            probe.child(other)
                    .ifPresent(f ->
                            f.forbidden(
                                    "not supported yet; write tcpSocket: {port: …}, which"
                                            + " waits until a connection opens"));
        }
        int period = seconds(probe, "periodSeconds", 10);
        int timeout = seconds(probe, "timeoutSeconds", 1);
        if (!probe.has("tcpSocket")) {
            if (!probe.has("httpGet") && !probe.has("exec") && !probe.has("grpc")) {
                probe.required("must specify a handler type; write tcpSocket: {port: …}");
            }
            return Optional.empty();
        }
        Field socket = probe.object("tcpSocket");
        socket.only(Set.of("host", "port"));
        socket.child("host").ifPresent(f -> f.forbidden("a probe goes to the pod itself"));
        Optional<Field> port = socket.child("port");
        if (port.isEmpty()) {
            socket.missing("port", "");
        }
        int number = port.map(f -> probePort(f, ports)).orElse(1);
        return Optional.of(
                new Probe(number, Duration.ofSeconds(period), Duration.ofSeconds(timeout)));
    }

    private static int probePort(Field field, List<ContainerPort> ports) {
        if (field.isNumber()) {
            return field.port().orElse(1);
        }
        Optional<String> name = field.text();
        if (name.isEmpty()) {
            return 1;
        }
        for (ContainerPort port : ports) {
            if (port.protocol() == Protocol.TCP && port.name().equals(name.get())) {
                return port.number();
            }
        }
        field.notFound("no TCP port of this container has that name");
        return 1;
    }

    private static int seconds(Field probe, String key, int unset) {
        Optional<Field> field = probe.child(key);
        if (field.isEmpty()) {
            return unset;
        }
        OptionalInt seconds = field.get().integer();
        if (seconds.isPresent() && seconds.getAsInt() < 1) {
            field.get().invalid("must be greater than or equal to 1");
        }
        return seconds.orElse(unset);
    }

    private static Optional<String> emptyOrName(String text) {
        return text.isEmpty() ? Optional.empty() : Names.dnsSubdomain(text);
    }

    /** {@return the addresses in the list {@code many}, or else the one in {@code one}} */
    private static List<Ip> ips(Field status, String many, String one) {
        List<Ip> ips = new ArrayList<>();
        for (Field item : status.objects(many)) {
            item.only(Set.of("ip"));
            if (!item.has("ip")) {
                item.missing("ip", "");
            }
            item.child("ip").flatMap(PodReader::ip).ifPresent(ip -> addIp(ips, ip, item));
        }
        Optional<Field> first = status.child(one);
        Optional<Ip> single =
                first.filter(f -> !f.text().orElse("").isEmpty()).flatMap(PodReader::ip);
        if (ips.isEmpty()) {
            single.ifPresent(ips::add);
        } else if (single.isPresent() && !single.get().equals(ips.getFirst())) {
            first.get().invalid("must be equal to " + many + "[0]: " + ips.getFirst());
        }
        return ips;
    }

    private static void addIp(List<Ip> ips, Ip ip, Field item) {
        if (ips.stream().anyMatch(other -> other.isV4() == ip.isV4())) {
            item.child("ip")
                    .ifPresent(
                            f -> f.invalid("may specify no more than one IP for each IP family"));
        } else {
            ips.add(ip);
        }
    }

    private static Optional<Ip> ip(Field field) {
        return field.text(PodReader::notIp).flatMap(Ip::tryParse);
    }

    /** {@return what is wrong with the text of an address} */
    static Optional<String> notIp(String text) {
        return Ip.tryParse(text).isPresent()
                ? Optional.empty()
                : Optional.of("must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
    }
}
