package io.weft.lab;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * connect() to the last of so many services beside connect() to its pod, one after the other by one
 * client, and round trips over what was connected: through Weft, iptables and nftables.
 */
final class ServiceConnect {
    private static final double BAR = 1.05;
    private static final int CPU = Math.max(0, Runtime.getRuntime().availableProcessors() - 1);

    /** A size is left out when the one before suggests that loading takes longer than this. */
    private static final double MAX_SECONDS = 40;

    private static final List<Supplier<ServiceNode>> NODES =
            List.of(
                    WeftServiceNode::create,
                    () -> KubeProxyNode.create(new IptablesServices()),
                    () -> KubeProxyNode.create(new NftablesServices()));

    /** Microseconds, milliseconds where it says so. */
    private static final class Times {
        final List<Double> connectPod = new ArrayList<>();
        final List<Double> connectService = new ArrayList<>();
        final List<Double> tripPod = new ArrayList<>();
        final List<Double> tripService = new ArrayList<>();
        final List<Double> addedMillis = new ArrayList<>();
        ServiceNode.Cost load = new ServiceNode.Cost(0, 0);
    }

    private static final class Measured {
        final ServiceNode node;
        final PeerProcess client;
        final Map<Integer, Times> bySize = new LinkedHashMap<>();
        String leftOut = "";

        Measured(ServiceNode node, Opened opened) {
            this.node = node;
            String cpu = Integer.toString(CPU);
            opened.add(
                    PeerProcess.start(
                            node.server(),
                            List.of("server", cpu, Integer.toString(ServiceWorld.ENDPOINTS))));
            client =
                    opened.add(
                            PeerProcess.start(node.client(), List.of("client", cpu, node.pod())));
        }
    }

    private final boolean quick;
    private final Consumer<String> progress;
    private final List<Measured> nodes = new ArrayList<>();

    private ServiceConnect(boolean quick, Consumer<String> progress) {
        this.quick = quick;
        this.progress = progress;
    }

    static Report.Table measure(
            boolean quick,
            Consumer<String> progress,
            List<Report.Bar> bars,
            List<String> notes,
            Findings findings) {
        ServiceConnect measuring = new ServiceConnect(quick, progress);
        try (Opened opened = new Opened()) {
            for (Supplier<ServiceNode> make : NODES) {
                ServiceNode node = opened.add(make.get());
                measuring.nodes.add(new Measured(node, opened));
                if (node instanceof KubeProxyNode other) {
                    notes.add("connect: " + other.name() + " is " + other.version());
                }
            }
            for (int services : ServiceScale.sizes(quick)) {
                measuring.size(services);
            }
        }
        measuring.addBars(bars, notes);
        measuring.find(findings);
        return measuring.table();
    }

    private void size(int services) {
        List<Measured> able = new ArrayList<>();
        for (Measured one : nodes) {
            if (load(one, services)) {
                able.add(one);
            }
        }
        int repetitions = quick ? 3 : 15;
        for (int i = -1; i < repetitions; i++) {
            progress.accept(
                    "connect, %,d services, repetition %d of %d"
                            .formatted(services, i + 1, repetitions));
            for (int j = 0; j < able.size(); j++) {
                Measured one = able.get(Math.floorMod(i + j, able.size()));
                Times times = one.bySize.get(services);
                if (times != null) {
                    connect(one, services, i < 0 ? new Times() : times);
                }
            }
        }
    }

    /** {@return whether it could} */
    private boolean load(Measured one, int services) {
        if (!one.leftOut.isEmpty()) {
            return false;
        }
        int before = one.bySize.keySet().stream().reduce(0, (a, b) -> b);
        Times last = one.bySize.get(before);
        if (last != null && one.node instanceof KubeProxyNode) {
            double expected = last.load.seconds() * services / before;
            if (expected > MAX_SECONDS) {
                one.leftOut =
                        "%s: %,d services left out: loading would take %.0f s or more"
                                .formatted(one.node.name(), services, expected);
                return false;
            }
        }
        Times times = new Times();
        try {
            progress.accept("%s: load %,d services".formatted(one.node.name(), services));
            times.load = one.node.load(services);
            boolean weft = one.node instanceof WeftServiceNode;
            int rounds = weft ? 50 : times.load.seconds() > 1 ? 1 : 3;
            for (int i = 0; i < rounds; i++) {
                double millis = one.node.add(services + i);
                if (!weft || i >= rounds / 5) {
                    times.addedMillis.add(millis);
                }
            }
        } catch (Commands.ToolException e) {
            one.leftOut =
                    "%s: %,d services: %s"
                            .formatted(
                                    one.node.name(),
                                    services,
                                    String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            return false;
        }
        one.bySize.put(services, times);
        return true;
    }

    private void connect(Measured one, int services, Times times) {
        String pod =
                "%s:%d-%d"
                        .formatted(
                                one.node.pod(), Peer.PORT, Peer.PORT + ServiceWorld.ENDPOINTS - 1);
        String service = ServiceWorld.address(services - 1) + ":" + ServiceWorld.PORT;
        String[] both =
                one.client
                        .ask("connects %d %s %s".formatted(quick ? 300 : 1_000, pod, service))
                        .split(" ", 2);
        times.connectPod.add(Double.parseDouble(both[0]) / 1e3);
        times.connectService.add(Double.parseDouble(both[1]) / 1e3);
        int trips = quick ? 1_000 : 5_000;
        times.tripPod.add(trip(one, trips, pod));
        times.tripService.add(trip(one, trips, service));
    }

    private static double trip(Measured one, int count, String target) {
        String answer = one.client.ask("rr %d %s".formatted(count, target));
        return Double.parseDouble(answer.split(" ", 2)[0]) / 1e3;
    }

    private void addBars(List<Report.Bar> bars, List<String> notes) {
        Measured weft = nodes.getFirst();
        for (int services : weft.bySize.keySet()) {
            Times times = weft.bySize.get(services);
            if (times != null) {
                bars.add(
                        Report.Bar.atMost(
                                "connect to the last of %,d services / to its pod"
                                        .formatted(services),
                                BAR,
                                Ratio.median(times.connectService, times.connectPod)));
            }
        }
        Times fewest = weft.bySize.get(ServiceScale.sizes(quick).getFirst());
        Times most = weft.bySize.get(ServiceScale.sizes(quick).getLast());
        if (fewest != null && most != null) {
            bars.add(
                    Report.Bar.atMost(
                            "the last of these / the first: flat",
                            BAR,
                            Ratio.median(most.connectService, most.connectPod)
                                    / Ratio.median(fewest.connectService, fewest.connectPod)));
        }
        notes.add(
                "connect: connect() and reset, to the pod's ten ports in turn and to the service one"
                        + " after the other; client and server pinned to processor "
                        + CPU
                        + "; median [min-max] of the medians of the repetitions; x: median of their"
                        + " ratios; weft is a whole node, which grows from one size to the next; its"
                        + " load is above; iptables: to the pod, too, a new connection passes the"
                        + " whole chain; nftables: read 1,000 services at a time");
        nodes.stream().filter(n -> !n.leftOut.isEmpty()).forEach(n -> notes.add(n.leftOut));
    }

    private void find(Findings findings) {
        for (String subject : List.of("service", "service-iptables")) {
            for (String quantity : List.of("requests", "latency")) {
                findings.notMeasured(
                        subject + "." + quantity,
                        "no experiment sends HTTP: connect() and round trips are measured in its place");
            }
        }
        findings.notMeasured(
                "service.memory.10000",
                "Weft's service maps have fixed sizes, made with the node, whatever their number");
        Measured weft = nodes.getFirst();
        for (Measured one : nodes) {
            boolean ours = one == weft;
            String subject = ours ? "service" : "service-" + one.node.name();
            for (Map.Entry<Integer, Times> at : one.bySize.entrySet()) {
                int size = at.getKey();
                Times times = at.getValue();
                findings.add(subject + ".connect." + size, "us", times.connectService);
                findings.add(subject + ".rtt." + size, "us", times.tripService);
                Times beside = weft.bySize.get(size);
                if (ours || beside == null || times.connectService.isEmpty()) {
                    continue;
                }
                findings.add(subject + ".update." + size, "ms", times.addedMillis);
                if (one.node instanceof KubeProxyNode other) {
                    findings.add(subject + ".rules." + size, "rules", (double) other.rules(size));
                }
                findings.add(subject + ".load." + size, "s", times.load.seconds());
                findings.compare(
                        "service.connect." + size,
                        subject + ".connect." + size,
                        beside.connectService,
                        times.connectService);
            }
            if (!one.leftOut.isEmpty()) {
                findings.notMeasured(subject, one.leftOut);
            }
        }
    }

    private Report.Table table() {
        List<List<String>> rows = new ArrayList<>();
        for (int services : ServiceScale.sizes(quick)) {
            for (Measured one : nodes) {
                Times times = one.bySize.get(services);
                if (times != null) {
                    rows.add(row(services, one.node, times));
                }
            }
        }
        return new Report.Table(
                "connect: a service's last of so many, beside kube-proxy's ways",
                List.of(
                        "services",
                        "by",
                        "full load CPU s",
                        "wall s",
                        "one added ms",
                        "connect pod us",
                        "service us",
                        "x",
                        "round trip pod us",
                        "service us",
                        "x"),
                rows);
    }

    private static List<String> row(int services, ServiceNode node, Times times) {
        boolean weft = node instanceof WeftServiceNode;
        return List.of(
                String.format(Locale.ROOT, "%,d", services),
                node.name(),
                weft ? "-" : String.format(Locale.ROOT, "%.2f", times.load.cpuSeconds()),
                weft ? "-" : String.format(Locale.ROOT, "%.2f", times.load.seconds()),
                Statistics.spread(times.addedMillis),
                Statistics.spread(times.connectPod),
                Statistics.spread(times.connectService),
                ratio(times.connectService, times.connectPod),
                Statistics.spread(times.tripPod),
                Statistics.spread(times.tripService),
                ratio(times.tripService, times.tripPod));
    }

    private static String ratio(List<Double> a, List<Double> b) {
        return String.format(Locale.ROOT, "%.3f", Ratio.median(a, b));
    }
}
