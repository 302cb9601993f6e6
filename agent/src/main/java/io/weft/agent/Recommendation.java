package io.weft.agent;

import io.weft.agent.AppWorkloads.Workload;
import io.weft.flow.FlowHistory;
import io.weft.flow.FlowParty;
import io.weft.flow.RecordedFlow;
import io.weft.model.Entity;
import io.weft.model.Ip;
import io.weft.model.Labels;
import io.weft.model.Pod;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Snapshot;
import io.weft.tables.Direction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The least-privilege policies for flows that were seen to pass: for each workload with a flow, one
 * that isolates it in both directions and allows just these flows.
 *
 * <pre>
 *   FlowHistory ──▶ AppWorkloads ──▶ Seen (who, port) of each workload ──▶ RecommendedPolicy
 * </pre>
 *
 * <p>Replies need no rule, nor do a node and its own pods, nor a pod that talks to itself. What is
 * known only by address becomes blocks that hold just the addresses that were seen.
 *
 * @param policies by namespace and name
 * @param notes what the policies do not say, for people
 */
public record Recommendation(List<RecommendedPolicy> policies, List<String> notes) {
    /** With whom: a workload, an entity of the cluster, or an address. */
    sealed interface Party extends Comparable<Party> {
        record OfWorkload(Workload workload) implements Party {}

        record OfEntity(Entity entity) implements Party {}

        record OfIp(Ip ip) implements Party {}

        @Override
        default int compareTo(Party other) {
            return Comparator.<Party>comparingInt(Party::rank)
                    .thenComparing(Party::text)
                    .compare(this, other);
        }

        private static int rank(Party party) {
            return switch (party) {
                case OfWorkload _ -> 0;
                case OfEntity _ -> 1;
                case OfIp _ -> 2;
            };
        }

        private static String text(Party party) {
            return switch (party) {
                case OfWorkload(Workload w) -> w.namespace() + "/" + w.labels();
                case OfEntity(Entity entity) -> entity.toString();
                case OfIp(Ip ip) -> (ip.isV4() ? "4 " : "6 ") + ip;
            };
        }
    }

    /** A destination port, or an ICMP type. */
    record Service(int protocol, int port) implements Comparable<Service> {
        private static final int ICMP = 1;
        private static final int ICMPV6 = 58;

        boolean isIcmp() {
            return protocol == ICMP || protocol == ICMPV6;
        }

        boolean isV4() {
            return protocol == ICMP;
        }

        Optional<Protocol> transport() {
            return Arrays.stream(Protocol.values()).filter(p -> p.number() == protocol).findAny();
        }

        /** {@return whether a policy can allow just this} */
        boolean canBeSaid() {
            return isIcmp() || (transport().isPresent() && port > 0);
        }

        @Override
        public int compareTo(Service other) {
            int c = Integer.compare(protocol, other.protocol);
            return c != 0 ? c : Integer.compare(port, other.port);
        }
    }

    /** What was seen of one workload in one direction. */
    static final class Seen {
        final NavigableMap<Party, NavigableSet<Service>> peers = new TreeMap<>();

        /** Pod → what was seen of it alone. */
        private final Map<Ref, Set<String>> byPod = new TreeMap<>();

        void add(Ref pod, Party peer, Service service) {
            peers.computeIfAbsent(peer, p -> new TreeSet<>()).add(service);
            byPod.computeIfAbsent(pod, p -> new HashSet<>()).add(peer + " " + service);
        }

        /** {@return whether all of these pods, and not only some, were seen to do the same} */
        boolean isUniform(List<Ref> pods) {
            return byPod.isEmpty()
                    || (byPod.keySet().containsAll(pods)
                            && new HashSet<>(byPod.values()).size() == 1);
        }
    }

    /**
     * @param snapshot pods with their labels; of pods that are not in it, the flows tell
     * @param namespace of the policies; empty: all
     */
    public static Recommendation of(
            FlowHistory history, Snapshot snapshot, Optional<String> namespace) {
        Map<Ref, Labels> pods = AppWorkloads.labels(snapshot.pods().values());
        Set<Ip> owned = new HashSet<>();
        snapshot.pods().values().stream().filter(Pod::counts).forEach(p -> owned.addAll(p.ips()));
        for (RecordedFlow flow : history.flows()) {
            for (FlowParty party : List.of(flow.source(), flow.destination())) {
                if (party instanceof FlowParty.OfPod pod && flow.passed()) {
                    pods.putIfAbsent(pod.pod().ref(), pod.pod().labels());
                }
            }
        }
        Builder builder = new Builder(new AppWorkloads(pods), owned);
        history.flows().stream().filter(RecordedFlow::passed).forEach(builder::add);
        return builder.build(history, namespace);
    }

    /** {@return the same as a document} */
    public Map<String, Object> json() {
        return Map.of(
                "policies",
                policies.stream()
                        .map(p -> Map.of("document", p.document(), "comments", p.comments()))
                        .toList(),
                "notes",
                notes);
    }

    private static final class Builder {
        private final AppWorkloads workloads;
        private final Set<Ip> owned;
        private final NavigableMap<Workload, Map<Direction, Seen>> seen = new TreeMap<>();
        private final Set<String> left = new LinkedHashSet<>();
        private long used;

        /**
         * @param owned addresses of pods
         */
        Builder(AppWorkloads workloads, Set<Ip> owned) {
            this.workloads = workloads;
            this.owned = owned;
        }

        void add(RecordedFlow flow) {
            if (isNode(flow.source()) || isNode(flow.destination()) || isItself(flow)) {
                return;
            }
            Service service = new Service(flow.protocol(), flow.port());
            String words =
                    flow.source().name()
                            + " -> "
                            + flow.destination().name()
                            + " "
                            + flow.service();
            if (!service.canBeSaid()) {
                left.add(words + ": no kind of policy can allow this alone");
                return;
            }
            if (isReused(flow.source()) || isReused(flow.destination())) {
                left.add(words + ": the address is a pod's by now");
                return;
            }
            used += flow.count();
            note(flow.source(), Direction.EGRESS, flow.destination(), service);
            note(flow.destination(), Direction.INGRESS, flow.source(), service);
        }

        private void note(FlowParty of, Direction direction, FlowParty with, Service service) {
            if (of instanceof FlowParty.OfPod pod) {
                Ref ref = pod.pod().ref();
                Map<Direction, Seen> sides =
                        seen.computeIfAbsent(
                                workloads.of(ref), w -> new EnumMap<>(Direction.class));
                for (Direction side : Direction.values()) {
                    sides.computeIfAbsent(side, d -> new Seen());
                }
                sides.getOrDefault(direction, new Seen()).add(ref, party(with), service);
            }
        }

        private Party party(FlowParty party) {
            return switch (party) {
                case FlowParty.OfPod pod -> new Party.OfWorkload(workloads.of(pod.pod().ref()));
                case FlowParty.OfEntity entity -> new Party.OfEntity(entity.entity());
                case FlowParty.OfAddress address -> new Party.OfIp(address.ip());
            };
        }

        private static boolean isNode(FlowParty party) {
            return party instanceof FlowParty.OfEntity entity && entity.entity() == Entity.HOST;
        }

        private static boolean isItself(RecordedFlow flow) {
            return flow.source() instanceof FlowParty.OfPod from
                    && flow.destination() instanceof FlowParty.OfPod to
                    && from.pod().ref().equals(to.pod().ref());
        }

        private boolean isReused(FlowParty party) {
            return party instanceof FlowParty.OfAddress address && owned.contains(address.ip());
        }

        Recommendation build(FlowHistory history, Optional<String> namespace) {
            List<RecommendedPolicy> policies = new ArrayList<>();
            seen.forEach((workload, sides) -> {
                if (namespace.isEmpty() || namespace.get().equals(workload.namespace())) {
                    policies.addAll(RecommendedPolicy.of(workloads, workload, sides));
                }
            });
            List<String> notes = new ArrayList<>();
            notes.add(
                    "From %d connections%s. Each policy closes its workload in both directions, but"
                                    .formatted(
                                            used,
                                            history.since().map(t -> " since " + t).orElse(""))
                            + " for what was seen;");
            notes.add("policies that are there already go on allowing what they allow.");
            left.forEach(words -> notes.add("Left out: " + words));
            if (history.lost() > 0) {
                notes.add("The record misses " + history.lost() + " events.");
            }
            workloads.all().stream()
                    .filter(w -> !seen.containsKey(w))
                    .filter(w -> namespace.isEmpty() || namespace.get().equals(w.namespace()))
                    .forEach(w ->
                            notes.add(
                                    "No flow was seen of "
                                            + RecommendedPolicy.podNames(w)
                                            + ": no policy."));
            return new Recommendation(List.copyOf(policies), List.copyOf(notes));
        }
    }
}
