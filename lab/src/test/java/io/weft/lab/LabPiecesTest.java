package io.weft.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bpf.BpfLink.XdpMode;
import io.weft.kernel.testing.KernelTest;
import io.weft.netlink.Address;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the experiments are made of. */
@KernelTest
@Timeout(60)
class LabPiecesTest {
    @TempDir private Path temporary;

    @Test
    void framesArriveAndXdpDropsThoseOfItsPort() {
        try (Topology veth = Topology.bareVeth();
                UdpFrames frames = new UdpFrames(veth.client(), route(veth))) {
            long before = Counters.udpArrived(veth.server());
            frames.send(1_000, 2_000);
            frames.flood(9, 1_000, 2_001);
            assertThat(Counters.udpArrived(veth.server()) - before).isEqualTo(11);

            try (LabPrograms programs = LabPrograms.load(2_000, 0)) {
                programs.xdp(veth.server(), "eth0", "lab_xdp_drop", XdpMode.NATIVE);
                frames.send(1_000, 2_000);
                frames.send(1_000, 2_001);
                assertThat(Counters.udpArrived(veth.server()) - before).isEqualTo(12);
            }
        }
    }

    private static UdpFrames.Route route(Topology veth) {
        return UdpFrames.route(
                veth.client(),
                "eth0",
                Address.parse(Topology.ON_ONE_NET_CLIENT),
                veth.server(),
                "eth0",
                Address.parse(Topology.ON_ONE_NET_SERVER));
    }

    @Test
    void sidecarsLeadToTheServer() {
        try (Topology veth = Topology.bareVeth();
                PeerProcess server = PeerProcess.start(veth.server(), List.of("server", "0"));
                PeerProcess client =
                        PeerProcess.start(veth.client(), List.of("client", "0", veth.address()));
                Sidecars sidecars = Sidecars.start(Sidecars.Kind.JAVA, veth)) {
            assertThat(server.pid()).isPositive();
            String target = " 127.0.0.1:" + sidecars.clientPort();

            assertThat(client.ask("rr 20" + target).split(" ", -1)).hasSize(3);
            assertThat(Long.parseLong(client.ask("goodput 1000000" + target))).isPositive();
            assertThat(sidecars.megabytes()).isPositive();
        }
    }

    @Test
    void eachFillerAddsWorkloads() {
        List<Supplier<Filler>> all =
                List.of(Filler::namespaces, Filler::bridge, Filler::macvlan, Filler::weft);
        for (Supplier<Filler> make : all) {
            try (Filler filler = make.get()) {
                filler.add(0);
                filler.add(1);
                assertThat(filler.name()).isNotBlank();
            }
        }
    }

    @Test
    void kernelMemoryIsTheSumOfItsKinds() {
        assertThat(
                        KernelMemory.parse(
                                List.of(
                                        "MemTotal:  100 kB",
                                        "Slab:        1000 kB",
                                        "Percpu:       500 kB",
                                        "VmallocUsed:  500 kB")))
                .isEqualTo(2_000 * 1_024 / 1e6);
        assertThat(KernelMemory.now()).isPositive();
    }

    /** What the kernel's own cpio reader takes: newc, each part at a multiple of four. */
    @Test
    void aRootFileSystemHoldsInitAndTheModulesInOrder() throws Exception {
        Files.createDirectories(temporary.resolve("a"));
        Files.writeString(temporary.resolve("a/virtio.ko"), "one");
        Files.writeString(temporary.resolve("a/virtio_pci.ko"), "two");
        Files.writeString(
                temporary.resolve("modules.dep"), "a/virtio_pci.ko: a/virtio.ko\na/virtio.ko:\n");
        Path busybox = Files.writeString(temporary.resolve("busybox"), "not really");

        byte[] made = Initramfs.make(busybox, temporary);
        String text = new String(made, StandardCharsets.ISO_8859_1);

        assertThat(Initramfs.load(temporary))
                .extracting(p -> p.getFileName().toString())
                .containsExactly("virtio.ko", "virtio_pci.ko");
        assertThat(made.length % 4).isZero();
        assertThat(text).startsWith("070701").contains("TRAILER!!!");
        assertThat(text.indexOf("insmod /modules/virtio.ko"))
                .isPositive()
                .isLessThan(text.indexOf("insmod /modules/virtio_pci.ko"));
        assertThat(text).contains("ping -c 1 -W 1 $gateway").contains(Initramfs.READY);
    }
}
