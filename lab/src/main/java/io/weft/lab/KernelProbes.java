package io.weft.lab;

import io.weft.bpf.BpfLink;
import io.weft.bpf.BpfLink.XdpMode;
import io.weft.bpf.FeatureProbe;
import io.weft.bpf.KernelVersion;
import io.weft.bpf.MapType;
import io.weft.bpf.ProgramType;
import io.weft.kernel.Fd;
import io.weft.kernel.Linux;
import io.weft.kernel.NetNs;
import io.weft.netlink.BpfFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** eBPF and its hooks. */
final class KernelProbes {
    private static final String GROUP = "eBPF";
    private static final int AF_XDP = 44;
    private static final KernelVersion LEAST = new KernelVersion(6, 1);

    private KernelProbes() {}

    static void addTo(List<MachineReport.Item> items) {
        KernelVersion running = KernelVersion.running();
        items.add(
                MachineReport.item(
                        GROUP,
                        "kernel 6.1 or newer",
                        running.compareTo(LEAST) >= 0,
                        running.toString(),
                        "apt-get install linux-image-cloud-amd64"));
        items.add(
                MachineReport.item(
                        GROUP,
                        "BTF of the kernel",
                        Files.exists(Path.of("/sys/kernel/btf/vmlinux")),
                        "/sys/kernel/btf/vmlinux",
                        "boot a kernel with CONFIG_DEBUG_INFO_BTF=y"));
        String jit = read("/proc/sys/net/core/bpf_jit_enable");
        items.add(
                MachineReport.item(
                        GROUP,
                        "JIT compiler",
                        !jit.equals("0") && !jit.isEmpty(),
                        "net.core.bpf_jit_enable = " + jit,
                        "sysctl -w net.core.bpf_jit_enable=1"));
        for (ProgramType type :
                List.of(
                        ProgramType.XDP,
                        ProgramType.SCHED_CLS,
                        ProgramType.CGROUP_SOCK_ADDR,
                        ProgramType.SOCK_OPS,
                        ProgramType.SK_MSG,
                        ProgramType.SK_LOOKUP)) {
            items.add(
                    MachineReport.attempt(
                            GROUP,
                            "programs " + type,
                            Optional.of(
                                    "boot a kernel with CONFIG_BPF_SYSCALL=y, CONFIG_CGROUP_BPF=y"),
                            () -> require(FeatureProbe.supports(type), "the kernel refuses them")));
        }
        items.add(
                MachineReport.attempt(
                        GROUP,
                        "ring buffer",
                        Optional.of("boot a kernel 5.8 or newer"),
                        () ->
                                require(
                                        FeatureProbe.supports(MapType.RINGBUF),
                                        "the kernel refuses it")));
        hooks(items);
        items.add(
                MachineReport.attempt(
                        GROUP,
                        "AF_XDP sockets",
                        Optional.of("boot a kernel with CONFIG_XDP_SOCKETS=y"),
                        () -> {
                            try (Fd socket =
                                    Linux.socket(AF_XDP, Linux.SOCK_RAW, 0, "XDP socket")) {
                                return FeatureProbe.supports(MapType.XSKMAP) ? "" : socket + "";
                            }
                        }));
    }

    /** Attaches to a veth of a scratch namespace. */
    private static void hooks(List<MachineReport.Item> items) {
        try (Topology veth = Topology.bareVeth();
                LabPrograms programs = LabPrograms.load(1, 0)) {
            NetNs scratch = veth.server();
            for (XdpMode mode : List.of(XdpMode.NATIVE, XdpMode.GENERIC)) {
                items.add(
                        MachineReport.attempt(
                                GROUP,
                                mode == XdpMode.NATIVE ? "XDP native, in veth" : "XDP generic",
                                Optional.empty(),
                                () -> {
                                    programs.xdpOnce(scratch, "eth0", mode);
                                    return "";
                                }));
            }
            items.add(
                    MachineReport.attempt(
                            GROUP,
                            "TCX, tc by bpf_link",
                            Optional.of("boot a kernel 6.6 or newer"),
                            () -> {
                                programs.tcxOnce(scratch, "eth0", BpfLink.Direction.INGRESS);
                                return "";
                            }));
            items.add(
                    MachineReport.attempt(
                            GROUP,
                            "tc clsact",
                            KernelModules.enable("sch_ingress", "CONFIG_NET_SCH_INGRESS"),
                            () -> {
                                programs.clsact(
                                        scratch,
                                        "eth0",
                                        "lab_tc_drop",
                                        BpfFilter.Direction.INGRESS);
                                return "";
                            }));
        } catch (RuntimeException e) {
            items.add(
                    new MachineReport.Item(
                            GROUP,
                            "hooks",
                            MachineReport.State.UNKNOWN,
                            String.valueOf(e.getMessage()),
                            Optional.empty()));
        }
    }

    static String require(boolean there, String otherwise) {
        if (!there) {
            throw new IllegalStateException(otherwise);
        }
        return "";
    }

    static String read(String file) {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
