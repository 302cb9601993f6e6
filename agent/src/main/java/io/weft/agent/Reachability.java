package io.weft.agent;

import io.weft.compiler.Passage;
import io.weft.compiler.Query;
import io.weft.kernel.NetNs;
import io.weft.model.Expectation;
import io.weft.model.Expectation.Party;
import io.weft.model.Pod;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.tables.Backend;
import io.weft.tables.EventRecord;
import io.weft.tables.Reason;
import io.weft.tables.Rule;
import io.weft.tables.Rules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/**
 * Finds out who reaches whom on a running node: by real traffic between pods and through services
 * to each backend, and from the compiled tables where one end is no pod of this node.
 */
public final class Reachability {
    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final int AT_ONCE = 16;

    /** How an answer came about. */
    public enum How {
        TRAFFIC,
        TABLES
    }

    /**
     * One answer.
     *
     * @param port of the destination
     * @param allowed whether the flow got through
     * @param rule what decided, as text; empty when nothing told
     */
    public record Answer(
            String from,
            String to,
            Protocol protocol,
            int port,
            boolean allowed,
            String rule,
            How how) {}

    /** An expectation and what came of it. */
    public record Tested(Expectation expectation, Answer answer) {
        public boolean ok() {
            return expectation.allow() == answer.allowed();
        }
    }

    private record Flow(Party from, Party to, Protocol protocol, String port, boolean wanted) {}

    private final Node node;
    private final Probe probe;

    public Reachability(Node node) {
        this.node = node;
        this.probe = new Probe(node.feed().watch(), TIMEOUT);
    }

    /** Tests every expectation of the node, several at once, in their order. */
    public List<Tested> expectations() {
        List<Expectation> wanted = List.copyOf(node.state().snapshot().expectations().values());
        List<Answer> answers =
                ask(
                        wanted.stream()
                                .map(e ->
                                        new Flow(
                                                e.from(),
                                                e.to(),
                                                e.protocol(),
                                                e.port(),
                                                e.allow()))
                                .toList());
        List<Tested> tested = new ArrayList<>();
        for (int i = 0; i < wanted.size(); i++) {
            tested.add(new Tested(wanted.get(i), answers.get(i)));
        }
        return tested;
    }

    /**
     * Tests every pod against every declared port of every other one.
     *
     * @param most how many flows at the most; more gives nothing
     */
    public Optional<List<Answer>> matrix(int most) {
        List<Flow> flows = new ArrayList<>();
        var pods = node.state().snapshot().pods().values();
        for (Pod from : pods) {
            for (Pod to : pods) {
                if (!from.ref().equals(to.ref())) {
                    for (Pod.ContainerPort port : to.ports()) {
                        if (port.protocol() != Protocol.SCTP) {
                            flows.add(
                                    new Flow(
                                            new Party.OfPod(from.ref()),
                                            new Party.OfPod(to.ref()),
                                            port.protocol(),
                                            Integer.toString(port.number()),
                                            true));
                        }
                    }
                }
            }
            if (flows.size() > most) {
                return Optional.empty();
            }
        }
        return Optional.of(ask(flows));
    }

    private List<Answer> ask(List<Flow> flows) {
        Semaphore free = new Semaphore(AT_ONCE);
        List<Future<Answer>> pending = new ArrayList<>();
        try (ExecutorService probes = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Flow flow : flows) {
                pending.add(
                        probes.submit(() -> {
                            free.acquire();
                            try {
                                return ask(flow);
                            } finally {
                                free.release();
                            }
                        }));
            }
        }
        List<Answer> answers = new ArrayList<>();
        for (Future<Answer> answer : pending) {
            try {
                answers.add(answer.get());
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case RuntimeException r -> throw r;
                    case null, default -> throw new IllegalStateException(e.getCause());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new NodeException(NodeException.Cause.MACHINE, "interrupted");
            }
        }
        return answers;
    }

    private Answer ask(Flow flow) {
        // IPv4 when both ends have it; the other family is the compiler's to prove equal
        List<Query> queries =
                Query.of(
                        node.state().snapshot(),
                        flow.from(),
                        flow.to(),
                        flow.protocol(),
                        flow.port());
        Query query = queries.getFirst();
        Optional<Endpoint> from =
                flow.from() instanceof Party.OfPod(Ref ref)
                        ? Optional.ofNullable(node.state().endpoints().get(ref))
                        : Optional.empty();
        if (flow.to() instanceof Party.OfService) {
            List<Passage> passages =
                    queries.stream().map(node.state().compilation()::pass).toList();
            boolean leads = passages.stream().noneMatch(passage -> passage.ways().isEmpty());
            return from.isPresent() && leads
                    ? tryAll(flow, from.get(), passages)
                    : answer(flow, passages);
        }
        if (from.isEmpty() || !(flow.to() instanceof Party.OfPod)) {
            return answer(flow, List.of(node.state().compilation().pass(query)));
        }
        try (NetNs namespace = Node.namespaceOf(from.get())) {
            Probe.Result result =
                    probe.run(namespace, query.from(), query.to(), flow.protocol(), query.port());
            return answer(flow, query, result.outcome().allowed(), rule(result), How.TRAFFIC);
        }
    }

    /** What one probe found. */
    private record Found(boolean allowed, String rule) {}

    /** Through the service, in each family, and to each of its backends. */
    private Answer tryAll(Flow flow, Endpoint from, List<Passage> passages) {
        List<Found> found = new ArrayList<>();
        try (NetNs namespace = Node.namespaceOf(from)) {
            for (Passage passage : passages) {
                Query asked = passage.query();
                List<Backend> backends =
                        passage.ways().stream()
                                .map(Passage.Way::query)
                                .map(way -> new Backend(way.to(), way.port(), true))
                                .toList();
                found.add(
                        found(
                                probe.run(
                                        namespace,
                                        asked.from(),
                                        asked.to(),
                                        flow.protocol(),
                                        asked.port(),
                                        backends)));
                for (Backend backend : backends) {
                    found.add(
                            found(
                                    probe.run(
                                            namespace,
                                            asked.from(),
                                            backend.ip(),
                                            flow.protocol(),
                                            backend.port())));
                }
            }
        }
        boolean allowed =
                flow.wanted()
                        ? found.stream().allMatch(Found::allowed)
                        : found.stream().anyMatch(Found::allowed);
        String rule =
                found.stream()
                        .filter(f -> f.allowed() == allowed)
                        .findFirst()
                        .orElseGet(found::getFirst)
                        .rule();
        return answer(flow, passages.getFirst().query(), allowed, rule, How.TRAFFIC);
    }

    private Found found(Probe.Result result) {
        return new Found(result.outcome().allowed(), rule(result));
    }

    /** As wanted only if it is so on every way to a service. */
    private static Answer answer(Flow flow, List<Passage> passages) {
        boolean allowed =
                flow.wanted()
                        ? passages.stream().allMatch(Passage::allowed)
                        : !passages.stream().allMatch(Passage::denied);
        Passage telling =
                passages.stream()
                        .filter(p -> p.allowed() == allowed)
                        .findFirst()
                        .orElseGet(passages::getFirst);
        return answer(flow, telling.query(), allowed, telling.because(), How.TABLES);
    }

    private static Answer answer(Flow flow, Query query, boolean allowed, String rule, How how) {
        return new Answer(
                flow.from().toString(),
                flow.to().toString(),
                flow.protocol(),
                query.port(),
                allowed,
                rule,
                how);
    }

    private String rule(Probe.Result result) {
        if (result.event().isEmpty()) {
            return switch (result.outcome()) {
                case NO_ANSWER -> "no answer, and Weft dropped nothing";
                case ANSWERED, REFUSED, DENIED -> "";
            };
        }
        EventRecord event = result.event().get();
        int id;
        if (event.reason().isPolicy()) {
            id = event.reason() == Reason.POLICY_EGRESS ? event.egressRule() : event.ingressRule();
        } else { // a policy's rule says more than one that always holds; as Decision.decisive
            boolean ingressSays =
                    event.ingressRule() >= Rules.FIRST
                            || (event.egressRule() < Rules.FIRST
                                    && event.ingressRule() != Rules.NONE);
            id = ingressSays ? event.ingressRule() : event.egressRule();
        }
        return node.state().compilation().tables().rules().find(id).map(Rule::text).orElse("");
    }
}
