package io.weft.advisor;

import io.weft.advisor.Hardware.Presence;
import io.weft.claims.Measurement;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Looks at {@code /sys}, {@code /proc} and {@code /dev}; changes nothing, starts nothing, and needs
 * no privilege. What cannot be read is unknown. Whether a thing works is another question: this one
 * only sees whether it is there.
 */
public final class HardwareProbe {
    private static final int MOST_ENTRIES = 4096;

    /** Drivers with native XDP in Linux 6.1; of others it is not known. */
    private static final Set<String> XDP_DRIVERS =
            Set.of(
                    "bnxt_en",
                    "ena",
                    "hv_netvsc",
                    "i40e",
                    "ice",
                    "igb",
                    "igc",
                    "ixgbe",
                    "ixgbevf",
                    "mana",
                    "mlx4_core",
                    "mlx5_core",
                    "mvneta",
                    "mvpp2",
                    "nfp",
                    "qede",
                    "sfc",
                    "virtio_net");

    /** PCI vendor:device, from the device tables of Linux' mlx5_core, ionic and idpf. */
    private static final Map<String, String> DPUS =
            Map.of(
                    "15b3:a2d2", "NVIDIA BlueField",
                    "15b3:a2d6", "NVIDIA BlueField-2",
                    "15b3:a2dc", "NVIDIA BlueField-3",
                    "1dd8:1002", "AMD Pensando",
                    "8086:1452", "Intel IPU");

    private final Path root;
    private final List<String> facts = new ArrayList<>();

    public HardwareProbe() {
        this(Path.of("/"));
    }

    /**
     * @param root where {@code sys}, {@code proc} and {@code dev} are
     */
    HardwareProbe(Path root) {
        this.root = root;
    }

    /** {@return what is there now} */
    public Hardware probe() {
        facts.clear();
        Map<Capability, Presence> found = new EnumMap<>(Capability.class);
        found.put(Capability.KVM, there("dev/kvm", "/dev/kvm"));
        found.put(Capability.IOMMU, holds("sys/kernel/iommu_groups", "IOMMU groups"));
        found.put(Capability.HUGE_PAGES, there("sys/kernel/mm/hugepages", "huge pages"));
        found.put(Capability.RDMA, holds("sys/class/infiniband", "RDMA interfaces"));
        found.put(Capability.DPU, dpu());
        OptionalDouble speed = interfaces(found);
        String kernel = read("proc/sys/kernel/osrelease").orElse("");
        facts.add("kernel: " + (kernel.isEmpty() ? "unknown" : kernel));
        facts.add("processor: " + processor().orElse("unknown"));
        return new Hardware(
                true,
                found,
                kernel.isEmpty() ? Optional.empty() : Optional.of(kernel),
                speed,
                numaNodes(),
                facts);
    }

    /**
     * {@return whether a result says that it was measured on this machine: same kernel and
     * processor, as far as both are known}
     */
    public boolean isHere(Measurement measurement) {
        return same(measurement.machine().get("kernel"), read("proc/sys/kernel/osrelease"))
                && same(measurement.machine().get("processor"), processor());
    }

    private static boolean same(@Nullable String theirs, Optional<String> ours) {
        return theirs == null || ours.isEmpty() || theirs.equals(ours.get());
    }

    private Optional<String> processor() {
        return read("proc/cpuinfo")
                .flatMap(text ->
                        text.lines()
                                .filter(l -> l.startsWith("model name"))
                                .findFirst()
                                .map(l -> l.substring(l.indexOf(':') + 1).strip()));
    }

    private Presence there(String path, String what) {
        Presence presence = Files.exists(root.resolve(path)) ? Presence.YES : Presence.NO;
        if (!Files.isDirectory(root.resolve(path.substring(0, path.indexOf('/'))))) {
            presence = Presence.UNKNOWN;
        }
        facts.add(what + ": " + word(presence));
        return presence;
    }

    private Presence holds(String directory, String what) {
        if (!Files.isDirectory(root.resolve("sys"))) {
            facts.add(what + ": unknown");
            return Presence.UNKNOWN;
        }
        int count = list(directory).size();
        facts.add(what + ": " + count);
        return count > 0 ? Presence.YES : Presence.NO;
    }

    private static String word(Presence presence) {
        return switch (presence) {
            case YES -> "yes";
            case NO -> "no";
            case UNKNOWN -> "unknown";
        };
    }

    private Presence dpu() {
        if (!Files.isDirectory(root.resolve("sys/bus/pci/devices"))) {
            facts.add("DPU: unknown, no PCI bus is visible");
            return Presence.UNKNOWN;
        }
        for (Path device : list("sys/bus/pci/devices")) {
            String id = id(device, "vendor") + ":" + id(device, "device");
            String name = DPUS.get(id);
            if (name != null) {
                facts.add("DPU: " + name + " at " + device.getFileName());
                return Presence.YES;
            }
        }
        facts.add("DPU: none of " + new TreeSet<>(DPUS.values()));
        return Presence.NO;
    }

    private String id(Path device, String file) {
        return read(device.resolve(file)).map(t -> t.replace("0x", "")).orElse("");
    }

    /** Looks at each physical interface: driver, speed, virtual functions. */
    private OptionalDouble interfaces(Map<Capability, Presence> found) {
        if (!Files.isDirectory(root.resolve("sys/class/net"))) {
            return OptionalDouble.empty();
        }
        Presence sriov = Presence.NO;
        Presence xdp = Presence.UNKNOWN;
        double fastest = 0;
        for (Path link : list("sys/class/net")) {
            Path device = link.resolve("device");
            if (!Files.exists(device)) {
                continue; // not physical
            }
            String driver = target(device.resolve("driver"));
            int functions = number(device.resolve("sriov_totalvfs")).orElse(0);
            int mbps = number(link.resolve("speed")).orElse(-1);
            sriov = functions > 0 ? Presence.YES : sriov;
            xdp = XDP_DRIVERS.contains(driver) ? Presence.YES : xdp;
            fastest = Math.max(fastest, mbps / 1000.0);
            facts.add(
                    link.getFileName()
                            + ": driver "
                            + driver
                            + ", "
                            + (mbps > 0 ? mbps / 1000.0 + " Gbps" : "speed unknown")
                            + ", NUMA node "
                            + number(device.resolve("numa_node")).orElse(-1)
                            + ", virtual functions "
                            + functions);
        }
        found.put(Capability.SRIOV, sriov);
        found.put(Capability.XDP, xdp);
        return fastest > 0 ? OptionalDouble.of(fastest) : OptionalDouble.empty();
    }

    private OptionalInt numaNodes() {
        int nodes =
                (int)
                        list("sys/devices/system/node").stream()
                                .filter(p -> p.getFileName().toString().matches("node[0-9]+"))
                                .count();
        return nodes == 0 ? OptionalInt.empty() : OptionalInt.of(nodes);
    }

    private static String target(Path link) {
        try {
            return link.toRealPath().getFileName().toString();
        } catch (IOException e) {
            return "unknown";
        }
    }

    private List<Path> list(String directory) {
        Set<Path> entries = new TreeSet<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(root.resolve(directory))) {
            for (Path entry : stream) {
                if (entries.size() == MOST_ENTRIES) {
                    break;
                }
                entries.add(entry);
            }
        } catch (IOException e) {
            return List.of();
        }
        return List.copyOf(entries);
    }

    private static OptionalInt number(Path file) {
        Optional<String> text = read(file).filter(t -> t.matches("[0-9]{1,9}"));
        return text.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(text.get()));
    }

    private Optional<String> read(String path) {
        return read(root.resolve(path));
    }

    private static Optional<String> read(Path path) {
        try {
            return Optional.of(Files.readString(path).strip());
        } catch (IOException e) {
            return Optional.empty(); // a speed of a link that is down: EINVAL
        }
    }
}
