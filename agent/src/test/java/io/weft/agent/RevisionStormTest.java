package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.compiler.Compilation;
import io.weft.compiler.Decision;
import io.weft.compiler.Query;
import io.weft.flow.Flow;
import io.weft.flow.FlowVerdict;
import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Protocol;
import io.weft.tables.EventRecord;
import io.weft.tables.EventType;
import io.weft.tables.Rule;
import io.weft.tables.Rules;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two sets of three policies take turns under connections that open and connections that live, over
 * TCP and UDP. Each set denies port 9001 and allows 9002, for reasons of its own; only A allows
 * 9003. A's cluster policy with B's NetworkPolicy would let 9001 through, B's cluster policy with
 * A's CiliumNetworkPolicy would cut 9002. Every event names a revision that one whole set had, and
 * the rules of that set.
 */
@KernelTest
@Timeout(120)
class RevisionStormTest {
    private static final int SWITCHES = Boolean.getBoolean("weft.full") ? 200 : 40;

    /** Between two switches. */
    private static final int ROUNDS = 8;

    private static final String POLICIES =
            """
            ---
            apiVersion: policy.networking.k8s.io/v1alpha2
            kind: ClusterNetworkPolicy
            metadata: {name: storm}
            spec:
              tier: Admin
              priority: 10
              subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: server}}}}
              ingress:
              - action: %1$s
                from: [{namespaces: {}}]
                protocols:
                - tcp: {destinationPort: {number: %2$d}}
                - udp: {destinationPort: {number: %2$d}}
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: storm}
            spec:
              podSelector: {matchLabels: {app: server}}
              policyTypes: [Ingress]
              ingress: [{ports: [{port: %3$d, protocol: TCP}, {port: %3$d, protocol: UDP}]}]
            ---
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: storm}
            spec:
              endpointSelector: {matchLabels: {app: server}}
              ingress:
              - fromEndpoints: [{matchLabels: {app: client}}]
                toPorts: [{ports: [{port: "%4$d", protocol: ANY}]}]
            """;

    /** Which policies are in force, and what each port is for. */
    private enum PolicySet {
        A(POLICIES.formatted("Accept", 9002, 9, 9003)),
        B(POLICIES.formatted("Deny", 9001, 9001, 9002));

        final String manifest;

        PolicySet(String manifest) {
            this.manifest = manifest;
        }

        boolean allows(int port) {
            return port == 9002 || (port == 9003 && this == A);
        }
    }

    /** What one revision had in force. */
    private record InForce(PolicySet set, Compilation compilation) {}

    @TempDir private Path temporary;
    private final Map<Integer, InForce> revisions = new TreeMap<>();
    private final AtomicInteger newest = new AtomicInteger();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();

    @Test
    void everyConnectionIsJudgedByOneWholeRevision() throws Exception {
        try (TestNode node = TestNode.start(temporary)) {
            node.apply(
                    TestNode.pod("client", "app: client") + TestNode.pod("server", "app: server"));
            apply(node, PolicySet.A);
            try (NetNs client = node.namespace("client");
                    NetNs server = node.namespace("server");
                    Echo echo = new Echo()) {
                for (int port = 9001; port <= 9003; port++) {
                    echo.tcp(server, port).udp(server, port);
                }
                List<Storm> storms = new ArrayList<>();
                try {
                    for (int i = 0; i < 2; i++) {
                        storms.add(
                                new Storm(
                                        client,
                                        node.node.feed().watch(),
                                        node.endpoint("client").ips().get(i),
                                        node.endpoint("server").ips().get(i)));
                    }
                    rage(node, storms);
                    for (Storm storm : storms) {
                        check(storm);
                        checkLiving(node, storm);
                        System.out.printf(
                                "%d connections over %d revisions, %d changes of a living one%n",
                                storm.attempts().size(),
                                revisions.size(),
                                changes(node, storm).size());
                    }
                } finally {
                    for (Storm storm : storms) {
                        storm.close();
                    }
                }
            }
        }
    }

    private void apply(TestNode node, PolicySet set) {
        node.apply(set.manifest);
        Node.InForce now = node.node.inForce();
        revisions.put(now.revision(), new InForce(set, now.state().compilation()));
        newest.set(now.revision());
    }

    private InForce inForceAt(int revision) {
        return Objects.requireNonNull(
                revisions.get(revision), () -> "no whole set had revision " + revision);
    }

    private void rage(TestNode node, List<Storm> storms) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(storms.size())) {
            List<Future<?>> raging = new ArrayList<>();
            for (Storm storm : storms) {
                raging.add(
                        threads.submit(() -> {
                            while (!over.get()) {
                                storm.round(newest::get);
                                opened.incrementAndGet();
                            }
                            return null;
                        }));
            }
            try {
                for (int i = 1; i <= SWITCHES; i++) {
                    apply(node, i % 2 == 0 ? PolicySet.A : PolicySet.B);
                    int before = opened.get();
                    TestNode.until(
                            "connections after switch " + i,
                            () ->
                                    opened.get() >= before + ROUNDS
                                            || raging.stream().anyMatch(Future::isDone));
                }
            } finally {
                over.set(true);
            }
            for (Future<?> one : raging) {
                one.get();
            }
        }
        assertThat(revisions).as("one revision for each change").hasSize(SWITCHES + 1);
    }

    private void check(Storm storm) {
        int last = 0;
        assertThat(storm.attempts()).hasSizeGreaterThan(SWITCHES);
        for (Storm.Attempt attempt : storm.attempts()) {
            EventRecord event = attempt.event();
            int revision = event.revision();
            InForce then = inForceAt(revision);
            assertThat(revision)
                    .as("what was in force before is over: %s", attempt)
                    .isGreaterThanOrEqualTo(attempt.atLeast())
                    .isGreaterThanOrEqualTo(last);
            last = revision;
            boolean allowed = then.set.allows(attempt.port());
            assertThat(event.type())
                    .as("%s under %s", attempt, then.set)
                    .isEqualTo(allowed ? EventType.OPENED : EventType.DENIED);
            assertThat(attempt.answered() && !allowed)
                    .as("answered though denied: %s under %s", attempt, then.set)
                    .isFalse();
            Decision decision =
                    then.compilation.decide(
                            new Query(
                                    event.source(),
                                    event.destination(),
                                    event.protocol(),
                                    attempt.port()));
            Rules rules = then.compilation.tables().rules();
            assertThat(rules.find(event.ingressRule()))
                    .as("%s under %s", attempt, then.set)
                    .isEqualTo(Optional.<Rule>of(decision.ingressRule()));
        }
    }

    /** The connection to 9002 was never told of again; that to 9003 was, as each set says. */
    private void checkLiving(TestNode node, Storm storm) throws IOException {
        storm.push(); // a byte that has to arrive in the end
        apply(node, PolicySet.B);
        TestNode.until(
                "the living connection is cut",
                () -> {
                    storm.push();
                    return lastChange(node, storm).equals(Optional.of(FlowVerdict.DROPPED));
                });
        apply(node, PolicySet.A);
        TestNode.until("the living connection goes on", storm::allCameBack);
        TestNode.until(
                "it is told of",
                () -> lastChange(node, storm).equals(Optional.of(FlowVerdict.FORWARDED)));

        assertThat(of(node, storm.source(), storm.steadyPort()))
                .extracting(Flow::type)
                .containsExactly(EventType.OPENED);
        List<Flow> changes = changes(node, storm);
        assertThat(changes).hasSizeGreaterThanOrEqualTo(2);
        for (Flow change : changes) {
            boolean allowed = inForceAt(change.revision()).set == PolicySet.A;
            assertThat(change.verdict())
                    .as("%s", change)
                    .isEqualTo(allowed ? FlowVerdict.FORWARDED : FlowVerdict.DROPPED);
        }
    }

    private static Optional<FlowVerdict> lastChange(TestNode node, Storm storm) {
        return changes(node, storm).stream().reduce((a, b) -> b).map(Flow::verdict);
    }

    private static List<Flow> changes(TestNode node, Storm storm) {
        return of(node, storm.source(), storm.alternatingPort()).stream()
                .filter(flow -> flow.type() == EventType.CHANGED)
                .toList();
    }

    private static List<Flow> of(TestNode node, Ip source, int port) {
        return node.node.flows().newest(1 << 16).stream()
                .filter(flow ->
                        flow.protocol() == Protocol.TCP.number()
                                && flow.source().ip().equals(source)
                                && flow.source().port() == port)
                .toList();
    }
}
