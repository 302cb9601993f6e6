package io.weft.lab;

import io.weft.kernel.Fd;
import io.weft.kernel.KernelException;
import io.weft.kernel.Linux;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The machine's network cards: driver, virtual functions, NUMA, offloads. Nothing is changed. */
final class CardProbes {
    private static final long SIOCETHTOOL = 0x8946;
    private static final int IFREQ = 40;

    /** ETHTOOL_G* commands of include/uapi/linux/ethtool.h, and ethtool's word for each. */
    private static final Map<String, Integer> OFFLOADS = new LinkedHashMap<>();

    /** PCI vendor and device of cards with processors of their own. */
    private static final Set<String> DPUS =
            Set.of("15b3:a2d2", "15b3:a2d6", "15b3:a2dc", "1dd8:1002", "8086:1452");

    static {
        OFFLOADS.put("rx", 0x14);
        OFFLOADS.put("tx", 0x16);
        OFFLOADS.put("sg", 0x18);
        OFFLOADS.put("tso", 0x1e);
        OFFLOADS.put("gso", 0x23);
        OFFLOADS.put("gro", 0x2b);
    }

    private CardProbes() {}

    static void addTo(List<MachineReport.Item> items) {
        List<String> cards = Cards.names();
        if (cards.isEmpty()) {
            items.add(MachineReport.item("cards", "network card", false, "none", ""));
        }
        for (String card : cards) {
            card(items, card);
        }
        Optional<String> dpu = dpu();
        items.add(
                MachineReport.item(
                        "cards",
                        "DPU",
                        dpu.isPresent(),
                        dpu.orElse("no PCI device is a known one"),
                        ""));
    }

    private static void card(List<MachineReport.Item> items, String card) {
        String speed = Cards.read(card, "speed");
        items.add(
                MachineReport.item(
                        "cards",
                        card,
                        true,
                        "driver "
                                + Cards.driver(card)
                                + (speed.isEmpty() || speed.startsWith("-")
                                        ? ", speed unknown"
                                        : ", " + speed + " Mbit/s"),
                        ""));
        String total = Cards.read(card, "device/sriov_totalvfs");
        String used = Cards.read(card, "device/sriov_numvfs");
        boolean on = !used.isEmpty() && !used.equals("0");
        items.add(
                MachineReport.item(
                        "cards",
                        card + " virtual functions (SR-IOV)",
                        on,
                        total.isEmpty()
                                ? "the card or its driver has none"
                                : used + " of " + total + " on",
                        total.isEmpty() || total.equals("0")
                                ? ""
                                : "echo %s > /sys/class/net/%s/device/sriov_numvfs"
                                        .formatted(total, card)));
        numa(items, card);
        for (Map.Entry<String, Integer> offload : OFFLOADS.entrySet()) {
            String name = card + " offload " + offload.getKey();
            try {
                boolean set = ask(card, offload.getValue()) != 0;
                items.add(
                        MachineReport.item(
                                "cards",
                                name,
                                set,
                                "",
                                "ethtool -K %s %s on".formatted(card, offload.getKey())));
            } catch (KernelException e) {
                items.add(
                        new MachineReport.Item(
                                "cards",
                                name,
                                MachineReport.State.UNKNOWN,
                                String.valueOf(e.getMessage()),
                                Optional.empty()));
            }
        }
    }

    private static void numa(List<MachineReport.Item> items, String card) {
        String node = Cards.read(card, "device/numa_node");
        boolean known = node.matches("[0-9]+");
        String distances =
                known
                        ? KernelProbes.read("/sys/devices/system/node/node" + node + "/distance")
                        : "";
        items.add(
                new MachineReport.Item(
                        "cards",
                        card + " NUMA node",
                        known ? MachineReport.State.YES : MachineReport.State.UNKNOWN,
                        known
                                ? "node %s; distances to all nodes: %s; processors near it: %s"
                                        .formatted(
                                                node,
                                                distances,
                                                Cards.read(card, "device/local_cpulist"))
                                : "the firmware does not say; nodes here: "
                                        + KernelProbes.read("/sys/devices/system/node/online"),
                        Optional.empty()));
    }

    /** {@return what an ETHTOOL_G command gives} */
    private static int ask(String card, int command) {
        try (Fd socket = Linux.socket(Linux.AF_INET, Linux.SOCK_DGRAM, 0, "socket");
                Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(8, 8); // struct ethtool_value
            value.set(ValueLayout.JAVA_INT, 0, command);
            MemorySegment request = arena.allocate(IFREQ, 8);
            byte[] name = card.getBytes(StandardCharsets.UTF_8);
            MemorySegment.copy(name, 0, request, ValueLayout.JAVA_BYTE, 0, name.length);
            request.set(ValueLayout.ADDRESS, 16, value);
            Linux.ioctl(socket, SIOCETHTOOL, request);
            return value.get(ValueLayout.JAVA_INT, 4);
        }
    }

    private static Optional<String> dpu() {
        Path devices = Path.of("/sys/bus/pci/devices");
        if (!Files.isDirectory(devices)) {
            return Optional.empty();
        }
        try (Stream<Path> all = Files.list(devices)) {
            return all.map(d ->
                            KernelProbes.read(d.resolve("vendor").toString()).replace("0x", "")
                                    + ":"
                                    + KernelProbes.read(d.resolve("device").toString())
                                            .replace("0x", ""))
                    .filter(DPUS::contains)
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException("list " + devices, e);
        }
    }
}
