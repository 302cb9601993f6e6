package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.weft.bpf.BpfMap;
import io.weft.cni.CniInstaller;
import io.weft.ipam.Ipam;
import io.weft.ipam.TimeSource;
import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.AgentConfiguration;
import io.weft.netlink.Netlink;
import io.weft.netlink.Route;
import io.weft.store.Ledger;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Containers come and go by the real client in eight workers, while agent, clients and namespaces
 * are killed at random. Afterwards the kernel, the maps and the ledger are looked at from outside:
 * nothing may be left, and no address may ever have been given twice. A sticky pod of each worker
 * has the same addresses whenever it is attached.
 *
 * <p>{@code -Dweft.full=true} takes 2,000 containers; {@code -Dweft.seed=N} repeats a run's
 * choices.
 */
@KernelTest
@Timeout(900)
class AgentChaosTest {
    private static final int CONTAINERS = Boolean.getBoolean("weft.full") ? 2000 : 120;
    private static final int WORKERS = 8;
    private static final int TRIES = 2000;

    @TempDir private Path temporary;

    private final long seed = Long.getLong("weft.seed", System.nanoTime());
    private final String instance = "c" + ProcessHandle.current().pid();
    private final String hostName = "weft-t-" + instance + "-host";
    private final Map<String, String> holders = new ConcurrentHashMap<>();
    private final Map<String, List<String>> kept = new ConcurrentHashMap<>(); // by sticky pod
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger added = new AtomicInteger();
    private final AtomicInteger killedClients = new AtomicInteger();
    private final AtomicInteger endedNamespaces = new AtomicInteger();
    private Path program;

    private static AgentSettings settings(String instance, Path root, NetNs host) {
        return new AgentSettings(
                instance,
                root,
                Path.of("/sys/fs/bpf/weft-t-" + instance, "pins"),
                Optional.of(host),
                AgentConfiguration.DEFAULT);
    }

    /** The agent that is killed. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) throws IOException {
            try (NetNs host = NetNs.named(arguments[0]);
                    Agent _ =
                            Agent.start(
                                    settings(arguments[1], Path.of(arguments[2]), host),
                                    "weft victim")) {
                System.out.println("running");
                System.in.read();
            }
        }
    }

    /** What a client said; exit code -1 when it was killed. */
    private record Said(int exitCode, String stdout) {}

    /** A container, and the pod that it is of. */
    private record Container(String id, String pod) {}

    private Said client(String verb, Container container, Path namespace, long killAfterNanos)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(program.toString());
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.put("CNI_COMMAND", verb);
        environment.put("CNI_CONTAINERID", container.id());
        environment.put("CNI_ARGS", "K8S_POD_NAMESPACE=default;K8S_POD_NAME=" + container.pod());
        environment.put("CNI_NETNS", namespace.toString());
        environment.put("CNI_IFNAME", "eth0");
        environment.put("CNI_PATH", "/opt/cni/bin");
        environment.put(
                "WEFT_CNI_SOCKET",
                temporary.resolve("run/weft/" + instance + "/cni.sock").toString());
        environment.put(
                "WEFT_CNI_TOMBSTONES",
                temporary.resolve("var/lib/weft/" + instance + "/tombstones").toString());
        Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(TestAgent.config("").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // it answered without reading
        }
        if (killAfterNanos > 0) {
            LockSupport.parkNanos(killAfterNanos);
            process.destroyForcibly();
            process.waitFor();
            return new Said(-1, "");
        }
        String stdout = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Said(process.waitFor(), stdout);
    }

    /** One container after another, each ended as a runtime would: by DEL until it succeeds. */
    private void work(int worker) {
        Random random = new Random(seed + worker);
        try {
            for (int number = next.getAndIncrement();
                    number < CONTAINERS && wrong.isEmpty();
                    number = next.getAndIncrement()) {
                String id = "c" + number;
                live(new Container(id, number % 3 == 0 ? "kept-" + worker : id), random);
            }
        } catch (IOException | RuntimeException e) {
            wrong.add("worker " + worker + ": " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void live(Container container, Random random) throws IOException, InterruptedException {
        String name = "weft-t-" + instance + "-" + container.id();
        Path namespace = NetNs.pathOf(name);
        NetNs.create(name).close();
        try {
            boolean kill = random.nextInt(10) == 0;
            if (kill) {
                killedClients.incrementAndGet();
            }
            Said add = add(container, namespace, kill ? 1 + random.nextInt(4_000_000) : 0);
            List<String> ips = new ArrayList<>();
            if (add.exitCode() == 0) {
                added.incrementAndGet();
                ips = ips(add.stdout());
                for (String ip : ips) {
                    String other = holders.put(ip, container.id());
                    if (other != null) {
                        wrong.add(ip + " was given to " + container + ", and " + other + " has it");
                    }
                }
                if (isSticky(container)) {
                    List<String> before = kept.putIfAbsent(container.pod(), ips);
                    if (before != null && !before.equals(ips)) {
                        wrong.add(container + " has " + ips + ", and had " + before);
                    }
                }
                if (random.nextInt(4) == 0) {
                    Said check = client("CHECK", container, namespace, 0);
                    if (check.exitCode() != 0 && !check.stdout().contains("\"code\":11")) {
                        wrong.add("CHECK " + container + ": " + check.stdout());
                    }
                }
            }
            if (random.nextInt(5) == 0) {
                endedNamespaces.incrementAndGet();
                NetNs.delete(name);
            }
            ips.forEach(holders::remove);
            delete(container, namespace, random);
        } finally {
            NetNs.delete(name);
        }
    }

    private static boolean isSticky(Container container) {
        return !container.pod().equals(container.id());
    }

    /** Code 11 is to try again, as a runtime does some time later. */
    private Said add(Container container, Path namespace, long kill)
            throws IOException, InterruptedException {
        Said said = client("ADD", container, namespace, kill);
        for (int i = 0; i < TRIES && said.stdout().contains("\"code\":11"); i++) {
            LockSupport.parkNanos(20_000_000);
            said = client("ADD", container, namespace, 0);
            if (said.stdout().contains("\"code\":101")) { // the first one came through
                client("DEL", container, namespace, 0);
                said = client("ADD", container, namespace, 0);
            }
        }
        return said;
    }

    private void delete(Container container, Path namespace, Random random)
            throws IOException, InterruptedException {
        for (int i = 0; i < TRIES; i++) {
            long kill = random.nextInt(10) == 0 ? 1 + random.nextInt(2_000_000) : 0;
            if (client("DEL", container, namespace, kill).exitCode() == 0) {
                return;
            }
            LockSupport.parkNanos(5_000_000);
        }
        wrong.add("DEL " + container + " never succeeded");
    }

    private static List<String> ips(String result) throws IOException {
        List<String> ips = new ArrayList<>();
        if (JSON.std.mapFrom(result).get("ips") instanceof List<?> list) {
            list.forEach(ip -> ips.add(String.valueOf(((Map<?, ?>) ip).get("address"))));
        }
        return ips;
    }

    @BeforeEach
    void install() {
        program =
                new CniInstaller(
                                temporary.resolve("bin"),
                                temporary.resolve("net.d"),
                                "net",
                                instance)
                        .install(List.of("/bin/false")).files().stream()
                                .filter(Files::isExecutable)
                                .findFirst()
                                .orElseThrow();
    }

    @Test
    void nothingLeaksAndNoAddressIsGivenTwice() throws Exception {
        System.out.println("chaos: -Dweft.seed=" + seed);
        int kills = 0;
        try (NetNs host = NetNs.create(hostName)) {
            try {
                ChildJvm victim = ChildJvm.start(Victim.class, hostName, instance, temporary);
                assertThat(victim.line()).isEqualTo("running");
                applyStickyPods();
                List<Thread> workers = new ArrayList<>();
                for (int i = 0; i < WORKERS; i++) {
                    int worker = i;
                    workers.add(Thread.ofPlatform().start(() -> work(worker)));
                }
                Random random = new Random(seed);
                boolean busy = true;
                while (busy) {
                    LockSupport.parkNanos(
                            TimeUnit.MILLISECONDS.toNanos(300 + random.nextInt(1200)));
                    victim.kill();
                    kills++;
                    victim = ChildJvm.start(Victim.class, hostName, instance, temporary);
                    assertThat(victim.line()).isEqualTo("running");
                    busy = workers.stream().anyMatch(Thread::isAlive);
                }
                victim.kill(); // with what its last DELs left to do
                for (Thread worker : workers) {
                    worker.join();
                }
                assertThat(wrong).isEmpty();
                assertThat(added.get()).isPositive();
                System.out.printf(
                        "chaos: %d containers, %d attached; killed: %d agents, %d clients, %d"
                                + " namespaces%n",
                        CONTAINERS, added.get(), kills, killedClients.get(), endedNamespaces.get());
                settled(host);
            } finally {
                Agent.remove(settings(instance, temporary, host), true);
            }
        } finally {
            NetNs.delete(hostName);
        }
    }

    private void applyStickyPods() {
        StringBuilder pods = new StringBuilder();
        for (int i = 0; i < WORKERS; i++) {
            pods.append("---\n{apiVersion: v1, kind: Pod, metadata: {name: kept-").append(i);
            pods.append(", annotations: {weft.io/sticky-ip: 'true'}}}\n");
        }
        Path socket = temporary.resolve("run/weft/" + instance + "/api.sock");
        try (NodeClient client = NodeClient.connect(socket)) {
            client.call(
                    "Apply",
                    Map.of(
                            "files",
                            List.of(Map.of("name", "sticky.yaml", "text", pods.toString()))));
        }
    }

    /** One more agent starts, and heals; then it ends, and what is left is counted. */
    private void settled(NetNs host) {
        AgentSettings settings = settings(instance, temporary, host);
        try (Agent agent = Agent.start(settings, "weft test")) {
            TestNode.until("tombstones are honoured", () -> isEmpty(settings.tombstones()));
            TestNode.until("no guest is left", () -> agent.node().state().endpoints().isEmpty());
        }
        try (Netlink netlink = Netlink.open(host)) {
            assertThat(netlink.links().list().stream().map(l -> l.name()).toList())
                    .containsExactly("lo");
            assertThat(netlink.routes().list(Route.MAIN)).isEmpty();
        }
        for (String map : Set.of("weft_workloads", "weft_addresses", "weft_namespaces")) {
            try (BpfMap pinned = BpfMap.openPinned(settings.pinDirectory().resolve(map))) {
                long[] entries = {0};
                pinned.batch().forEach((key, value) -> entries[0]++);
                // the node's own namespace is led to services, too
                assertThat(entries[0]).as(map).isEqualTo(map.equals("weft_namespaces") ? 1 : 0);
            }
        }
        try (Ledger ledger = Ledger.open(settings.stateDirectory().resolve("ledger"))) {
            assertThat(new Attachments(ledger).all()).isEmpty();
            Ipam ipam =
                    Ipam.open(
                            ledger, settings.pools().pools(), settings.ipam(), TimeSource.system());
            assertThat(ipam.leases()).isEmpty();
            Map<String, String> claims = new TreeMap<>();
            ipam.claims().forEach(c -> claims.put(c.key().name(), c.addresses().toString()));
            kept.forEach((pod, ips) ->
                    assertThat(claims).containsEntry(pod, ips.toString().replaceAll("/\\d+", "")));
            assertThat(ipam.usage())
                    .allMatch(usage -> usage.used() == 0 && usage.reserved() == claims.size());
        }
    }

    private static boolean isEmpty(Path directory) {
        try (java.util.stream.Stream<Path> files = Files.list(directory)) {
            // one that a client was killed over has a dot in front; its DEL was not answered
            return files.noneMatch(file -> !file.getFileName().toString().startsWith("."));
        } catch (IOException e) {
            return true; // it was never needed
        }
    }
}
