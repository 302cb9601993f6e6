package io.weft.lab;

import io.weft.bpf.Cgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What else of the machine a network may use: virtualisation, memory, cgroups. */
final class HostProbes {
    private static final String GROUP = "host";

    private HostProbes() {}

    static void addTo(List<MachineReport.Item> items) {
        Optional<String> kvm = Kvm.missing();
        items.add(
                kvm.isEmpty() && flags().contains(" hypervisor ")
                        ? MachineReport.unknown(
                                GROUP,
                                "KVM",
                                "inside a VM: a virtual processor runs an instruction; whether a"
                                        + " kernel boots must be tried",
                                "weft lab run vm")
                        : MachineReport.item(
                                GROUP,
                                "KVM",
                                kvm.isEmpty(),
                                kvm.orElse("a virtual processor runs"),
                                Files.exists(Path.of("/dev/kvm"))
                                        ? ""
                                        : "modprobe kvm_intel || modprobe kvm_amd"));
        items.add(
                MachineReport.item(
                        GROUP,
                        "vhost-net",
                        Files.exists(Path.of("/dev/vhost-net")),
                        "/dev/vhost-net",
                        KernelModules.enable("vhost_net", "CONFIG_VHOST_NET").orElse("")));
        boolean intel = KernelProbes.read("/proc/cpuinfo").contains("GenuineIntel");
        items.add(
                MachineReport.item(
                        GROUP,
                        "IOMMU",
                        !isEmpty(Path.of("/sys/kernel/iommu_groups")),
                        "/sys/kernel/iommu_groups",
                        "boot with " + (intel ? "intel_iommu=on" : "amd_iommu=on")));
        hugePages(items, KernelProbes.read("/proc/meminfo"));
        cgroups(items);
        for (String flag : List.of("avx2", "avx512f", "aes", "pdpe1gb")) {
            items.add(
                    MachineReport.item(
                            GROUP,
                            "processor flag " + flag,
                            flags().contains(" " + flag + " "),
                            "",
                            ""));
        }
        items.add(
                MachineReport.item(
                        GROUP,
                        "NVMe over TCP",
                        Files.isDirectory(Path.of("/sys/module/nvme_tcp")),
                        "/sys/module/nvme_tcp",
                        KernelModules.enable("nvme-tcp", "CONFIG_NVME_TCP").orElse("")));
    }

    private static String flags() {
        return KernelProbes.read("/proc/cpuinfo")
                .lines()
                .filter(l -> l.startsWith("flags"))
                .findFirst()
                .map(l -> l + " ")
                .orElse("");
    }

    static void hugePages(List<MachineReport.Item> items, String meminfo) {
        String total = "0";
        String size = "unknown";
        for (String line : meminfo.lines().toList()) {
            String[] fields = line.split(":\\s+", 2);
            if (fields[0].equals("HugePages_Total")) {
                total = fields[1].strip();
            } else if (fields[0].equals("Hugepagesize")) {
                size = fields[1].strip();
            }
        }
        items.add(
                MachineReport.item(
                        GROUP,
                        "huge pages",
                        !total.equals("0"),
                        total + " of " + size,
                        "sysctl -w vm.nr_hugepages=512"));
    }

    private static void cgroups(List<MachineReport.Item> items) {
        Optional<Path> root = Cgroups.root();
        items.add(
                MachineReport.item(
                        GROUP,
                        "cgroup v2",
                        root.isPresent(),
                        root.map(Path::toString).orElse("not mounted"),
                        "mount -t cgroup2 none /sys/fs/cgroup"));
        String controllers =
                root.map(r -> KernelProbes.read(r.resolve("cgroup.controllers").toString()))
                        .orElse("");
        for (String controller : List.of("cpu", "memory", "io", "pids")) {
            items.add(
                    MachineReport.item(
                            GROUP,
                            "cgroup v2 controller " + controller,
                            (" " + controllers + " ").contains(" " + controller + " "),
                            controllers.isEmpty() ? "none of v2: they are used by v1" : "",
                            "boot with cgroup_no_v1=all"));
        }
    }

    private static boolean isEmpty(Path directory) {
        if (!Files.isDirectory(directory)) {
            return true;
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        } catch (IOException e) {
            return true;
        }
    }
}
