package io.weft.agent;

import io.weft.compiler.Decision;
import io.weft.compiler.Decision.Outcome;
import io.weft.compiler.Explanation;
import io.weft.compiler.Oracle;
import io.weft.compiler.Query;
import io.weft.datapath.LiveVerdict;
import io.weft.flow.FlowHistory;
import io.weft.flow.RecordedFlow;
import io.weft.model.Snapshot;
import io.weft.tables.Reason;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Asks again, now and then, about flows that were seen: the engine, the kernel's maps at the same
 * revision and, where the snapshot is small, the oracle must give one answer. It runs on a thread
 * of its own and looks at a bounded sample, so that it costs next to nothing.
 */
final class SelfCheck implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(SelfCheck.class.getName());
    private static final Duration PAUSE = Duration.ofSeconds(10);
    private static final int LOOKED_AT = 4096;
    private static final int SAMPLE = 50;
    private static final int SMALL = 200; // pods and policies that the oracle is asked about
    private static final int TRIES = 3;

    private final Node node;
    private final Random random;
    private final Thread thread;
    private volatile Counts counts = new Counts(0, 0, 0, Optional.empty());

    /**
     * @param checked flows
     * @param disagreements of these
     * @param skipped because the revision moved on each time
     * @param last disagreement, in words
     */
    record Counts(long checked, long disagreements, long skipped, Optional<String> last) {
        Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("checked", checked);
            json.put("disagreements", disagreements);
            json.put("skipped", skipped);
            last.ifPresent(text -> json.put("last", text));
            return json;
        }
    }

    SelfCheck(Node node, Random random) {
        this.node = node;
        this.random = random;
        this.thread = Thread.ofPlatform().name("self-check").daemon().start(this::run);
    }

    Counts counts() {
        return counts;
    }

    private void run() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Thread.sleep(PAUSE);
                checkOnce();
            } catch (InterruptedException end) {
                return;
            } catch (RuntimeException e) {
                if (!Thread.currentThread().isInterrupted()) {
                    LOG.log(Level.WARNING, "self-check: " + e.getMessage(), e);
                }
            }
        }
    }

    /** Checks one sample. {@return the counts after it} */
    synchronized Counts checkOnce() {
        List<RecordedFlow> flows =
                new ArrayList<>(FlowHistory.of(node.flows().newest(LOOKED_AT)).flows());
        Collections.shuffle(flows, random);
        for (RecordedFlow flow : flows.subList(0, Math.min(SAMPLE, flows.size()))) {
            check(
                    new Query(
                            flow.source().ip(),
                            flow.destination().ip(),
                            flow.protocol(),
                            flow.port()));
        }
        return counts;
    }

    private void check(Query query) {
        for (int i = 0; i < TRIES; i++) {
            Node.InForce now = node.inForce();
            LiveVerdict kernel =
                    node.datapath()
                            .live()
                            .judge(query.from(), query.to(), query.protocol(), query.port());
            if (kernel.revision() == now.revision()) {
                compare(query, now.state(), kernel);
                return;
            }
        }
        Counts c = counts;
        counts = new Counts(c.checked, c.disagreements, c.skipped + 1, c.last);
    }

    private void compare(Query query, NodeState state, LiveVerdict kernel) {
        Decision engine = state.compilation().decide(query);
        Optional<String> wrong = Optional.empty();
        if (!agrees(engine, kernel)) {
            wrong =
                    Optional.of(
                            "the kernel's maps: %s (%s); the engine: %s: %s"
                                    .formatted(
                                            word(kernel),
                                            kernel.reason(),
                                            engine.outcome().word(),
                                            query));
        } else if (isSmall(state.snapshot())) {
            Decision oracle = new Oracle(state.snapshot(), node.nodeAddresses()).decide(query);
            if (oracle.egressOutcome() != engine.egressOutcome()
                    || oracle.ingressOutcome() != engine.ingressOutcome()) {
                wrong =
                        Optional.of(
                                "the oracle: %s; the engine: %s: %s"
                                        .formatted(
                                                oracle.outcome().word(),
                                                engine.outcome().word(),
                                                query));
            }
        }
        Counts c = counts;
        counts =
                new Counts(
                        c.checked + 1,
                        c.disagreements + (wrong.isPresent() ? 1 : 0),
                        c.skipped,
                        wrong.or(() -> c.last));
        wrong.ifPresent(text ->
                LOG.log(
                        Level.ERROR,
                        "self-check at revision "
                                + kernel.revision()
                                + ": "
                                + text
                                + "\n"
                                + Explanation.of(state.compilation(), query).text()));
    }

    private static boolean isSmall(Snapshot snapshot) {
        return snapshot.pods().size() <= SMALL && snapshot.countOfPolicies() <= SMALL;
    }

    /** The kernel judges the destination's side only when the source's side lets the flow out. */
    static boolean agrees(Decision decision, LiveVerdict kernel) {
        if (!decision.egress()) {
            return kernel.reason() == Reason.POLICY_EGRESS;
        }
        if (!decision.ingress()) {
            return kernel.reason() == Reason.POLICY_INGRESS;
        }
        Reason audited =
                decision.egressOutcome() == Outcome.AUDITED
                        ? Reason.POLICY_EGRESS
                        : decision.ingressOutcome() == Outcome.AUDITED
                                ? Reason.POLICY_INGRESS
                                : Reason.FORWARDED;
        return kernel.allowed() && kernel.audited() == audited;
    }

    /** {@return what {@link Outcome#word} says of the kernel's answer} */
    static String word(LiveVerdict kernel) {
        return (kernel.audited() != Reason.FORWARDED && kernel.allowed()
                        ? Outcome.AUDITED
                        : kernel.allowed() ? Outcome.ALLOWED : Outcome.DENIED)
                .word();
    }

    /** Waits for the check that runs now. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
