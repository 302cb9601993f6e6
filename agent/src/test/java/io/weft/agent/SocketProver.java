package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.compiler.Compilation;
import io.weft.compiler.Decision;
import io.weft.compiler.Explanation;
import io.weft.compiler.Oracle;
import io.weft.compiler.Query;
import io.weft.flow.Flow;
import io.weft.flow.FlowVerdict;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.tables.CounterValue;
import io.weft.tables.DropKey;
import io.weft.tables.EventRecord;
import io.weft.tables.EventType;
import io.weft.tables.Reason;
import io.weft.tables.Rule;
import io.weft.tables.Rules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/**
 * Tries connections between the pods of a node, and between them and the node, and compares what
 * came of each with the oracle. A denial is silent, so it counts only when the kernel said so: by
 * an event of just that connection, by the flow log, and by the counters.
 */
final class SocketProver {
    /** Each pod serves these, over TCP and UDP. */
    private static final List<Integer> SERVED = List.of(53, 80, 81, 8080, 32768, 65535);

    /** The node does so but for its DNS server's. */
    private static final List<Integer> SERVED_BY_NODE = SERVED.subList(1, SERVED.size());

    /** Nobody serves these: a TCP connection that may be made is refused. */
    private static final List<Integer> CLOSED = List.of(54, 79, 82, 8081, 32767, 65534);

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int AT_ONCE = 48;
    private static final int FIRST_PORT = 10_000;

    /** Connections that were compared, by what came of them. */
    record Tally(long allowed, long audited, long denied) {
        static final Tally NONE = new Tally(0, 0, 0);

        Tally plus(Tally other) {
            return new Tally(
                    allowed + other.allowed, audited + other.audited, denied + other.denied);
        }

        @Override
        public String toString() {
            return "%d connections (%d allow, %d audit, %d deny)"
                    .formatted(allowed + audited + denied, allowed, audited, denied);
        }
    }

    /** An end with a namespace of its own. */
    private record End(NetNs namespace, List<Ip> ips) {}

    /**
     * @param sourcePort no other try has it: each is a new connection
     */
    private record Try(End from, Query query, Protocol protocol, int sourcePort, boolean served) {}

    private final TestNode node;
    private final Random random;
    private int nextPort = FIRST_PORT;

    SocketProver(TestNode node, Random random) {
        this.node = node;
        this.random = random;
    }

    /** Tries everyone with everyone; {@code where} is said when something differs. */
    Tally prove(String where) {
        Map<Ref, Endpoint> pods = new TreeMap<>(node.node.state().endpoints());
        List<End> ends = new ArrayList<>();
        try (Echo servers = new Echo()) {
            for (Endpoint pod : pods.values()) {
                ends.add(new End(NetNs.open(pod.namespace()), pod.ips()));
            }
            ends.add(new End(node.host, List.of(Ip.parse("10.0.255.1"), Ip.parse("fd00::1"))));
            for (End end : ends) {
                for (int port : served(end)) {
                    servers.tcp(end.namespace, port);
                    end.ips.forEach(ip -> servers.udp(end.namespace, Echo.address(ip, port)));
                }
            }
            return compare(where, tries(ends));
        } finally {
            ends.stream()
                    .filter(end -> end.namespace != node.host)
                    .forEach(e -> e.namespace.close());
        }
    }

    private List<Try> tries(List<End> ends) {
        List<Try> tries = new ArrayList<>();
        for (End from : ends) {
            for (End to : ends) {
                for (int family = 0; family < 2 && !from.equals(to); family++) {
                    Ip source = from.ips.get(family);
                    Ip target = to.ips.get(family);
                    tries.add(one(from, source, target, Protocol.TCP, served(to)));
                    tries.add(one(from, source, target, Protocol.TCP, CLOSED));
                    tries.add(one(from, source, target, Protocol.UDP, served(to)));
                }
            }
        }
        Collections.shuffle(tries, random);
        return tries;
    }

    private List<Integer> served(End by) {
        return by.namespace == node.host ? SERVED_BY_NODE : SERVED;
    }

    private Try one(End from, Ip source, Ip target, Protocol protocol, List<Integer> ports) {
        int port = ports.get(random.nextInt(ports.size()));
        Query query = new Query(source, target, protocol.number(), port);
        return new Try(from, query, protocol, nextPort++, !ports.equals(CLOSED));
    }

    private Tally compare(String where, List<Try> tries) {
        Compilation compiled = node.node.state().compilation();
        Oracle oracle =
                new Oracle(
                        compiled.snapshot(),
                        node.node.nodeAddresses(),
                        node.node.config().options());
        int revision = node.node.inForce().revision();
        long droppedBefore = dropped();
        List<Probe.Result> results = run(tries);
        Tally tally = Tally.NONE;
        Set<FlowWatch.Tuple> denied = new HashSet<>();
        for (int i = 0; i < tries.size(); i++) {
            Try tried = tries.get(i);
            Decision expected = oracle.decide(tried.query);
            String differ =
                    "%s, revision %d: %s%n  oracle %s%n  sockets %s%n%s"
                            .formatted(
                                    where,
                                    revision,
                                    tried,
                                    expected,
                                    results.get(i),
                                    Explanation.of(compiled, tried.query).text());
            check(tried, expected, results.get(i), revision, compiled, differ);
            switch (expected.outcome()) {
                case ALLOWED -> tally = tally.plus(new Tally(1, 0, 0));
                case AUDITED -> tally = tally.plus(new Tally(0, 1, 0));
                case DENIED -> {
                    tally = tally.plus(new Tally(0, 0, 1));
                    denied.add(tuple(tried));
                }
            }
        }
        TestNode.until(
                where + ": the flow log tells of every denial", () -> logged().containsAll(denied));
        assertThat(dropped() - droppedBefore)
                .as("%s: packets that were counted as dropped by policy", where)
                .isGreaterThanOrEqualTo(tally.denied);
        return tally;
    }

    private void check(
            Try tried,
            Decision expected,
            Probe.Result result,
            int revision,
            Compilation compiled,
            String differ) {
        Probe.Outcome outcome =
                !expected.allowed()
                        ? Probe.Outcome.DENIED
                        : tried.served ? Probe.Outcome.ANSWERED : Probe.Outcome.REFUSED;
        assertThat(result.outcome()).as(differ).isEqualTo(outcome);
        assertThat(result.event()).as(differ).isPresent();
        EventRecord event = result.event().orElseThrow();
        assertThat(event.revision()).as(differ).isEqualTo(revision);
        assertThat(event.type())
                .as(differ)
                .isEqualTo(
                        switch (expected.outcome()) {
                            case ALLOWED -> EventType.OPENED;
                            case AUDITED -> EventType.AUDIT;
                            case DENIED -> EventType.DENIED;
                        });
        boolean bySource =
                expected.egressOutcome()
                        == (expected.allowed()
                                ? Decision.Outcome.AUDITED
                                : Decision.Outcome.DENIED);
        assertThat(event.reason())
                .as(differ)
                .isEqualTo(
                        expected.outcome() == Decision.Outcome.ALLOWED
                                ? Reason.FORWARDED
                                : bySource ? Reason.POLICY_EGRESS : Reason.POLICY_INGRESS);
        Rules rules = compiled.tables().rules();
        Decision tables = compiled.decide(tried.query); // its rules have their words
        says(rules, event.egressRule(), tables.egressRule(), tried.query.from(), differ);
        if (expected.egress()) {
            says(rules, event.ingressRule(), tables.ingressRule(), tried.query.to(), differ);
        } else {
            assertThat(event.ingressRule()).as(differ).isEqualTo(Rules.NONE);
        }
    }

    /** A node without policies may give no rule. */
    private void says(Rules rules, int rule, Rule expected, Ip end, String differ) {
        if (node.node.nodeAddresses().contains(end) && expected instanceof Rule.BuiltIn) {
            assertThat(rule).as(differ).isIn(Rules.NONE, Rules.NOT_ISOLATED);
        } else {
            assertThat(rules.find(rule)).as(differ).isEqualTo(Optional.of(expected));
        }
    }

    private List<Probe.Result> run(List<Try> tries) {
        Probe probe = new Probe(node.node.feed().watch(), TIMEOUT);
        Semaphore free = new Semaphore(AT_ONCE);
        List<Future<Probe.Result>> pending = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Try tried : tries) {
                pending.add(
                        threads.submit(() -> {
                            free.acquire();
                            try {
                                return probe.run(
                                        tried.from.namespace,
                                        tried.query.from(),
                                        tried.sourcePort,
                                        tried.query.to(),
                                        tried.protocol,
                                        tried.query.port());
                            } finally {
                                free.release();
                            }
                        }));
            }
        }
        List<Probe.Result> results = new ArrayList<>();
        for (Future<Probe.Result> result : pending) {
            try {
                results.add(result.get());
            } catch (ExecutionException | InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        return results;
    }

    private static FlowWatch.Tuple tuple(Try tried) {
        Query query = tried.query;
        return new FlowWatch.Tuple(
                query.from(), tried.sourcePort, query.to(), query.port(), query.protocol());
    }

    private Set<FlowWatch.Tuple> logged() {
        Set<FlowWatch.Tuple> tuples = new HashSet<>();
        for (Flow flow : node.node.flows().newest(1 << 16)) {
            if (flow.verdict() == FlowVerdict.DROPPED) {
                tuples.add(
                        new FlowWatch.Tuple(
                                flow.source().ip(),
                                flow.source().port(),
                                flow.destination().ip(),
                                flow.destination().port(),
                                flow.protocol()));
            }
        }
        return tuples;
    }

    private long dropped() {
        long packets = 0;
        for (Map.Entry<DropKey, CounterValue> drop : node.node.datapath().drops().entrySet()) {
            if (drop.getKey().reason().isPolicy()) {
                packets += drop.getValue().packets();
            }
        }
        return packets;
    }
}
