package io.weft.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.Fd;
import io.weft.kernel.Linux;
import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Attaches to a veth pair inside a namespace of its own, and to a control group of its own. */
@KernelTest
class LinkTest {
    private static final String NAME = "weft-t-bpf-" + ProcessHandle.current().pid();
    private static final int ETH_P_ALL = 3;

    private NetNs ns;
    private LoadedObject object;
    private int ifindex;
    private int peer;

    @BeforeEach
    void setUp() {
        ns = NetNs.create(NAME);
        run("ip link set lo up");
        run("ip link add left type veth peer name right");
        run("ip link set left up");
        run("ip link set right up");
        ifindex = index("left");
        peer = index("right");
        object = TestObjects.spec("hooks").withRodata("refused_port", 4321).load();
    }

    @AfterEach
    void tearDown() {
        object.close();
        ns.close();
        NetNs.delete(NAME);
    }

    private String run(String command) {
        return ns.call(() -> {
            Process process =
                    new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return output;
        });
    }

    /** {@code 2: left@right: <...>} */
    private int index(String device) {
        String line = run("ip -o link show dev " + device);
        return Integer.parseInt(line.substring(0, line.indexOf(':')));
    }

    private long variable(String name) {
        return TestObjects.bss(object, "hooks", name);
    }

    /** Sends a frame out of {@code right}, so that it arrives at {@code left}. */
    private void send() {
        ns.run(() -> {
            try (Arena arena = Arena.ofConfined();
                    Fd socket = Linux.socket(Linux.AF_PACKET, Linux.SOCK_RAW, 0, "packet socket")) {
                MemorySegment address = arena.allocate(20, 4); // struct sockaddr_ll
                address.set(ValueLayout.JAVA_SHORT, 0, (short) Linux.AF_PACKET);
                address.set(ValueLayout.JAVA_BYTE, 3, (byte) ETH_P_ALL);
                address.set(ValueLayout.JAVA_INT, 4, peer);
                Linux.bind(socket, address);
                MemorySegment frame = arena.allocate(64);
                frame.asSlice(0, 6).fill((byte) 0xff);
                frame.set(ValueLayout.JAVA_BYTE, 12, (byte) 0x88); // local experiment
                frame.set(ValueLayout.JAVA_BYTE, 13, (byte) 0xb5);
                Linux.send(socket, frame, 0);
            }
        });
    }

    private void sendUntilMoreThan(String variable, long before) {
        TestObjects.await(() -> {
            send();
            return variable(variable) > before;
        });
    }

    @Test
    void xdpSeesPacketsUntilItIsClosed() {
        BpfProgram pass = object.program("xdp_pass");
        try (BpfLink link =
                ns.call(() -> BpfLink.attachXdp(pass, ifindex, BpfLink.XdpMode.GENERIC))) {
            sendUntilMoreThan("xdp_packets", 0);
            assertThat(link.info())
                    .isEqualTo(new LinkInfo.Xdp(link.info().id(), pass.id(), ifindex));
            assertThat(run("ip link show dev left")).contains("xdpgeneric");
            assertThatThrownBy(() ->
                            ns.call(() ->
                                    BpfLink.attachXdp(pass, ifindex, BpfLink.XdpMode.GENERIC)))
                    .isInstanceOf(BpfSyscallException.class)
                    .hasMessageContaining("EBUSY")
                    .hasMessageContaining("another program holds that place");
        }
        assertThat(run("ip link show dev left")).doesNotContain("xdpgeneric");
    }

    @Test
    void nativeXdpRunsOnVeth() {
        BpfProgram pass = object.program("xdp_pass");
        try (BpfLink link =
                ns.call(() -> BpfLink.attachXdp(pass, ifindex, BpfLink.XdpMode.NATIVE))) {
            assertThat(link.info().programId()).isEqualTo(pass.id());
            sendUntilMoreThan("xdp_packets", 0);
        }
    }

    @Test
    void tcxProgramsAreReplacedInPlace() {
        BpfProgram pass = object.program("tcx_pass");
        BpfProgram drop = object.program("tcx_drop");
        try (BpfLink link =
                ns.call(() -> BpfLink.attachTcx(pass, ifindex, BpfLink.Direction.INGRESS))) {
            sendUntilMoreThan("tc_packets", 0);
            int id = link.info().id();
            link.update(drop);
            assertThat(link.info())
                    .isEqualTo(
                            new LinkInfo.Tcx(
                                    id, drop.id(), ifindex, AttachType.TCX_INGRESS.code()));
            link.update(pass);
            long before = variable("tc_packets");
            sendUntilMoreThan("tc_packets", before);
            link.detach();
            assertThat(((LinkInfo.Tcx) link.info()).ifindex()).isZero();
        }
    }

    @Test
    void severalTcxProgramsHangTogether() {
        BpfProgram pass = object.program("tcx_pass");
        try (BpfLink in =
                        ns.call(() -> BpfLink.attachTcx(pass, ifindex, BpfLink.Direction.INGRESS));
                BpfLink also =
                        ns.call(() ->
                                BpfLink.attachTcx(
                                        object.program("tcx_drop"),
                                        ifindex,
                                        BpfLink.Direction.INGRESS))) {
            assertThat(in.info().id()).isNotEqualTo(also.info().id());
            sendUntilMoreThan("tc_packets", 0);
        }
    }

    @Test
    void aPinnedLinkStaysAttached() throws IOException {
        Path mount = Files.createTempDirectory("weft-t-bpffs");
        BpfFs.mount(mount);
        Path pin = mount.resolve("link");
        try {
            try (BpfLink link =
                    ns.call(() ->
                            BpfLink.attachTcx(
                                    object.program("tcx_pass"),
                                    ifindex,
                                    BpfLink.Direction.INGRESS))) {
                link.pin(pin);
            }
            sendUntilMoreThan("tc_packets", 0);
            try (BpfLink again = BpfLink.openPinned(pin)) {
                again.update(object.program("tcx_drop"));
                assertThat(again.info().programId()).isEqualTo(object.program("tcx_drop").id());
                BpfFs.removeRecursively(pin);
            }
        } finally {
            Linux.unmount(mount, Linux.MNT_DETACH);
            Files.delete(mount);
        }
    }

    @Test
    void connectHooksConcernTheirCgroupOnly() throws IOException {
        Path cgroup = Cgroups.root().orElseThrow().resolve(NAME);
        Files.createDirectory(cgroup);
        // nobody listens: what is let through ends in "refused", the rest in "not permitted"
        String connect = "bash -c 'exec 3<>/dev/tcp/127.0.0.1/%d'";
        String inside = "echo $$ > " + cgroup.resolve("cgroup.procs") + "; LC_ALL=C " + connect;
        try (BpfLink link =
                BpfLink.attachCgroup(
                        object.program("connect4"), cgroup, AttachType.CGROUP_INET4_CONNECT)) {
            assertThat(link.info()).isInstanceOf(LinkInfo.Cgroup.class);
            assertThat(run(inside.formatted(4321))).contains("Operation not permitted");
            assertThat(run(inside.formatted(4322))).contains("Connection refused");
            assertThat(variable("connects")).isEqualTo(2);

            link.update(object.program("connect4_allow"));
            assertThat(run(inside.formatted(4321))).contains("Connection refused");

            link.update(object.program("connect4"));
            assertThat(run("LC_ALL=C " + connect.formatted(4321))).contains("Connection refused");
            assertThat(variable("connects")).isEqualTo(2);
        } finally {
            // the kernel lets go of ended processes in its own time
            TestObjects.await(() -> cgroup.toFile().delete());
        }
    }

    @Test
    void aSocketLookupHangsOnItsNamespace() {
        BpfProgram lookup = object.program("lookup_pass");
        try (BpfLink link = BpfLink.attachNetns(lookup, ns, AttachType.SK_LOOKUP)) {
            assertThat(link.info())
                    .isInstanceOfSatisfying(
                            LinkInfo.Netns.class,
                            info -> {
                                assertThat(info.programId()).isEqualTo(lookup.id());
                                assertThat(info.inode()).isNotZero();
                            });
        }
    }

    @Test
    void anAbsentTargetIsNamed() {
        assertThatThrownBy(() ->
                        BpfLink.attachXdp(
                                object.program("xdp_pass"), 0x7fffffff, BpfLink.XdpMode.ANY))
                .isInstanceOf(BpfSyscallException.class)
                .hasMessageContaining("attach program xdp_pass: XDP on interface 2147483647");
        assertThatThrownBy(() ->
                        BpfLink.attachCgroup(
                                object.program("connect4"),
                                Path.of("/no/such/cgroup"),
                                AttachType.CGROUP_INET4_CONNECT))
                .isInstanceOf(BpfSyscallException.class)
                .hasMessageContaining("ENOENT")
                .hasMessageContaining("no such cgroup");
    }
}
