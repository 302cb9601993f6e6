package io.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.Netlink;
import io.weft.netlink.Route;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code weft up} as a process of its own, on a machine that is an anonymous namespace. */
@KernelTest
@Timeout(120)
class UpCommandTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final String EXAMPLE =
            Weft.ROOT.resolve("examples/microservice-isolation").toString();

    @TempDir private Path temporary;
    private final String instance =
            "tc" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
    private final List<Process> started = new ArrayList<>();
    private NetNs host;
    private List<LinkAddress> addresses = List.of();
    private List<Route> routes = List.of();

    /** With its loopback interface up, as on any machine. */
    @BeforeEach
    void makeAMachine() {
        host = NetNs.createAnonymous();
        try (Netlink netlink = Netlink.open(host)) {
            netlink.links().setUp(netlink.links().require("lo").index());
            addresses = netlink.addresses().list();
            routes = netlink.routes().list();
        }
    }

    @AfterEach
    void leaveTheMachine() {
        for (Process process : started) {
            process.destroy();
            process.onExit().join();
        }
        host.close();
    }

    private List<String> up(String... more) {
        List<String> arguments = new ArrayList<>(List.of("up", "--instance", instance));
        arguments.addAll(List.of(more));
        return Weft.command(arguments.toArray(String[]::new));
    }

    private Weft.Result once(String example) {
        return Weft.finish(Weft.start(host, up(example, "--once", "-o", "json")));
    }

    @Test
    void auditCutsNothingAndSaysWhatWouldBeCut() {
        Weft.Result result = Weft.finish(Weft.start(host, up(EXAMPLE, "--once", "--audit")));

        assertThat(result.code()).as("what should be denied is not").isEqualTo(Exit.NO);
        assertThat(result.out())
                .contains("FAILED")
                .contains("no ingress rule allows it")
                .doesNotContainPattern("deny +deny");
    }

    /** A node in the foreground. */
    private Process running(String... more) throws IOException {
        Process process = Weft.start(host, up(more));
        started.add(process);
        BufferedReader err = process.errorReader(StandardCharsets.UTF_8);
        StringBuilder said = new StringBuilder();
        String line;
        while ((line = err.readLine()) != null) {
            said.append(line).append('\n');
            if (line.contains("flows, until Ctrl-C")) {
                return process;
            }
        }
        throw new AssertionError("up ended: " + said);
    }

    /** {@return pids of all processes in the namespaces of our pods} */
    private List<Long> podProcesses() throws IOException {
        List<String> identities = new ArrayList<>();
        for (Path name : podNamespaces()) {
            identities.add("net:[" + Files.getAttribute(name, "unix:ino") + "]");
        }
        List<Long> pids = new ArrayList<>();
        ProcessHandle.allProcesses()
                .forEach(p -> {
                    try {
                        Path ns = Path.of("/proc/" + p.pid() + "/ns/net");
                        if (identities.contains(Files.readSymbolicLink(ns).toString())) {
                            pids.add(p.pid());
                        }
                    } catch (IOException ended) {
                        // no longer there
                    }
                });
        return pids;
    }

    private List<Path> podNamespaces() throws IOException {
        if (!Files.isDirectory(NetNs.NAMES)) {
            return List.of();
        }
        try (Stream<Path> names = Files.list(NetNs.NAMES)) {
            return names.filter(
                            n -> n.getFileName().toString().startsWith("weft." + instance + "."))
                    .toList();
        }
    }

    private void nothingIsLeft(List<Long> processes) throws IOException {
        assertThat(podNamespaces()).isEmpty();
        assertThat(Path.of("/run/weft", instance)).doesNotExist();
        assertThat(Path.of("/sys/fs/bpf/weft", instance)).doesNotExist();
        try (Netlink netlink = Netlink.open(host)) {
            assertThat(netlink.links().list()).extracting(l -> l.name()).containsExactly("lo");
            assertThat(netlink.addresses().list()).isEqualTo(addresses);
            assertThat(netlink.routes().list()).isEqualTo(routes);
        }
        for (long pid : processes) {
            ProcessHandle.of(pid).ifPresent(p -> p.onExit().join());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "examples/microservice-isolation, 3, 6",
        "examples/shop, 8, 0",
        "examples/services, 4, 5"
    })
    void onceProvesAnExampleByRealTraffic(String example, int workloads, int expectations)
            throws IOException {
        Weft.Result result = once(example);

        assertThat(result.code()).as(result.err()).isEqualTo(Exit.DONE);
        Map<String, Object> json = result.json();
        assertThat(json.keySet())
                .contains("engine", "workloads", "expectations", "ok")
                .isSubsetOf("engine", "workloads", "expectations", "matrix", "ok");
        assertThat(json).containsEntry("engine", "kernel").containsEntry("ok", true);
        assertThat((List<?>) json.get("workloads"))
                .hasSize(workloads)
                .allSatisfy(w -> {
                    Map<?, ?> workload = (Map<?, ?>) w;
                    assertThat(workload.keySet().toString())
                            .isEqualTo("[name, namespace, ips, interface]");
                    assertThat((List<?>) workload.get("ips")).hasSize(2);
                    assertThat((String) workload.get("interface")).startsWith("weft");
                });
        assertThat((List<?>) json.get("expectations"))
                .hasSizeGreaterThanOrEqualTo(Math.max(1, expectations))
                .allSatisfy(e -> {
                    Map<?, ?> tested = (Map<?, ?>) e;
                    assertThat(
                                    List.of(
                                            "from",
                                            "to",
                                            "protocol",
                                            "port",
                                            "want",
                                            "got",
                                            "rule",
                                            "ok"))
                            .allMatch(tested::containsKey);
                    assertThat(tested.get("ok")).isEqualTo(true);
                    assertThat(tested.get("got")).isEqualTo(tested.get("want"));
                    assertThat(tested.get("port")).isInstanceOf(Integer.class);
                    assertThat((String) tested.get("rule")).isNotEmpty();
                });
        nothingIsLeft(List.of());
    }

    private static void send(String signal, Process to) throws Exception {
        new ProcessBuilder("kill", "-" + signal, Long.toString(to.pid()))
                .inheritIO()
                .start()
                .waitFor();
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM"})
    void aSignalEndsItAndLeavesNothing(String signal) throws Exception {
        Process process = running(EXAMPLE);
        List<Long> pods = podProcesses();
        assertThat(pods).hasSize(3);

        send(signal, process);

        assertThat(Weft.finish(process).err()).contains("nothing is left behind");
        nothingIsLeft(pods);
    }

    @Test
    void theNextStartTakesBackWhatAKilledOneLeft() throws Exception {
        Process process = running(EXAMPLE);
        List<Long> pods = podProcesses();
        Weft.Result second = once(EXAMPLE);
        assertThat(second.code()).isEqualTo(Exit.MACHINE);
        assertThat(second.err())
                .contains(
                        "instance '%s' is already running (pid %d, weft up %s)"
                                .formatted(instance, process.pid(), EXAMPLE));
        process.destroyForcibly().waitFor();
        process.errorReader(StandardCharsets.UTF_8).close();
        assertThat(pods).hasSize(3).allMatch(p -> ProcessHandle.of(p).isPresent());
        assertThat(podNamespaces()).hasSize(3);

        Weft.Result next = once(EXAMPLE);

        assertThat(next.code()).as(next.err()).isEqualTo(Exit.DONE);
        nothingIsLeft(pods);
    }

    @Test
    void theOtherCommandsTalkToIt() throws Exception {
        Process process = running(EXAMPLE);
        String policy = Weft.ROOT.resolve(EXAMPLE).resolve("policy.yaml").toString();

        assertThat(client("status", "-o", "json").json())
                .containsEntry("instance", instance)
                .containsEntry("pods", 3)
                .containsEntry("policies", 1);
        assertThat(client("get", "pods").out()).contains("frontend", "backend", "intruder");
        Map<String, Object> got =
                client("get", "netpol", "microservice-isolation", "-o", "json").json();
        assertThat((List<?>) got.get("items")).hasSize(1);
        assertThat(client("get", "pod", "ghost").code()).isEqualTo(Exit.BAD_INPUT);

        Weft.Result why =
                client("why", "intruder", "backend", "--port", "8080/tcp", "--live", "-o", "json");
        assertThat(why.code()).isEqualTo(Exit.DONE);
        assertThat((List<?>) why.json().get("explanations"))
                .hasSize(2)
                .allSatisfy(e -> {
                    assertThat(((Map<?, ?>) e).get("verdict")).isEqualTo("deny");
                    Map<?, ?> kernel =
                            (Map<?, ?>) Objects.requireNonNull(((Map<?, ?>) e).get("kernel"));
                    assertThat(kernel.get("verdict")).isEqualTo("deny");
                    assertThat(kernel.get("agrees")).isEqualTo(true);
                });
        assertThat(client("why", "ghost", "backend", "--port", "80").code())
                .isEqualTo(Exit.BAD_INPUT);

        assertThat(client("diff", "-f", policy).code()).isEqualTo(Exit.DONE);
        String edited =
                Files.writeString(
                                temporary.resolve("edited.yaml"),
                                Files.readString(Path.of(policy))
                                        .replace("tier: frontend", "tier: batch"))
                        .toString();
        Weft.Result diff = client("diff", "-f", edited);
        assertThat(diff.code()).isEqualTo(Exit.NO);
        assertThat(diff.out())
                .contains("networkpolicy microservices/microservice-isolation configured")
                .contains(
                        "microservices/frontend -> microservices/backend 8080/TCP: deny, was allow")
                .contains(
                        "microservices/intruder -> microservices/backend 8080/TCP: allow, was deny");

        Weft.Result apply = client("apply", "-f", edited);
        assertThat(apply.code()).isEqualTo(Exit.DONE);
        assertThat(apply.out()).contains("microservice-isolation configured");
        assertThat(client("why", "intruder", "backend", "--port", "8080", "--live").out())
                .contains("TCP 8080: allowed")
                .contains("agrees");
        Weft.Result wrong =
                client("apply", "-f", write("wrong.yaml", "{apiVersion: v1, kind: Pod}\n"));
        assertThat(wrong.code()).isEqualTo(Exit.BAD_INPUT);
        assertThat(wrong.err()).contains("wrong.yaml:1");

        Weft.Result flows = client("observe", "--verdict", "DROPPED", "-o", "json");
        assertThat(flows.code()).isEqualTo(Exit.DONE);
        assertThat(flows.out()).contains("intruder").contains("backend");
        assertThat(client("observe", "--verdict", "MAYBE").code()).isEqualTo(Exit.BAD_INPUT);

        Weft.Result delete =
                client("delete", "netpol", "microservice-isolation", "-n", "microservices");
        assertThat(delete.code()).isEqualTo(Exit.DONE);
        assertThat(delete.out()).contains("microservice-isolation deleted");
        assertThat(
                        client("delete", "netpol", "microservice-isolation", "-n", "microservices")
                                .code())
                .isEqualTo(Exit.BAD_INPUT);
        assertThat(client("status", "-o", "json").json()).containsEntry("policies", 0);

        send("TERM", process);
        Weft.finish(process);
        assertThat(client("status").code()).isEqualTo(Exit.UNREACHABLE);
        nothingIsLeft(List.of());
    }

    private String write(String name, String text) throws IOException {
        return Files.writeString(temporary.resolve(name), text).toString();
    }

    private Weft.Result client(String... arguments) {
        List<String> words = new ArrayList<>(List.of(arguments));
        words.addAll(List.of("--instance", instance));
        return Weft.run(words.toArray(String[]::new));
    }

    @Test
    void aPodThatEndsAtOnceIsReportedAndNothingIsLeft() throws IOException {
        String pods =
                write(
                        "pods.yaml",
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: broken}
                        spec: {containers: [{name: main, command: [sh, -c, "echo no licence; exit 3"]}]}
                        """);
        Weft.Result result = once(pods);

        assertThat(result.code()).isEqualTo(Exit.NO);
        assertThat(result.err())
                .contains("Pod default/broken is not ready")
                .contains("ended with code 3: no licence");
        nothingIsLeft(List.of());
    }

    @Test
    void saysWhichRightIsMissing() throws IOException {
        List<String> command =
                new ArrayList<>(List.of("setpriv", "--inh-caps=-all", "--bounding-set=-all"));
        command.addAll(up(EXAMPLE, "--once"));
        Weft.Result result = Weft.finish(Weft.start(host, command));

        assertThat(result.code()).isEqualTo(Exit.MACHINE);
        assertThat(result.err())
                .isEqualTo(
                        "weft: missing CAP_NET_ADMIN (needed to wire interfaces): run as root,"
                                + " e.g. with sudo\n");
        nothingIsLeft(List.of());
    }

    @Test
    void checkNeedsNoRight() {
        List<String> command =
                new ArrayList<>(List.of("setpriv", "--inh-caps=-all", "--bounding-set=-all"));
        command.addAll(Weft.command("check", EXAMPLE));

        assertThat(Weft.finish(Weft.start(host, command)).code()).isEqualTo(Exit.DONE);
    }
}
