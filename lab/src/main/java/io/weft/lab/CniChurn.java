package io.weft.lab;

import io.weft.agent.Agent;
import io.weft.kernel.NetNs;
import io.weft.netlink.LinkChange;
import io.weft.netlink.Netlink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What a container runtime waits for: ADD and DEL of Weft's plugin and of the reference ones. */
public final class CniChurn implements Experiment {
    private static final Path REFERENCE = Path.of("/usr/lib/cni");
    private static final int NAMESPACES = 200; // as the driver has it
    private static final int FIRST_HELD = 100_000;
    private static final int WORKERS = 8;
    private static final double BAR_ADD = 0.35;
    private static final double BAR_DELETE = 0.2;
    private static final double BAR_CHURN = 5;
    private static final double BAR_FLAT = 1.15;
    private static final double BAR_RESIDENT = 120;
    private static final int UNPLUGGED_SECONDS = 5;

    /** What was measured of one plugin. */
    private static final class Measured {
        final Map<Integer, List<Double>> adds = new LinkedHashMap<>(); // by leases held
        final Map<Integer, List<Double>> deletes = new LinkedHashMap<>();
        final List<Double> podsPerSecond = new ArrayList<>();
    }

    @Override
    public String name() {
        return "cni-churn";
    }

    @Override
    public String question() {
        return "How long do ADD and DEL take by CNI, with the start of the plugin, beside ptp and"
                + " bridge with host-local? (source document 9.1, start time)";
    }

    @Override
    public String method() {
        return "A small C program calls each plugin in turn, as a runtime does, ADD and DEL for each container;"
                + " rounds of the plugins alternate. Medians; the agent is warm and in a process of its own.";
    }

    @Override
    public List<String> tables() {
        return List.of("9.1");
    }

    @Override
    public List<Capability> needs() {
        return List.of(
                Capability.NAMESPACES,
                Capability.program("cc", "gcc libc6-dev"),
                new Capability(
                        "the reference CNI plugins",
                        () ->
                                Files.isExecutable(REFERENCE.resolve("ptp"))
                                        ? Optional.empty()
                                        : Optional.of(
                                                REFERENCE
                                                        + "/ptp is not there (Debian: apt-get install"
                                                        + " containernetworking-plugins)")));
    }

    @Override
    public int usualSeconds(boolean quick) {
        return quick ? 25 : 200;
    }

    @Override
    public Report run(Run run) {
        boolean quick = run.quick();
        Consumer<String> progress = run::say;
        List<Integer> held = quick ? List.of(0, 200) : List.of(0, 1000, 16_000);
        int rounds = quick ? 2 : 6;
        int perRound = quick ? 10 : 30;
        Machine machine = run.machine();
        Map<String, Measured> measured = new LinkedHashMap<>();
        double resident;
        try (Opened opened = new Opened()) {
            Path directory = opened.add(new Scratch()).path;
            String prefix = "weft-lab-" + ProcessHandle.current().pid() + "-cni-";
            NetNs host = opened.add(NetNs.createAnonymous());
            Netlink netlink = opened.add(Netlink.open(host));
            netlink.links().change(1, new LinkChange.Up(true));
            for (int i = 0; i < NAMESPACES; i++) {
                String name = prefix + i;
                NetNs.create(name).close();
                opened.add(() -> NetNs.delete(name));
            }
            CniDriver driver = CniDriver.compile(directory, host, NetNs.pathOf(prefix).toString());
            String instance = "lab" + ProcessHandle.current().pid();
            opened.add(() ->
                    host.run(() -> Agent.remove(AgentProcess.settings(instance, directory), true)));
            AgentProcess agent = opened.add(AgentProcess.start(host, instance, directory));
            CniDriver.Plugin weft =
                    agent.plugin(
                            directory,
                            "{\"cniVersion\":\"1.0.0\",\"name\":\"weft\",\"type\":\"weft\"}");
            List<CniDriver.Plugin> plugins =
                    List.of(weft, reference("ptp", directory), reference("bridge", directory));
            plugins.forEach(plugin -> measured.put(plugin.name(), new Measured()));
            progress.accept("warm up");
            for (int i = 0; i < (quick ? 1 : 6); i++) { // the agent's code is compiled by then
                for (CniDriver.Plugin plugin : plugins) {
                    driver.run("churn", plugin, 0, quick ? 40 : NAMESPACES, WORKERS);
                    awaitUnplugged(netlink);
                }
            }
            int there = 0;
            for (int number : held) {
                progress.accept("hold " + number + " leases");
                if (number > there) {
                    driver.run(
                            "add",
                            holder(directory, weft),
                            FIRST_HELD + there,
                            number - there,
                            WORKERS);
                    for (CniDriver.Plugin plugin : plugins.subList(1, plugins.size())) {
                        hold(directory, plugin.name(), there, number);
                    }
                }
                there = number;
                for (int round = 0; round < rounds; round++) {
                    progress.accept(number + " held, round " + (round + 1) + " of " + rounds);
                    for (CniDriver.Plugin plugin : plugins) {
                        CniDriver.Times times = driver.run("churn", plugin, 0, perRound, 1);
                        awaitUnplugged(netlink);
                        Measured of = of(measured, plugin.name());
                        of.adds
                                .computeIfAbsent(number, n -> new ArrayList<>())
                                .addAll(times.adds());
                        of.deletes
                                .computeIfAbsent(number, n -> new ArrayList<>())
                                .addAll(times.deletes());
                    }
                }
                if (number == 0) {
                    for (int round = 0; round < (quick ? 1 : 5); round++) {
                        progress.accept("8 at once, round " + (round + 1));
                        for (CniDriver.Plugin plugin : plugins) {
                            int count = quick ? 40 : NAMESPACES;
                            double seconds =
                                    driver.run("churn", plugin, 0, count, WORKERS).seconds();
                            of(measured, plugin.name()).podsPerSecond.add(count / seconds);
                            awaitUnplugged(netlink);
                        }
                    }
                }
            }
            progress.accept("200 containers");
            driver.run("add", weft, 0, NAMESPACES, 1);
            resident = agent.residentMib();
            driver.run("del", weft, 0, NAMESPACES, 1);
        }
        return report(machine, held, measured, resident);
    }

    /** Links of Weft go soon after DEL; until then, another plugin finds their names taken. */
    private static void awaitUnplugged(Netlink host) {
        long deadline = System.nanoTime() + UNPLUGGED_SECONDS * 1_000_000_000L;
        while (host.links().list().stream().anyMatch(link -> link.name().startsWith("weft"))) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException(
                        "Weft's links are there " + UNPLUGGED_SECONDS + " s after their DEL");
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    /** {@return Weft as the IPAM plugin of another one: it holds leases and nothing else} */
    private static CniDriver.Plugin holder(Path directory, CniDriver.Plugin weft) {
        return new CniDriver.Plugin(
                "weft ipam",
                weft.program(),
                config(
                        directory,
                        "holder",
                        "{\"cniVersion\":\"1.0.0\",\"name\":\"held\",\"type\":\"other\",\"ipam\":{\"type\":\"weft\"}}"),
                weft.environment());
    }

    private static CniDriver.Plugin reference(String type, Path directory) {
        String more = type.equals("bridge") ? ",\"bridge\":\"lab0\",\"isGateway\":true" : "";
        String subnet = type.equals("bridge") ? "10.90.0.0/15" : "10.88.0.0/15";
        return new CniDriver.Plugin(
                type,
                REFERENCE.resolve(type),
                config(
                        directory,
                        type,
                        "{\"cniVersion\":\"1.0.0\",\"name\":\""
                                + type
                                + "\",\"type\":\""
                                + type
                                + "\""
                                + more
                                + ",\"ipam\":{\"type\":\"host-local\",\"dataDir\":\""
                                + directory.resolve("host-local")
                                + "\",\"ranges\":[[{\"subnet\":\""
                                + subnet
                                + "\"}]],\"routes\":[{\"dst\":\"0.0.0.0/0\"}]}}"),
                Map.of());
    }

    private static Path config(Path directory, String name, String json) {
        try {
            return Files.writeString(directory.resolve(name + ".conf"), json);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    /** Leases of host-local are files that are called like the address. */
    private static void hold(Path directory, String type, int from, int to) {
        Path store = directory.resolve("host-local").resolve(type);
        int second = type.equals("bridge") ? 91 : 89;
        try {
            Files.createDirectories(store);
            for (int i = from; i < to; i++) {
                Files.writeString(
                        store.resolve("10." + second + "." + i / 250 + "." + (i % 250 + 1)),
                        "held-" + i + "\r\neth0");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(store.toString(), e);
        }
    }

    private static Report report(
            Machine machine, List<Integer> held, Map<String, Measured> measured, double resident) {
        List<List<String>> rows = new ArrayList<>();
        measured.forEach((plugin, of) -> {
            for (int number : held) {
                rows.add(
                        List.of(
                                plugin.equals("weft") ? plugin : plugin + " + host-local",
                                Integer.toString(number),
                                Statistics.spread(of(of.adds, number)),
                                Statistics.spread(of(of.deletes, number)),
                                number == 0 ? Statistics.spread(of.podsPerSecond) : ""));
            }
        });
        Measured weft = of(measured, "weft");
        Measured ptp = of(measured, "ptp");
        int most = held.getLast();
        double flat = median(weft.adds, most) / median(weft.adds, 0);
        double churn =
                Statistics.of(weft.podsPerSecond).median()
                        / Statistics.of(ptp.podsPerSecond).median();
        List<Report.Bar> bars = new ArrayList<>();
        bars.add(
                Report.Bar.atMost(
                        "ADD, weft / ptp", BAR_ADD, median(weft.adds, 0) / median(ptp.adds, 0)));
        bars.add(
                Report.Bar.atMost(
                        "DEL, weft / ptp",
                        BAR_DELETE,
                        median(weft.deletes, 0) / median(ptp.deletes, 0)));
        bars.add(
                new Report.Bar(
                        "8 at once, pods/s, weft / ptp",
                        ">= " + BAR_CHURN,
                        String.format(Locale.ROOT, "%.2f", churn),
                        churn >= BAR_CHURN));
        bars.add(Report.Bar.atMost("ADD with " + most + " leases held / none", BAR_FLAT, flat));
        bars.add(
                Report.Bar.atMost(
                        "agent with 200 containers, MiB resident", BAR_RESIDENT, resident));
        Findings findings = new Findings();
        findings.add("weft.cni.add", "ms", of(weft.adds, 0));
        findings.add("weft.cni.del", "ms", of(weft.deletes, 0));
        findings.add("ptp.cni.add", "ms", of(ptp.adds, 0));
        findings.add("ptp.cni.del", "ms", of(ptp.deletes, 0));
        return new Report(
                "cni-churn",
                machine.describe(),
                List.of("plugin", "held", "ADD ms", "DEL ms", "8 at once, pods/s"),
                rows,
                bars,
                List.of(
                        "median [min-max], from the start of the plugin to its end; a DEL of Weft is"
                                + " answered when it is durable, its link goes within 0.1 s",
                        "Weft gives an address of each family, the others IPv4 alone, without"
                                + " masquerade; the agent's JVM has the options of ./weft agent"),
                findings);
    }

    private static double median(Map<Integer, List<Double>> of, int held) {
        return Statistics.of(of(of, held)).median();
    }

    private static <K, V> V of(Map<K, V> measured, K key) {
        return Objects.requireNonNull(measured.get(key), String.valueOf(key));
    }

    /** A directory that ends with the experiment. */
    private static final class Scratch implements AutoCloseable {
        final Path path;

        Scratch() {
            try {
                path = Files.createTempDirectory("weft-lab-cni");
            } catch (IOException e) {
                throw new UncheckedIOException("make a directory", e);
            }
        }

        @Override
        public void close() {
            try (Stream<Path> files = Files.walk(path)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("remove " + path, e);
            }
        }
    }
}
