package io.weft.agent;

import io.weft.compiler.Compilation;
import io.weft.compiler.Decision;
import io.weft.compiler.Decision.Outcome;
import io.weft.compiler.Engine;
import io.weft.compiler.Explanation;
import io.weft.compiler.Query;
import io.weft.datapath.KernelTables;
import io.weft.datapath.ProvingNode;
import io.weft.model.Ip;
import io.weft.model.Ref;
import io.weft.tables.EventRecord;
import io.weft.tables.EventType;
import io.weft.tables.Icmp;
import io.weft.tables.Reason;
import io.weft.tables.Rule;
import io.weft.tables.Rules;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Asks oracle, tables and the loaded programs about the same flows, each with a port of its own, so
 * that each is a new connection. Where both ends are on this node the programs judge egress first,
 * and ingress only of what may go out. Every third packet has IP options, so that it goes through
 * the node's stack and passes both programs: they must agree, and tell of it once.
 */
final class Prover implements AutoCloseable {
    /** Source ports: no flow asks for one of these, so none is the answer to another. */
    private static final int FIRST_PORT = 10_000;

    private static final int LAST_PORT = 31_999;

    private static final int AT_ONCE = 3;

    /** A flow that was asked about, to be asked about again when the world has changed. */
    record Asked(ProvingNode.Packet packet, Optional<Integer> from, Optional<Integer> to) {}

    private final ProvingNode node;
    private final Set<Ip> nodeAddresses;
    private int port = FIRST_PORT;
    private int revision;
    private Tally tally = new Tally(0, 0, 0);

    private Prover(int workloads, Set<Ip> nodeAddresses) {
        this.nodeAddresses = nodeAddresses;
        node = ProvingNode.create(workloads, nodeAddresses);
    }

    /**
     * Verdicts that were compared, each of one end of a flow.
     *
     * @param again packets of connections that had been judged before
     */
    record Tally(long allowed, long denied, long again) {
        Tally plus(Tally other) {
            return new Tally(allowed + other.allowed, denied + other.denied, again + other.again);
        }

        @Override
        public String toString() {
            return "%d verdicts (%d allow, %d deny) and %d on living connections"
                    .formatted(allowed + denied, allowed, denied, again);
        }
    }

    /** Shares {@code work} among provers that run at once: much of it is waiting for the kernel. */
    static Tally atOnce(int workloads, Set<Ip> nodeAddresses, Consumer<Prover> work)
            throws Exception {
        List<Future<Tally>> shares = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            for (int i = 0; i < AT_ONCE; i++) {
                shares.add(
                        threads.submit(() -> {
                            try (Prover prover = new Prover(workloads, nodeAddresses)) {
                                work.accept(prover);
                                return prover.tally;
                            }
                        }));
            }
        }
        Tally all = new Tally(0, 0, 0);
        for (Future<Tally> share : shares) {
            all = all.plus(share.get());
        }
        return all;
    }

    /**
     * Puts the tables in force for the workloads in these slots, and wires those in {@code ips}.
     */
    void load(Compilation compiled, Map<Ref, Integer> pods, Map<Integer, List<Ip>> ips) {
        KernelTables.Applied applied = node.tables().apply(compiled.tables(), pods);
        revision = applied.revision();
        node.wire(ips);
    }

    /** Of the workloads in {@code pods}, those with addresses that the tables say are theirs. */
    static Map<Integer, List<Ip>> owned(Compilation compiled, Map<Ref, Integer> pods) {
        Map<Integer, List<Ip>> ips = new HashMap<>();
        pods.forEach((ref, slot) -> {
            List<Ip> own =
                    Objects.requireNonNull(compiled.snapshot().pods().get(ref)).ips().stream()
                            .distinct()
                            .filter(ip -> compiled.owner(ip).equals(Optional.of(ref)))
                            .toList();
            if (!own.isEmpty()) {
                ips.put(slot, own);
            }
        });
        return ips;
    }

    void wire(Map<Integer, List<Ip>> ips) {
        node.wire(ips);
    }

    void forget(Set<Ip> ips) {
        node.forget(ips);
    }

    boolean isHere(Ip ip) {
        return node.slotOf(ip).isPresent();
    }

    /**
     * {@return whether this node judges the end {@code of}: a workload here, or itself with one}
     */
    private boolean judgesFrom(Ip of, Ip other) {
        return isHere(of) || (nodeAddresses.contains(of) && isHere(other));
    }

    /** {@return whether a flow passes a hook of this node} */
    boolean judges(Query query) {
        return isHere(query.from()) || isHere(query.to());
    }

    /** Compares all three about each flow; {@code where} is said when they differ. */
    List<Asked> agree(String where, Compilation compiled, Engine oracle, List<Query> queries) {
        List<ProvingNode.Packet> packets = queries.stream().map(this::packet).toList();
        List<ProvingNode.Answer> answers = node.ask(packets);
        List<Asked> asked = new ArrayList<>();
        for (int i = 0; i < queries.size(); i++) {
            Query query = queries.get(i);
            ProvingNode.Answer answer = answers.get(i);
            Decision tables = compiled.decide(query);
            Decision naive = oracle.decide(query);
            boolean from = judgesFrom(query.from(), query.to());
            boolean to = judgesFrom(query.to(), query.from());
            Supplier<String> all = () -> differ(where, compiled, query, tables, naive, answer);
            check(tables.egressOutcome() == naive.egressOutcome(), all);
            check(tables.ingressOutcome() == naive.ingressOutcome(), all);
            Outcome egress = from ? tables.egressOutcome() : Outcome.ALLOWED;
            Outcome ingress = to ? tables.ingressOutcome() : Outcome.ALLOWED;
            boolean mayGo = egress.passes();
            boolean passes = mayGo && ingress.passes();
            boolean audited = egress == Outcome.AUDITED || ingress == Outcome.AUDITED;
            boolean silent = passes && !audited && !opens(query);
            check(answer.passed() == passes, all);
            check(answer.events().size() == (silent ? 0 : 1), all);
            count(from, tables.egress());
            count(to && mayGo, tables.ingress());
            asked.add(asked(packets.get(i)));
            if (silent) {
                continue;
            }
            EventRecord event = answer.events().getFirst();
            check(
                    event.type()
                            == (!passes
                                    ? EventType.DENIED
                                    : audited ? EventType.AUDIT : EventType.OPENED),
                    all);
            check(event.revision() == revision, all);
            Reason reason =
                    egress == (passes ? Outcome.AUDITED : Outcome.DENIED)
                            ? Reason.POLICY_EGRESS
                            : Reason.POLICY_INGRESS;
            check(event.reason() == (passes && !audited ? Reason.FORWARDED : reason), all);
            Rule why = tables.egressRule();
            check(says(compiled, event.egressRule(), from, query.from(), why), all);
            why = tables.ingressRule();
            check(says(compiled, event.ingressRule(), to && mayGo, query.to(), why), all);
        }
        return asked;
    }

    /** {@return whether the packet opens a connection}: of ICMP only an echo request does */
    private static boolean opens(Query query) {
        return !Icmp.is(query.protocol()) || query.port() == Icmp.echoRequest(query.protocol());
    }

    private void count(boolean judged, boolean allowed) {
        if (judged) {
            tally = tally.plus(new Tally(allowed ? 1 : 0, allowed ? 0 : 1, 0));
        }
    }

    private Asked asked(ProvingNode.Packet packet) {
        return new Asked(packet, node.slotOf(packet.from()), node.slotOf(packet.to()));
    }

    private ProvingNode.Packet packet(Query query) {
        port = port == LAST_PORT ? FIRST_PORT : port + 1;
        boolean options = port % 3 == 0;
        return new ProvingNode.Packet(
                query.from(), query.to(), query.protocol(), port, query.port(), options);
    }

    /** {@return whether the event gives the reason of an end}; it gives none where none judges */
    private boolean says(Compilation compiled, int rule, boolean judged, Ip end, Rule expected) {
        if (judged && !isHere(end) && expected instanceof Rule.BuiltIn) {
            return rule == Rules.NONE || rule == Rules.NOT_ISOLATED; // a node without policies
        }
        return judged
                ? compiled.tables().rules().find(rule).equals(Optional.of(expected))
                : rule == Rules.NONE;
    }

    /**
     * The next packet of connections that were asked about in another world: they get the verdict
     * of this one. Those whose ends are wired otherwise than then are left out.
     */
    void agreeAgain(String where, Compilation compiled, Engine oracle, List<Asked> before) {
        List<Asked> same = before.stream().filter(a -> a.equals(asked(a.packet))).toList();
        List<ProvingNode.Answer> answers = node.ask(same.stream().map(Asked::packet).toList());
        for (int i = 0; i < same.size(); i++) {
            ProvingNode.Packet packet = same.get(i).packet();
            ProvingNode.Answer answer = answers.get(i);
            Query query = new Query(packet.from(), packet.to(), packet.protocol(), packet.port());
            Decision naive = oracle.decide(query);
            boolean passes =
                    (!judgesFrom(query.from(), query.to()) || naive.egress())
                            && (!judgesFrom(query.to(), query.from()) || naive.ingress());
            check(
                    answer.passed() == passes,
                    () ->
                            differ(
                                    where + ", a connection of the step before",
                                    compiled,
                                    query,
                                    compiled.decide(query),
                                    naive,
                                    answer));
            tally = tally.plus(new Tally(0, 0, 1));
        }
    }

    private static void check(boolean agree, Supplier<String> differ) {
        if (!agree) {
            throw new AssertionError(differ.get());
        }
    }

    private String differ(
            String where,
            Compilation compiled,
            Query query,
            Decision tables,
            Decision oracle,
            ProvingNode.Answer kernel) {
        return "%s: %s (%s to %s), revision %d%n  oracle %s%n  tables %s%n  kernel %s%n%s"
                .formatted(
                        where,
                        query,
                        isHere(query.from()) ? "from here" : "from elsewhere",
                        isHere(query.to()) ? "here" : "elsewhere",
                        revision,
                        oracle,
                        tables,
                        kernel,
                        Explanation.of(compiled, query).text());
    }

    @Override
    public void close() {
        node.close();
    }
}
