package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bpf.BpfFs;
import io.weft.datapath.KernelTables;
import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Kind;
import io.weft.model.Ref;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a node makes and takes back, what it refuses, and what it leaves alone. */
@KernelTest
@Timeout(60)
class NodeChangeTest {
    private static final String SLEEPER =
            """
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: sleeper, namespace: shop, labels: {app: sleeper}}
            spec: {containers: [{name: main, command: [sleep, "1000"]}]}
            """;
    private static final Ref SLEEPER_REF = Ref.pod("shop", "sleeper");

    @TempDir private Path temporary;
    private TestNode node;

    @BeforeEach
    void start() {
        node = TestNode.start(temporary);
        node.apply("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}");
    }

    @Test
    void refusesAPodInANamespaceThatNobodyDeclared() throws IOException {
        refused(
                () -> node.run(SLEEPER.replace("namespace: shop", "namespace: shp")),
                NodeException.Cause.INPUT,
                "test.yaml:2: Pod shp/sleeper: namespaces \"shp\" not found");
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private Endpoint sleeper() {
        return Objects.requireNonNull(node.node.state().endpoints().get(SLEEPER_REF));
    }

    /** What a change may change. */
    private record Seen(
            NodeState state, int revision, Map<String, String> links, String namespaces) {}

    private Seen look() throws IOException {
        Map<String, String> links = new TreeMap<>();
        try (Netlink netlink = Netlink.open(node.host)) {
            netlink.links().list().forEach(l -> links.put(l.name(), l.kind()));
        }
        StringBuilder namespaces = new StringBuilder();
        try (var names = Files.list(NetNs.NAMES)) {
            names.filter(n -> n.toString().contains(node.node.config().instance()))
                    .sorted()
                    .forEach(n -> namespaces.append(n).append(' '));
        }
        return new Seen(
                node.node.state(),
                node.node.datapath().tables().revision(),
                links,
                namespaces.toString());
    }

    private void refused(ThrowingCallable change, NodeException.Cause cause, String... message)
            throws IOException {
        node.node.awaitReady(Duration.ofSeconds(20)); // then nothing changes by itself
        Seen before = look();
        assertThatThrownBy(change)
                .isInstanceOfSatisfying(
                        NodeException.class, e -> assertThat(e.cause()).isEqualTo(cause))
                .hasMessageContainingAll(message);
        assertThat(look()).isEqualTo(before);
    }

    @Test
    void saysWhatItDidToEachObject() {
        assertThat(node.run(SLEEPER)).isEqualTo(Map.of(SLEEPER_REF, Node.Change.CREATED));
        assertThat(node.run(SLEEPER)).isEqualTo(Map.of(SLEEPER_REF, Node.Change.UNCHANGED));
        assertThat(node.run(SLEEPER.replace("app: sleeper", "app: dozer")))
                .isEqualTo(Map.of(SLEEPER_REF, Node.Change.CONFIGURED));
    }

    @Test
    void runsAPodAndTakesEverythingBackWithIt() throws IOException {
        Seen empty = look();
        node.run(SLEEPER);
        Endpoint endpoint = sleeper();
        Path name = endpoint.namespace();
        ProcessHandle process = NamespaceProcesses.in(name).getFirst();
        assertThat(look().links()).containsEntry(endpoint.hostInterface(), "veth");
        assertThat(process.info().command().orElse("")).endsWith("sleep");

        node.delete(SLEEPER_REF);

        TestNode.until("the process ends", () -> !process.isAlive());
        assertThat(name).doesNotExist();
        assertThat(look().links()).isEqualTo(empty.links());
        assertThat(node.node.state().endpoints()).isEmpty();
        assertThat(node.node.datapath().workloads()).isEmpty();
    }

    @Test
    void leavesNothingWhenItEnds() {
        node.run(SLEEPER);
        Endpoint endpoint = sleeper();
        ProcessHandle process = NamespaceProcesses.in(endpoint.namespace()).getFirst();
        NodeConfig config = node.node.config();
        node.node.close();

        TestNode.until("the process ends", () -> !process.isAlive());
        assertThat(endpoint.namespace()).doesNotExist();
        assertThat(config.runDirectory()).doesNotExist();
        assertThat(config.pinDirectory().getParent()).doesNotExist();
        try (Netlink netlink = Netlink.open(node.host)) {
            assertThat(netlink.links().list()).extracting(l -> l.name()).containsExactly("lo");
        }
        node.host.close();
        node = TestNode.start(temporary); // for the end of the test
    }

    // ---- refused

    @Test
    void refusesAProgramThatIsNotThereWithAllThatCameWithIt() throws IOException {
        refused(
                () -> node.run(SLEEPER + SLEEPER.replace("sleeper", "b").replace("sleep,", "zzz,")),
                NodeException.Cause.INPUT,
                "test.yaml:",
                "Pod shop/b: container main: program 'zzz' is not on this machine");
    }

    @Test
    void refusesOtherContainersForALivingPod() throws IOException {
        node.run(SLEEPER);
        refused(
                () -> node.run(SLEEPER.replace("1000", "2000")),
                NodeException.Cause.INPUT,
                "Pod shop/sleeper: spec: Forbidden",
                "delete it and apply it again");
    }

    @Test
    void refusesToDeleteANamespaceThatHoldsPods() throws IOException {
        node.run("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}\n" + SLEEPER);
        refused(
                () -> node.delete(new Ref(Kind.NAMESPACE, "", "shop")),
                NodeException.Cause.INPUT,
                "Namespace shop still holds Pod shop/sleeper: delete that first");
    }

    @Test
    void refusesToDeleteWhatIsNotThereWithAllThatCameWithIt() throws IOException {
        node.run(SLEEPER);
        refused(
                () -> node.delete(SLEEPER_REF, Ref.pod("shop", "ghost")),
                NodeException.Cause.INPUT,
                "Pod shop/ghost not found");
    }

    @Test
    void refusesAPodWithoutANamespaceOfItsOwn() throws IOException {
        refused(
                () -> node.run(SLEEPER.replace("spec: {", "spec: {hostNetwork: true, ")),
                NodeException.Cause.INPUT,
                "spec.hostNetwork");
    }

    @Test
    void refusesAPodForWhichNoAddressIsLeftWithAllThatCameWithIt() throws IOException {
        node.close();
        node = TestNode.start(temporary, "192.0.2.0/29");
        StringBuilder six = new StringBuilder();
        for (int i = 0; i < 6; i++) {
            six.append(TestNode.pod("pod-" + i, "app: a"));
        }
        refused(
                () -> node.apply(six.toString()),
                NodeException.Cause.MACHINE,
                "address pool 192.0.2.0/29 is exhausted: all 5 addresses are in use");
        node.apply(TestNode.pod("one", "app: a")); // there is room again
    }

    @Test
    void refusesAProgramThatTheKernelCannotRunAndTakesThePodBack() throws IOException {
        Path program = Files.writeString(temporary.resolve("text"), "#!/no/such/interpreter\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        Seen before = look();
        assertThatThrownBy(() -> node.run(SLEEPER.replace("sleep,", program + ",")))
                .isInstanceOfSatisfying(
                        NodeException.class,
                        e -> assertThat(e.cause()).isEqualTo(NodeException.Cause.INPUT))
                .hasMessageContaining("Pod shop/sleeper: container main: cannot start");
        assertThat(look().links()).isEqualTo(before.links());
        assertThat(look().namespaces()).isEqualTo(before.namespaces());
        assertThat(node.node.state().snapshot()).isEqualTo(before.state().snapshot());
        assertThat(node.node.state().endpoints()).isEmpty();
        assertThat(node.run(SLEEPER)).isEqualTo(Map.of(SLEEPER_REF, Node.Change.CREATED));
    }

    // ---- foreign

    @Test
    void leavesAForeignLinkAloneAndNamesIt() throws IOException {
        node.run(SLEEPER);
        String name = sleeper().hostInterface();
        node.delete(SLEEPER_REF);
        try (Netlink netlink = Netlink.open(node.host)) {
            netlink.links().create(new LinkSpec.Bridge(LinkSettings.named(name)));
        }
        Seen before = look();
        assertThatThrownBy(() -> node.run(SLEEPER))
                .isInstanceOf(NodeException.class)
                .hasMessageContainingAll(
                        "interface " + name + " exists and was not made by this node",
                        "remove it, or choose another --instance");
        // its policy was in force meanwhile, so the revision moved
        assertThat(look().state()).isEqualTo(before.state());
        assertThat(look().links()).isEqualTo(before.links()).containsEntry(name, "bridge");
        assertThat(look().namespaces()).isEqualTo(before.namespaces());
        assertThat(
                        node.node
                                .datapath()
                                .tables()
                                .apply(node.node.state().compilation().tables(), Map.of()))
                .as("nothing to take back")
                .extracting(KernelTables.Applied::identities, KernelTables.Applied::endpoints)
                .containsExactly(0, 0);
    }

    @Test
    void leavesAForeignNamespaceAloneAndNamesIt() throws IOException {
        String name = "weft." + node.node.config().instance() + ".shop.sleeper";
        try (NetNs foreign = NetNs.create(name)) {
            long cookie = foreign.cookie();
            assertThatThrownBy(() -> node.run(SLEEPER))
                    .isInstanceOf(NodeException.class)
                    .hasMessageContaining(
                            "namespace " + name + " exists and was not made by this node");
            try (NetNs still = NetNs.named(name)) {
                assertThat(still.cookie()).isEqualTo(cookie);
            }
            assertThat(node.node.config().runDirectory().resolve("journal"))
                    .content()
                    .doesNotContain("+ NAMESPACE");
        } finally {
            NetNs.delete(name);
        }
        node.run(SLEEPER);
    }

    @Test
    void leavesForeignPinsAloneAndNamesThem() {
        NodeConfig config = TestNode.config(temporary, node.host, "10.78.0.0/16");
        Path foreign = config.pinDirectory().resolve("theirs");
        BpfFs.makeDirectory(foreign);
        try {
            assertThatThrownBy(() -> Node.start(config, "weft test"))
                    .isInstanceOf(NodeException.class)
                    .hasMessage(
                            foreign
                                    + " exists and was not made by this instance: remove it, or"
                                    + " choose another --instance");
            assertThat(foreign).isDirectory();
            assertThat(config.runDirectory().resolve("lock")).doesNotExist();
            assertThat(config.runDirectory().resolve("journal")).doesNotExist();
        } finally {
            BpfFs.removeRecursively(foreign.resolve("../..").normalize());
        }
    }

    @Test
    void refusesAPoolThatThisMachineUses() {
        node.run(SLEEPER);
        NodeConfig config = TestNode.config(temporary, node.host, "10.77.0.0/24");

        assertThatThrownBy(() -> Node.start(config, "weft test"))
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("the address pool 10.77.0.0/24 is in use here: address 10.77")
                .hasMessageContaining("choose another one with --pool4 or --pool6");
    }

    @Test
    void refusesASecondStartOfTheSameInstanceNamingTheFirst() {
        assertThatThrownBy(() -> Node.start(node.node.config(), "weft again"))
                .isInstanceOf(NodeException.class)
                .hasMessageContaining(
                        "instance '"
                                + node.node.config().instance()
                                + "' is already running (pid "
                                + ProcessHandle.current().pid());
        assertThat(node.run(SLEEPER)).containsKey(SLEEPER_REF);
    }
}
