package io.weft.cni;

import io.weft.cni.ConformanceCase.Failed;
import io.weft.cni.ConformanceCase.NotApplicable;
import io.weft.kernel.NetNs;
import io.weft.netlink.Link;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.Netlink;
import io.weft.netlink.Route;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * What one case works with: a node's namespace, pods' namespaces, a config, and the plugin. All of
 * it goes with {@link #close}, and every attachment that the case left.
 */
final class ConformanceBench implements AutoCloseable {
    private static final Duration SETTLING = Duration.ofSeconds(3);
    private static final Duration QUIET = Duration.ofMillis(150);
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final ConformanceOptions options;
    private final Path directory;
    private final NetNs node;
    private final boolean ownNode;
    private final List<Pod> pods = new ArrayList<>();

    /** A container to attach. */
    static final class Pod implements AutoCloseable {
        private final String containerId;
        private final NetNs netns;

        private Pod(String name) {
            this.containerId = name;
            this.netns = NetNs.create(name);
        }

        String containerId() {
            return containerId;
        }

        String path() {
            return NetNs.pathOf(containerId).toString();
        }

        NetNs netns() {
            return netns;
        }

        /** As when the container's processes ended and its name was taken away. */
        void vanish() {
            netns.close();
            NetNs.delete(containerId);
        }

        @Override
        public void close() {
            vanish();
        }
    }

    ConformanceBench(ConformanceOptions options) throws IOException {
        this.options = options;
        this.directory = Files.createTempDirectory("weft-conformance");
        this.ownNode = options.node().isEmpty();
        this.node =
                options.node().isPresent()
                        ? NetNs.open(options.node().get())
                        : NetNs.createAnonymous();
        if (ownNode) {
            try (Netlink netlink = Netlink.open(node)) {
                netlink.links().setUp(netlink.links().require("lo").index());
            }
        }
    }

    ConformanceOptions options() {
        return options;
    }

    NetNs node() {
        return node;
    }

    Path directory() {
        return directory;
    }

    /** {@return where host-local keeps its leases, when the config says so} */
    Optional<Path> data() {
        return options.usesData() ? Optional.of(directory.resolve("data")) : Optional.empty();
    }

    synchronized Pod pod() {
        Pod pod =
                new Pod("weft-c-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet());
        pods.add(pod);
        return pod;
    }

    /** {@return what there is, when an agent has done what it does after its answers} */
    NodeState state() throws Exception {
        NodeState state = stateNow();
        long end = System.nanoTime() + SETTLING.toNanos();
        while (!ownNode && System.nanoTime() < end) {
            Thread.sleep(QUIET.toMillis());
            NodeState later = stateNow();
            if (later.equals(state)) {
                break;
            }
            state = later;
        }
        return state;
    }

    private NodeState stateNow() throws IOException {
        if (data().isPresent()) {
            Files.createDirectories(data().get());
        }
        return NodeState.of(node, data(), options.leaseCounter());
    }

    /** The interface goes with DEL; an agent may answer first, and take links away many at once. */
    void expectDetached(Pod pod, String after) throws Exception {
        long end = System.nanoTime() + SETTLING.toNanos();
        while (link(pod).isPresent()) {
            if (ownNode || System.nanoTime() > end) {
                throw new Failed("eth0 is still in the container " + after);
            }
            Thread.sleep(20);
        }
    }

    /**
     * {@return the state after one ADD and DEL: what a plugin makes once, as a bridge, is no leak}
     */
    NodeState warmState() throws Exception {
        Pod pod = pod();
        Map<String, Object> config = config();
        CniResult result = add(pod, config);
        delete(pod, with(config, "prevResult", result.toMap(version())));
        return state();
    }

    void expectClean(NodeState before, String after) throws Exception {
        Optional<String> left = before.left(state());
        // the kernel takes the links of a namespace away after the namespace, by itself
        long end = System.nanoTime() + SETTLING.toNanos();
        while (left.isPresent()
                && (left.get().contains(NodeState.LINK) || left.get().contains(NodeState.ROUTE))
                && System.nanoTime() < end) {
            Thread.sleep(20);
            left = before.left(state());
        }
        if (left.isPresent()) {
            throw new Failed(after + ": " + left.get());
        }
    }

    /** {@return the newest version that the plugin lists and the suite knows} */
    CniVersion version() throws Exception {
        List<CniVersion> versions = versions();
        if (versions.isEmpty()) {
            throw new Failed("VERSION lists none from 0.3.0 to 1.1.0");
        }
        return versions.getLast();
    }

    /** {@return the versions that the plugin lists and the suite knows, oldest first} */
    List<CniVersion> versions() throws Exception {
        CniProcess.Output output = run(Map.of("CNI_COMMAND", "VERSION"), "{}");
        if (output.exitCode() != 0) {
            throw new Failed("VERSION: " + shown(output));
        }
        Object listed = Json.object(NodeState.utf8(output.stdout())).get("supportedVersions");
        List<?> texts = listed instanceof List<?> list ? list : List.of();
        return Stream.of(CniVersion.values()).filter(v -> texts.contains(v.text())).toList();
    }

    /** {@return the plugin's config, in its newest version} */
    Map<String, Object> config() throws Exception {
        return config(version());
    }

    Map<String, Object> config(CniVersion version) throws IOException {
        String text = options.config().replace(ConformanceOptions.DATA, directory + "/data");
        return with(Json.object(NodeState.utf8(text)), "cniVersion", version.text());
    }

    static Map<String, Object> with(Map<String, Object> config, String key, Object value) {
        Map<String, Object> changed = new LinkedHashMap<>(config);
        changed.put(key, value);
        return changed;
    }

    Map<String, String> environment(CniCommand verb, Pod pod) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("CNI_COMMAND", verb.name());
        environment.put("CNI_CONTAINERID", pod.containerId());
        environment.put("CNI_NETNS", pod.path());
        environment.put("CNI_IFNAME", "eth0");
        environment.put("CNI_PATH", path());
        return environment;
    }

    /** {@return CNI_PATH: what a case put there, the plugin's directory, the distribution's} */
    String path() {
        return directory
                + ":"
                + options.plugin().toAbsolutePath().getParent()
                + ":/usr/lib/cni:/opt/cni/bin";
    }

    /** Runs the plugin on the node. */
    CniProcess.Output run(Map<String, String> environment, String stdin) {
        Map<String, String> all = new LinkedHashMap<>(options.environment());
        all.putIfAbsent("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        all.putAll(environment);
        return node.call(() ->
                CniProcess.run(
                        List.of(options.plugin().toAbsolutePath().toString()),
                        all,
                        NodeState.utf8(stdin),
                        options.limit()));
    }

    CniProcess.Output run(CniCommand verb, Pod pod, Map<String, Object> config) {
        return run(environment(verb, pod), Json.text(config));
    }

    /** {@return the result of an ADD that succeeds} */
    CniResult add(Pod pod, Map<String, Object> config) throws Exception {
        CniProcess.Output output = run(CniCommand.ADD, pod, config);
        if (output.exitCode() != 0) {
            throw new Failed("ADD: " + shown(output));
        }
        return result(output, config);
    }

    static CniResult result(CniProcess.Output output, Map<String, Object> config) throws Exception {
        try {
            return CniResult.parse(
                    output.stdout(),
                    CniVersion.tryParse(String.valueOf(config.get("cniVersion")))
                            .orElse(CniVersion.LATEST));
        } catch (CniException e) {
            throw new Failed("ADD: " + e.text() + " in " + cut(output.stdout()));
        }
    }

    /** A DEL that succeeds and says nothing. */
    void delete(Pod pod, Map<String, Object> config) throws Exception {
        succeeds(run(CniCommand.DEL, pod, config), "DEL");
    }

    static void succeeds(CniProcess.Output output, String what) throws Failed {
        if (output.exitCode() != 0) {
            throw new Failed(what + ": " + shown(output));
        }
        if (!output.stdout().isBlank()) {
            throw new Failed(what + " succeeds, but prints " + cut(output.stdout()));
        }
    }

    /** {@return the error, which must have one of {@code codes}; none given: any} */
    static CniException fails(CniProcess.Output output, String what, Integer... codes)
            throws Failed {
        if (output.exitCode() == 0) {
            throw new Failed(
                    what
                            + " succeeds"
                            + (output.stdout().isBlank() ? "" : ": " + cut(output.stdout())));
        }
        CniException error =
                CniExec.error(output.stdout())
                        .orElseThrow(() ->
                                new Failed(
                                        what
                                                + ": exit code "
                                                + output.exitCode()
                                                + " without an error on stdout: "
                                                + cut(output.stdout() + output.stderr())));
        if (codes.length > 0 && !List.of(codes).contains(error.code())) {
            throw new Failed(what + ": " + shown(output));
        }
        return error;
    }

    /** {@return the error in short, or what else came} */
    static String shown(CniProcess.Output output) {
        return CniExec.error(output.stdout())
                .map(e ->
                        "code "
                                + e.code()
                                + " ("
                                + cut(e.text() + (e.details().isEmpty() ? "" : "; " + e.details()))
                                + ")")
                .orElseGet(() ->
                        "exit code "
                                + output.exitCode()
                                + " "
                                + cut(output.stdout() + output.stderr()));
    }

    static String cut(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() <= 120 ? line : line.substring(0, 120) + "…";
    }

    /** {@return eth0 in the pod} */
    static Optional<Link> link(Pod pod) {
        try (Netlink netlink = Netlink.open(pod.netns())) {
            return netlink.links().get("eth0");
        }
    }

    /** {@return the addresses of eth0 but for the kernel's own} */
    static List<LinkAddress> addresses(Pod pod) {
        try (Netlink netlink = Netlink.open(pod.netns())) {
            return netlink.links().get("eth0").stream()
                    .flatMap(link -> netlink.addresses().list(link.index()).stream())
                    .filter(a -> !a.address().toString().startsWith("fe80:"))
                    .toList();
        }
    }

    static List<Route> routes(Pod pod) {
        try (Netlink netlink = Netlink.open(pod.netns())) {
            return netlink.routes().list(Route.MAIN);
        }
    }

    /** Whoever cannot count leases cannot say that none leaks. */
    void requireLeases() throws NotApplicable, IOException {
        if (stateNow().leases().isEmpty()) {
            throw new NotApplicable(
                    "nobody counts the leases: give --count-leases, or a config with "
                            + ConformanceOptions.DATA);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            if (!ownNode) { // the next case meets the same node
                for (Pod pod : pods) {
                    run(CniCommand.DEL, pod, config(CniVersion.V1_0_0));
                }
            }
        } finally {
            pods.forEach(Pod::close);
            node.close();
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
