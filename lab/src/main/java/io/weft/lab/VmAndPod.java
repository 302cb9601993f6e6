package io.weft.lab;

import io.weft.agent.Node;
import io.weft.kernel.NetNs;
import io.weft.model.Ref;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A virtual machine beside a pod: how long until its network works, and what memory it takes. */
public final class VmAndPod implements Experiment {
    private static final String GATEWAY = "10.78.1.1";
    private static final String MAC = "0a:58:0a:4e:01:02";
    private static final String GUEST = "10.78.1.2/24";

    @Override
    public String name() {
        return "vm";
    }

    @Override
    public String question() {
        return "How long does a virtual machine take until its network works, beside a pod, and what memory?";
    }

    @Override
    public String method() {
        return "qemu with Debian's cloud kernel and busybox on a bridge's tap and on Weft's, and a Weft pod"
                + " with the same busybox, in turn; timed from the first call until each has pinged its gateway. Without KVM"
                + " the processor is emulated (tcg), which the notes say. Memory: Pss of qemu, and of the pod's"
                + " process.";
    }

    @Override
    public List<String> tables() {
        return List.of("9.1", "9.2");
    }

    @Override
    public List<Capability> needs() {
        return List.of(
                Capability.NAMESPACES,
                Capability.program("qemu-system-x86_64", "qemu-system-x86"),
                Capability.program("busybox", "busybox-static"),
                VirtualMachine.KERNEL);
    }

    @Override
    public int usualSeconds(boolean quick) {
        return quick ? 20 : 110;
    }

    @Override
    public Report run(Run run) {
        int repetitions = run.pick(1, 7);
        List<Double> vmStart = new ArrayList<>();
        List<Double> vmMemory = new ArrayList<>();
        List<Double> weftStart = new ArrayList<>();
        List<Double> weftMemory = new ArrayList<>();
        List<Double> podStart = new ArrayList<>();
        List<Double> podMemory = new ArrayList<>();
        Optional<String> emulated;
        try (Scratch files = new Scratch();
                Opened opened = new Opened()) {
            NetNs host = opened.add(NetNs.createAnonymous());
            bridge(host);
            Path initrd = VirtualMachine.prepare(files.directory);
            Node node = opened.add(WeftPath.startNode(opened.add(NetNs.createAnonymous())));
            pod(node, -1, new ArrayList<>(), new ArrayList<>());
            VmOnWeft weft = opened.add(new VmOnWeft(files.directory));
            VirtualMachine.Card onBridge =
                    new VirtualMachine.Card(host, "tap0", MAC, GUEST, GATEWAY);
            run.say("try KVM");
            emulated = emulation(onBridge, initrd);
            boolean kvm = emulated.isEmpty();
            for (int i = 0; i < repetitions; i++) {
                run.repetition(i, repetitions);
                long start = System.nanoTime();
                try (VirtualMachine machine = VirtualMachine.start(onBridge, initrd, kvm)) {
                    vmStart.add((System.nanoTime() - start) / 1e9);
                    vmMemory.add(machine.megabytes());
                }
                weft.with(
                        i,
                        (card, called) -> {
                            try (VirtualMachine machine = VirtualMachine.start(card, initrd, kvm)) {
                                weftStart.add((System.nanoTime() - called) / 1e9);
                                return weftMemory.add(machine.megabytes());
                            }
                        });
                pod(node, i, podStart, podMemory);
            }
        }
        return report(run, emulated, vmStart, vmMemory, weftStart, weftMemory, podStart, podMemory);
    }

    private Report report(
            Run run,
            Optional<String> emulated,
            List<Double> vmStart,
            List<Double> vmMemory,
            List<Double> weftStart,
            List<Double> weftMemory,
            List<Double> podStart,
            List<Double> podMemory) {
        Findings findings = new Findings();
        findings.add("vm.start", "s", vmStart);
        findings.add("vm.memory", "MB", vmMemory);
        findings.add("vm-weft.start", "s", weftStart);
        findings.add("vm-weft.memory", "MB", weftMemory);
        findings.add("pod.start", "s", podStart);
        findings.add("pod.process", "MB", podMemory);
        findings.compare("pod.start", "vm.start", podStart, vmStart);
        findings.compare("vm-weft.start", "vm.start", weftStart, vmStart);
        String how = emulated.isPresent() ? ", emulated" : ", KVM";
        List<String> notes = new ArrayList<>();
        emulated.ifPresent(why -> {
            notes.add("the VM's processor is emulated: " + why);
            String words =
                    "KVM does not work here (%s): an emulated processor would be measured"
                            .formatted(why);
            for (String id : List.of("vm-bridge", "vm.vms-per-host", "vm.nat-cost", "vm.goodput")) {
                findings.notMeasured(id, words);
            }
        });
        return new Report(
                name(),
                run.machine().describe(),
                List.of("", "until the gateway answers s", "memory of its process MB"),
                List.of(
                        List.of(
                                "VM on a bridge" + how,
                                Statistics.spread(vmStart),
                                Statistics.spread(vmMemory)),
                        List.of(
                                "VM on Weft" + how,
                                Statistics.spread(weftStart),
                                Statistics.spread(weftMemory)),
                        List.of(
                                "pod on Weft",
                                Statistics.spread(podStart),
                                Statistics.spread(podMemory))),
                List.of(),
                notes,
                findings);
    }

    /** {@return why the VM's processor is emulated; empty when KVM brings up its network} */
    private static Optional<String> emulation(VirtualMachine.Card card, Path initrd) {
        Optional<String> missing = Kvm.missing();
        if (missing.isPresent()) {
            return missing;
        }
        try (VirtualMachine machine = VirtualMachine.start(card, initrd, true)) {
            return machine.megabytes() > 0 ? Optional.empty() : Optional.of("it has no memory");
        } catch (Commands.ToolException e) {
            return Optional.of("under KVM " + String.valueOf(e.getMessage()).split("\n", 2)[0]);
        }
    }

    private static void bridge(NetNs host) {
        try (Netlink netlink = Netlink.open(host)) {
            int bridge =
                    netlink.links().create(new LinkSpec.Bridge(LinkSettings.named("br0"))).index();
            Topology.configure(netlink, "br0", GATEWAY + "/24");
            int tap =
                    netlink.links()
                            .create(new LinkSpec.Tap(LinkSettings.named("tap0"), false, false))
                            .index();
            netlink.links().setMaster(tap, bridge);
            netlink.links().setUp(tap);
        }
    }

    /** Wires one, starts its process, waits until it has pinged the node. */
    private static void pod(Node node, int i, List<Double> seconds, List<Double> megabytes) {
        Ref ref = Ref.pod("default", "pod" + (i + 1));
        String gateway =
                node.config().pool4().toString().replaceFirst("\\.0/.*", ".1"); // the node's own
        long start = System.nanoTime();
        node.apply(List.of(LabPods.pod(ref.name())));
        String script =
                "until busybox ping -c 1 -W 1 %s >/dev/null 2>&1; do :; done; echo %s; exec busybox sleep 1000000"
                        .formatted(gateway, Initramfs.READY);
        try (NetNs inside = NetNs.open(WeftPath.endpoint(node, ref.name()).namespace())) {
            Process process =
                    inside.call(() ->
                            new ProcessBuilder("busybox", "sh", "-c", script)
                                    .redirectErrorStream(true)
                                    .start());
            try (BufferedReader output = process.inputReader()) {
                String line = output.readLine();
                if (!Initramfs.READY.equals(line)) {
                    throw new Commands.ToolException("the pod says: " + line);
                }
                seconds.add((System.nanoTime() - start) / 1e9);
                megabytes.add(Sidecars.pss(process.pid()));
            } catch (IOException e) {
                throw new UncheckedIOException("read from the pod", e);
            } finally {
                process.destroyForcibly();
                process.onExit().join();
            }
        }
        node.delete(List.of(ref));
    }

    /** A directory that ends with the block. */
    private static final class Scratch implements AutoCloseable {
        final Path directory;

        Scratch() {
            try {
                directory = Files.createTempDirectory("weft-lab-vm");
            } catch (IOException e) {
                throw new UncheckedIOException("make a directory for a VM", e);
            }
        }

        @Override
        public void close() {
            Sidecars.deleteAll(directory);
        }
    }
}
