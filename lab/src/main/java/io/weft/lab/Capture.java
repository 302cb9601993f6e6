package io.weft.lab;

import io.weft.kernel.NetNs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What it costs a flow to be watched: by Weft's flow log, by tcpdump. */
public final class Capture implements Experiment {
    private static final String ALL = "tcpdump -i eth0 -n -w /dev/null -B 16384";

    /** A path, and what watches it while it is measured. */
    private static final class Watched {
        final String subject;
        final String name;
        final NetNs server;
        final PeerProcess client;
        final Optional<String> tcpdump;
        final List<Double> connect = new ArrayList<>();
        final List<Double> roundTrip = new ArrayList<>();
        final List<Double> goodput = new ArrayList<>();
        final List<Double> captured = new ArrayList<>();

        Watched(
                String subject,
                String name,
                NetNs server,
                PeerProcess client,
                Optional<String> tcpdump) {
            this.subject = subject;
            this.name = name;
            this.server = server;
            this.client = client;
            this.tcpdump = tcpdump;
        }
    }

    @Override
    public String name() {
        return "capture";
    }

    @Override
    public String question() {
        return "What does it cost a flow to be watched: by Weft's flow log, which is always on, and by tcpdump?";
    }

    @Override
    public String method() {
        return "Connections, one-byte round trips and bulk over a veth pair and over Weft, in turn without and"
                + " with tcpdump at the server's interface, which writes whole packets to nowhere; ends pinned"
                + " to one processor in real time, tcpdump wherever it is put. Weft's flow log has each"
                + " connection and its verdict, tcpdump each packet.";
    }

    @Override
    public List<String> tables() {
        return List.of("9.4");
    }

    @Override
    public List<Capability> needs() {
        return List.of(Capability.NAMESPACES, Capability.program("tcpdump", "tcpdump"));
    }

    @Override
    public int usualSeconds(boolean quick) {
        return quick ? 12 : 50;
    }

    @Override
    public Report run(Run run) {
        int repetitions = run.pick(3, 11);
        try (Opened opened = new Opened()) {
            List<Watched> all = new ArrayList<>();
            for (MeasuredPath path :
                    List.of(opened.add(Topology.bareVeth()), opened.add(WeftPath.create()))) {
                run.say("set up " + path.name());
                PeerProcess client = PeerProcess.client(opened, path);
                boolean weft = path.name().equals("weft");
                all.add(
                        new Watched(
                                weft ? "capture" : "capture-none",
                                weft ? "Weft, flow log on" : "bare veth, nobody watches",
                                path.server(),
                                client,
                                Optional.empty()));
                all.add(
                        new Watched(
                                weft ? "capture-weft-tcpdump" : "capture-tcpdump",
                                path.name() + ", tcpdump",
                                path.server(),
                                client,
                                Optional.of(ALL)));
            }
            for (Watched one : all) {
                measure(one, run, false);
            }
            for (int i = 0; i < repetitions; i++) {
                run.repetition(i, repetitions);
                for (int j = 0; j < all.size(); j++) {
                    measure(all.get((i + j) % all.size()), run, true);
                }
            }
            return report(run, all);
        }
    }

    private static void measure(Watched one, Run run, boolean counts) {
        int connects = run.pick(400, 2_000);
        int trips = run.pick(3_000, 15_000);
        long bytes = run.pick(80_000_000, 400_000_000);
        try (Tcpdump tcpdump = Tcpdump.start(one.server, one.tcpdump)) {
            double connect = one.client.askFirst("connect " + connects) / 1e3;
            double trip = one.client.askFirst("rr " + trips) / 1e3;
            double goodput = one.client.askFirst("goodput " + bytes) / 1e9;
            double share = tcpdump.captured();
            if (counts) {
                one.connect.add(connect);
                one.roundTrip.add(trip);
                one.goodput.add(goodput);
                if (one.tcpdump.isPresent()) {
                    one.captured.add(share);
                }
            }
        }
    }

    private Report report(Run run, List<Watched> all) {
        Findings findings = new Findings();
        List<List<String>> rows = new ArrayList<>();
        for (Watched one : all) {
            findings.add(one.subject + ".connect", "us", one.connect);
            findings.add(one.subject + ".rtt", "us", one.roundTrip);
            findings.add(one.subject + ".goodput", "Gbps", one.goodput);
            findings.add(one.subject + ".captured", "%", one.captured);
            rows.add(
                    List.of(
                            one.name,
                            Statistics.spread(one.connect),
                            Statistics.spread(one.roundTrip),
                            Statistics.spread(one.goodput),
                            one.captured.isEmpty() ? "-" : Statistics.spread(one.captured)));
        }
        Watched floor = all.get(0);
        Watched tcpdump = all.get(1);
        Watched weft = all.get(2);
        for (Watched one : List.of(tcpdump, weft)) {
            findings.compare(
                    one.subject + ".connect", "capture-none.connect", one.connect, floor.connect);
            findings.compare(
                    one.subject + ".rtt", "capture-none.rtt", one.roundTrip, floor.roundTrip);
            findings.compare(
                    one.subject + ".goodput", "capture-none.goodput", one.goodput, floor.goodput);
        }
        findings.compare(
                "capture.connect", "capture-tcpdump.connect", weft.connect, tcpdump.connect);
        findings.compare("capture.rtt", "capture-tcpdump.rtt", weft.roundTrip, tcpdump.roundTrip);
        return new Report(
                name(),
                run.machine().describe(),
                List.of(
                        "watched by",
                        "connect us",
                        "1-byte round trip us",
                        "goodput Gbit/s",
                        "packets captured %"),
                rows,
                List.of(),
                List.of(
                        String.format(
                                Locale.ROOT,
                                "%d repetitions in turn, median [min-max]; Weft's figures hold its whole path with policy and"
                                        + " conntrack, too: its flow log cannot be turned off; captured: of what"
                                        + " tcpdump's filter received, by its own count",
                                floor.connect.size())),
                findings);
    }

    /** tcpdump while something is measured; or nobody. */
    private static final class Tcpdump implements AutoCloseable {
        private final Optional<Process> process;

        private Tcpdump(Optional<Process> process) {
            this.process = process;
        }

        static Tcpdump start(NetNs namespace, Optional<String> line) {
            return new Tcpdump(
                    line.map(command -> {
                        Process started =
                                namespace.call(() ->
                                        new ProcessBuilder(List.of(command.split(" ", -1)))
                                                .start());
                        // it says on stderr that it listens, and at the end what it saw
                        awaitLine(started, "listening on");
                        return started;
                    }));
        }

        private static void awaitLine(Process process, String sign) {
            StringBuilder said = new StringBuilder();
            try {
                int c = process.getErrorStream().read();
                while (c >= 0) {
                    said.append((char) c);
                    if (c == '\n' && said.indexOf(sign) >= 0) {
                        return;
                    }
                    c = process.getErrorStream().read();
                }
            } catch (IOException e) {
                throw new UncheckedIOException("read from tcpdump", e);
            }
            throw new Commands.ToolException("tcpdump: " + said.toString().strip());
        }

        /** Ends it. {@return percent of the packets that its filter received} */
        double captured() {
            if (process.isEmpty()) {
                return Double.NaN;
            }
            process.get().toHandle().destroy();
            try {
                String said =
                        new String(
                                process.get().getErrorStream().readAllBytes(),
                                java.nio.charset.StandardCharsets.UTF_8);
                double captured = count(said, "packets captured");
                double received = count(said, "packets received by filter");
                return received == 0 ? 0 : captured / received * 100;
            } catch (IOException e) {
                throw new UncheckedIOException("read from tcpdump", e);
            }
        }

        private static double count(String said, String what) {
            String before = said.substring(0, Math.max(0, said.indexOf(what))).strip();
            String number = before.substring(before.lastIndexOf('\n') + 1).strip();
            if (!number.matches("[0-9]+")) {
                throw new Commands.ToolException("tcpdump says: " + said.strip());
            }
            return Double.parseDouble(number);
        }

        @Override
        public void close() {
            process.ifPresent(p -> {
                p.destroyForcibly();
                p.onExit().join();
            });
        }
    }
}
