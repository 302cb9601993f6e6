package io.weft.lab;

import io.weft.agent.Endpoint;
import io.weft.agent.Node;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.model.ManifestReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * How exactly bandwidth annotations hold. Each measurement has two pods of its own, or a pod and
 * the node. Slow ones run at the same time, those of 1G one after the other.
 */
public final class Bandwidths implements Experiment {
    private static final double BAR_PERCENT = 5;
    private static final long GIGA = 1_000_000_000L;

    /** What is shaped, and who sends. */
    private enum Way {
        INGRESS("ingress", "from a pod"),
        INGRESS_FROM_NODE("ingress", "from the node"),
        EGRESS("egress", "to a pod"),
        EGRESS_TO_NODE("egress", "to the node");

        private final String direction;
        private final String words;

        Way(String direction, String words) {
            this.direction = direction;
            this.words = words;
        }
    }

    /**
     * One measurement.
     *
     * @param rate as the annotation has it
     * @param bits per second
     */
    private record Case(int number, Way way, String rate, long bits, boolean udp, boolean v4) {
        String shaped() {
            return "shaped-" + number;
        }

        String other() {
            return "other-" + number;
        }

        String manifest() {
            return """
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: %s, annotations:
             {kubernetes.io/%s-bandwidth: %s}}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: %s}}
            """
                    .formatted(shaped(), way.direction, rate, other());
        }

        int port() {
            return 20_000 + number;
        }
    }

    @Override
    public String name() {
        return "bandwidth";
    }

    @Override
    public String question() {
        return "How exactly do bandwidth annotations hold? (source document 11.1, 12)";
    }

    private static List<Case> cases(boolean quick) {
        List<Case> cases = new ArrayList<>();
        for (Map.Entry<String, Long> rate :
                List.of(
                        Map.entry("1G", GIGA),
                        Map.entry("10M", 10_000_000L),
                        Map.entry("100k", 100_000L))) {
            for (Way way : Way.values()) {
                for (boolean udp : new boolean[] {false, true}) {
                    for (boolean v4 : new boolean[] {true, false}) {
                        if (!quick || v4) {
                            cases.add(
                                    new Case(
                                            cases.size(),
                                            way,
                                            rate.getKey(),
                                            rate.getValue(),
                                            udp,
                                            v4));
                        }
                    }
                }
            }
        }
        return cases;
    }

    @Override
    public String method() {
        return "Streams between shaped pods and others or the node, counted at the receiver as whole frames; the"
                + " burst is left out. What is slow runs at the same time, 1G one after the other.";
    }

    @Override
    public List<String> tables() {
        return List.of("11.1", "13.2");
    }

    @Override
    public int usualSeconds(boolean quick) {
        return quick ? 30 : 120;
    }

    @Override
    public Report run(Run run) {
        boolean quick = run.quick();
        Consumer<String> progress = run::say;
        Machine machine = run.machine();
        List<Case> cases = cases(quick);
        double[] rates = new double[cases.size()];
        try (Opened opened = new Opened()) {
            NetNs host = opened.add(NetNs.createAnonymous());
            Node node = opened.add(WeftPath.startNode(host));
            StringBuilder manifests = new StringBuilder();
            cases.forEach(c -> manifests.append(c.manifest()));
            node.apply(
                    new ManifestReader()
                            .offline()
                            .readTexts(Map.of("lab.yaml", manifests.toString())));
            List<Case> slow = cases.stream().filter(c -> c.bits() < GIGA).toList();
            progress.accept(slow.size() + " slow ones at the same time");
            ExecutorService threads = Executors.newCachedThreadPool();
            opened.add(threads);
            List<Future<Double>> results = new ArrayList<>();
            for (Case c : slow) {
                results.add(threads.submit(measurement(node, host, c, quick)));
            }
            for (int i = 0; i < slow.size(); i++) {
                rates[slow.get(i).number()] = get(results.get(i));
            }
            for (Case c : cases) {
                if (c.bits() >= GIGA) {
                    progress.accept(c.rate() + " " + c.way() + (c.udp() ? " UDP" : " TCP"));
                    rates[c.number()] = get(threads.submit(measurement(node, host, c, quick)));
                }
            }
        }
        return report(machine, cases, rates);
    }

    private static double get(Future<Double> result) {
        try {
            return result.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("measure bandwidth", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("measure bandwidth", e);
        }
    }

    private static Callable<Double> measurement(Node node, NetNs host, Case c, boolean quick) {
        return () -> {
            Endpoint shaped = WeftPath.endpoint(node, c.shaped());
            Endpoint other = WeftPath.endpoint(node, c.other());
            try (NetNs shapedNs = NetNs.open(shaped.namespace());
                    NetNs otherNs = NetNs.open(other.namespace())) {
                NetNs from;
                NetNs to;
                Ip target;
                switch (c.way()) {
                    case INGRESS -> {
                        from = otherNs;
                        to = shapedNs;
                        target = ip(shaped, c.v4());
                    }
                    case INGRESS_FROM_NODE -> {
                        from = host;
                        to = shapedNs;
                        target = ip(shaped, c.v4());
                    }
                    case EGRESS -> {
                        from = shapedNs;
                        to = otherNs;
                        target = ip(other, c.v4());
                    }
                    default -> {
                        from = shapedNs;
                        to = host;
                        target = nodeIp(node, c.v4());
                    }
                }
                double seconds = c.bits() >= GIGA ? 3 : c.bits() >= 1_000_000 ? 10 : 60;
                double warmUp = c.bits() < 1_000_000 ? 10 : 2;
                BandwidthStream stream = new BandwidthStream(from, to, target, c.port(), c.bits());
                return c.udp()
                        ? stream.udp(warmUp, quick ? seconds / 2 : seconds)
                        : stream.tcp(warmUp, quick ? seconds / 2 : seconds);
            }
        };
    }

    private static Ip ip(Endpoint endpoint, boolean v4) {
        return endpoint.ips().stream().filter(ip -> ip.isV4() == v4).findFirst().orElseThrow();
    }

    /** The first address of a pool is the node's. */
    private static Ip nodeIp(Node node, boolean v4) {
        Ip pool = (v4 ? node.config().pool4() : node.config().pool6()).ip();
        return new Ip(pool.high(), pool.low() + 1);
    }

    private Report report(Machine machine, List<Case> cases, double[] rates) {
        List<List<String>> rows = new ArrayList<>();
        double[] worst = new double[3];
        String[] names = {"1G", "10M", "100k"};
        for (Case c : cases) {
            double off = (rates[c.number()] / c.bits() - 1) * 100;
            int of = List.of(names).indexOf(c.rate());
            worst[of] = Math.max(worst[of], Math.abs(off));
            rows.add(
                    List.of(
                            c.rate(),
                            c.way().direction + " " + c.way().words,
                            (c.udp() ? "UDP" : "TCP") + (c.v4() ? " IPv4" : " IPv6"),
                            String.format(Locale.ROOT, "%.4g", rates[c.number()] / 1e6),
                            String.format(Locale.ROOT, "%+.2f", off)));
        }
        List<Report.Bar> bars = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            bars.add(Report.Bar.atMost(names[i] + ": most it is off, %", BAR_PERCENT, worst[i]));
        }
        Findings findings = new Findings();
        for (int i = 0; i < names.length; i++) {
            findings.add("weft.bandwidth-error." + names[i], "%", worst[i]);
        }
        return new Report(
                name(),
                machine.describe(),
                List.of("annotation", "what is shaped", "stream", "Mbit/s of frames", "off by %"),
                rows,
                bars,
                List.of(
                        "bytes that the receiving process got, times the size of a whole frame over"
                                + " its payload (1514 bytes over 1472 and 1452 for UDP, 1448 and"
                                + " 1428 for TCP): rates are those of Ethernet frames, without"
                                + " preamble and checksum",
                        "UDP is sent at 1.3 times the rate; the first seconds, and the burst with"
                                + " them, are left out"),
                findings);
    }
}
