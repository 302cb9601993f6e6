package io.weft.lab;

import io.weft.agent.Node;
import io.weft.bpf.BpfMap;
import io.weft.kernel.NetNs;
import io.weft.netlink.Address;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** A table of connections that is full: what becomes of new flows, and of one that was there. */
public final class ConntrackPressure implements Experiment {
    private static final int TRIES = 40;
    private static final int PATIENCE_MILLIS = 250;
    private static final int MOST_FLOWS = 1 << 20;
    private static final int PORTS = 60_000;
    private static final int FIRST_PORT = 2_000;

    /** An UDP flow that goes on after so long is assured, nf_conntrack_proto_udp.c. */
    private static final long ASSURED_NANOS = 2_500_000_000L;

    /** What is compared: two ends, and how many connections are kept for them. */
    private record Side(
            String name,
            NetNs client,
            NetNs server,
            Address to,
            UdpFrames.Route there,
            UdpFrames.Route back,
            LongSupplier kept) {}

    /** How it went: of {@link #TRIES} new connections so many were made. */
    private record Outcome(long kept, int made, boolean goesOn) {
        List<String> row(Side side, String what) {
            return List.of(
                    side.name(),
                    what,
                    String.format(Locale.ROOT, "%,d", kept),
                    made + " of " + TRIES,
                    goesOn ? "goes on" : "broken");
        }
    }

    @Override
    public String name() {
        return "conntrack-pressure";
    }

    @Override
    public String question() {
        return "The table of connections is full: what happens to new flows, with iptables and with Weft?";
    }

    @Override
    public String method() {
        return "UDP flows from one end to the other: first a fifth more unanswered ones than the table has room"
                + " for, then as many as it holds, answered and going on, which the kernel calls assured. After"
                + " each, 40 new TCP connections are tried, and a byte on one that was there before.";
    }

    @Override
    public List<String> tables() {
        return List.of("7.3");
    }

    @Override
    public List<Capability> needs() {
        return List.of(Capability.NAMESPACES, Capability.program("iptables", "iptables"));
    }

    @Override
    public int usualSeconds(boolean quick) {
        return quick ? 30 : 45;
    }

    @Override
    public Report run(Run run) {
        Findings findings = new Findings();
        List<List<String>> rows = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (boolean answered : List.of(false, true)) {
            iptables(run, answered, rows, findings, notes);
            weft(run, answered, rows, findings);
        }
        notes.add(
                "both tables have room for as many connections as their default says, of this machine; a new"
                        + " connection has "
                        + PATIENCE_MILLIS
                        + " ms. Weft's table gives up the connection that was silent longest; one that goes"
                        + " on after that is judged anew");
        return new Report(
                name(),
                run.machine().describe(),
                List.of("table", "filled with", "kept", "new connections", "one from before"),
                rows,
                List.of(),
                notes,
                findings);
    }

    private static void iptables(
            Run run,
            boolean answered,
            List<List<String>> rows,
            Findings findings,
            List<String> notes) {
        try (Opened opened = new Opened()) {
            Topology routed = opened.add(Topology.routedWithIptables());
            NetNs router = routed.all().getLast();
            Commands.run(router, "iptables -w -A FORWARD -p udp -j ACCEPT");
            long room = Counters.trackedAtMost(router);
            if (room > MOST_FLOWS) {
                String why =
                        "net.netfilter.nf_conntrack_max is %,d: filling it would take too long"
                                .formatted(room);
                findings.notMeasured("conntrack-iptables", why);
                notes.add("not measured: " + why);
                return;
            }
            Side side =
                    new Side(
                            "iptables, nf_conntrack",
                            routed.client(),
                            routed.server(),
                            Address.parse(routed.address()),
                            route(routed.client(), "10.78.1.2", router, "p1", routed.address()),
                            route(routed.server(), routed.address(), router, "p2", "10.78.1.2"),
                            () -> Counters.tracked(router));
            measure(run, side, room, answered, "conntrack-iptables", rows, findings);
        }
    }

    private static void weft(
            Run run, boolean answered, List<List<String>> rows, Findings findings) {
        try (Opened opened = new Opened()) {
            weft(run, answered, opened, rows, findings);
        }
    }

    private static void weft(
            Run run, boolean answered, Opened opened, List<List<String>> rows, Findings findings) {
        NetNs host = opened.add(NetNs.createAnonymous());
        Node node = opened.add(WeftPath.startNode(host));
        node.apply(List.of(LabPods.pod("client"), LabPods.pod("server")));
        NetNs client = opened.add(NetNs.open(WeftPath.endpoint(node, "client").namespace()));
        NetNs server = opened.add(NetNs.open(WeftPath.endpoint(node, "server").namespace()));
        String from = WeftPath.endpoint(node, "client").ips().getFirst().toString();
        String to = WeftPath.endpoint(node, "server").ips().getFirst().toString();
        String clientLink = WeftPath.endpoint(node, "client").hostInterface();
        String serverLink = WeftPath.endpoint(node, "server").hostInterface();
        BpfMap connections =
                opened.add(
                        BpfMap.openPinned(
                                node.config().pinDirectory().resolve("weft_connections")));
        Side side =
                new Side(
                        "Weft",
                        client,
                        server,
                        Address.parse(to),
                        route(client, from, host, clientLink, to),
                        route(server, to, host, serverLink, from),
                        () -> count(connections));
        measure(run, side, connections.maxEntries(), answered, "conntrack", rows, findings);
    }

    private static UdpFrames.Route route(
            NetNs end, String address, NetNs hop, String hopLink, String to) {
        return UdpFrames.route(
                end, "eth0", Address.parse(address), hop, hopLink, Address.parse(to));
    }

    private static long count(BpfMap map) {
        long[] n = {0};
        map.batch().forEach((_, _) -> n[0]++);
        return n[0];
    }

    private static void measure(
            Run run,
            Side side,
            long room,
            boolean answered,
            String subject,
            List<List<String>> rows,
            Findings findings) {
        int flows = (int) (answered ? room : room + room / 5);
        String what = "%,d flows, %s".formatted(flows, answered ? "answered" : "unanswered");
        try (Opened opened = new Opened()) {
            ServerSocket listening = opened.add(listen(side));
            Socket before = opened.add(connect(side));
            Socket accepted = opened.add(accept(listening));
            UdpFrames there = opened.add(new UdpFrames(side.client(), side.there()));
            UdpFrames back = opened.add(new UdpFrames(side.server(), side.back()));
            if (!answered) {
                rows.add(outcome(side, listening, before, accepted).row(side, "nothing"));
            }
            run.say(side.name() + ": " + what);
            for (int round = 0; round < (answered ? 2 : 1); round++) {
                long start = System.nanoTime();
                for (int i = 0; i < flows; i++) {
                    there.send(port(i), 1 + i / PORTS);
                    if (answered) {
                        back.send(1 + i / PORTS, port(i));
                    }
                }
                LockSupport.parkNanos(answered ? start + ASSURED_NANOS - System.nanoTime() : 0);
                Ending.check();
            }
            Outcome full = outcome(side, listening, before, accepted);
            rows.add(full.row(side, what));
            if (answered) {
                findings.add(subject + ".capacity", "connections", (double) full.kept());
                findings.add(subject + ".new-when-full", "%", full.made() * 100.0 / TRIES);
            }
        }
    }

    private static int port(int i) {
        return FIRST_PORT + i % PORTS;
    }

    private static Outcome outcome(
            Side side, ServerSocket listening, Socket before, Socket accepted) {
        long kept = side.kept().getAsLong();
        int made = 0;
        for (int i = 0; i < TRIES; i++) {
            Ending.check();
            try (Socket socket = connect(side)) {
                made += socket.isConnected() ? 1 : 0;
            } catch (RuntimeException | IOException refused) {
                continue;
            }
            closeNext(listening);
        }
        return new Outcome(kept, made, goesOn(before, accepted));
    }

    private static void closeNext(ServerSocket listening) {
        try (Socket accepted = accept(listening)) {
            accepted.setSoLinger(true, 0);
        } catch (IOException e) {
            // it went as it came
        }
    }

    private static boolean goesOn(Socket before, Socket accepted) {
        try {
            before.getOutputStream().write(1);
            accepted.setSoTimeout(4 * PATIENCE_MILLIS);
            return accepted.getInputStream().read() == 1;
        } catch (IOException e) {
            return false;
        }
    }

    private static ServerSocket listen(Side side) {
        return side.server().call(() -> new ServerSocket(Peer.PORT, TRIES));
    }

    private static Socket connect(Side side) {
        return side.client()
                .call(() -> {
                    Socket socket = new Socket();
                    try {
                        socket.connect(
                                new InetSocketAddress(side.to().toString(), Peer.PORT),
                                PATIENCE_MILLIS);
                        return socket;
                    } catch (IOException e) {
                        socket.close();
                        throw e;
                    }
                });
    }

    private static Socket accept(ServerSocket listening) {
        try {
            listening.setSoTimeout(4 * PATIENCE_MILLIS);
            return listening.accept();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("accept", e);
        }
    }
}
