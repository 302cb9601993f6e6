package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.weft.compiler.Compilation;
import io.weft.compiler.Compiler;
import io.weft.compiler.Oracle;
import io.weft.compiler.Query;
import io.weft.flow.FlowHistory;
import io.weft.flow.FlowParty;
import io.weft.flow.NamedPod;
import io.weft.flow.RecordedFlow;
import io.weft.model.Entity;
import io.weft.model.Ip;
import io.weft.model.Labels;
import io.weft.model.ManifestReader;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Snapshot;
import io.weft.model.Source;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RecommendationTest {
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
    private static final int WORLDS = 300;

    private static Pod pod(String path, String ip, Map<String, String> labels) {
        int slash = path.indexOf('/');
        return new Pod(
                Ref.pod(path.substring(0, slash), path.substring(slash + 1)),
                Labels.of(labels),
                List.of(Ip.parse(ip)),
                List.of(),
                List.of(),
                false,
                false,
                Source.NONE);
    }

    private static FlowParty party(Pod pod) {
        return new FlowParty.OfPod(new NamedPod(pod.ref(), pod.labels()), pod.ips().getFirst());
    }

    private static FlowParty party(String ip) {
        return new FlowParty.OfAddress(Ip.parse(ip));
    }

    private static RecordedFlow flow(FlowParty from, FlowParty to, int protocol, int port) {
        return new RecordedFlow(from, to, protocol, port, true, 1, NOW);
    }

    private static FlowHistory history(List<RecordedFlow> flows) {
        return new FlowHistory(flows, Optional.of(NOW), 0);
    }

    private static List<Resource> read(Recommendation recommendation) {
        try {
            String list =
                    JSON.std.asString(
                            Map.of(
                                    "apiVersion",
                                    "v1",
                                    "kind",
                                    "List",
                                    "items",
                                    recommendation.policies().stream()
                                            .map(RecommendedPolicy::document)
                                            .toList()));
            return new ManifestReader().offline().read("recommended.json", list);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- small worlds

    private static final List<String> OUTSIDE =
            List.of("203.0.113.4", "203.0.113.5", "203.0.113.6", "203.0.113.7", "198.51.100.9");
    private static final int[][] SERVICES = {
        {6, 80}, {6, 81}, {6, 82}, {6, 8080}, {17, 53}, {17, 80}, {132, 80}
    };

    private static Map<String, String> labels(Random random) {
        Map<String, String> labels = new TreeMap<>();
        for (String key : List.of("app", "tier", "version", "pod-template-hash")) {
            if (random.nextInt(2) == 0) {
                labels.put(key, String.valueOf("abc".charAt(random.nextInt(3))));
            }
        }
        return labels;
    }

    /** What policies can tell apart, written down a second time. */
    private static String workload(Object end) {
        if (!(end instanceof Pod pod)) {
            return end.toString();
        }
        Map<String, String> labels = new TreeMap<>(pod.labels().asMap());
        labels.remove("pod-template-hash");
        return pod.namespace() + labels;
    }

    private static String seen(Object from, Object to, int[] service) {
        return workload(from) + " -> " + workload(to) + " " + service[0] + "/" + service[1];
    }

    @Test
    void thePoliciesAllowWhatWasSeenAndNothingElseInRandomWorlds() {
        long first = new Random().nextLong();
        for (long seed = first; seed < first + WORLDS; seed++) {
            allowsExactlyWhatWasSeen(seed);
        }
    }

    private static void allowsExactlyWhatWasSeen(long seed) {
        Random random = new Random(seed);
        List<Pod> pods = new ArrayList<>();
        for (int i = 0; i < 2 + random.nextInt(8); i++) {
            pods.add(
                    pod(
                            List.of("red", "green").get(random.nextInt(2)) + "/pod" + i,
                            "10.0.0." + (i + 1),
                            labels(random)));
        }
        List<Object> ends = new ArrayList<>(pods);
        ends.addAll(OUTSIDE);
        List<RecordedFlow> flows = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        Set<String> isolated = new HashSet<>();
        for (int i = random.nextInt(12); i >= 0; i--) {
            Object from = ends.get(random.nextInt(ends.size()));
            Object to = ends.get(random.nextInt(ends.size()));
            int[] service = SERVICES[random.nextInt(SERVICES.length)];
            if (from.equals(to) || !(from instanceof Pod || to instanceof Pod)) {
                continue;
            }
            flows.add(flow(partyOf(from), partyOf(to), service[0], service[1]));
            seen.add(seen(from, to, service));
            isolated.add(workload(from));
            isolated.add(workload(to));
        }

        Recommendation recommendation =
                Recommendation.of(history(flows), Snapshot.of(pods), Optional.empty());
        List<Resource> all = new ArrayList<>(pods);
        all.addAll(read(recommendation));
        Snapshot snapshot = Snapshot.of(all);
        Compilation compiled = Compiler.compile(snapshot, Set.of());
        Oracle oracle = new Oracle(snapshot, Set.of());

        assertThat(compiled.warnings()).as("seed %d", seed).isEmpty();
        for (Object from : ends) {
            for (Object to : ends) {
                for (int[] service : SERVICES) {
                    boolean free =
                            from.equals(to)
                                    || (!isPolicyOf(isolated, from) && !isPolicyOf(isolated, to));
                    Query query = new Query(ip(from), ip(to), service[0], service[1]);
                    boolean expected = free || seen.contains(seen(from, to, service));
                    assertThat(compiled.decide(query).allowed())
                            .as("seed %d: %s -> %s %s", seed, from, to, query)
                            .isEqualTo(expected);
                    assertThat(oracle.decide(query).allowed())
                            .as("seed %d, oracle: %s", seed, query)
                            .isEqualTo(expected);
                }
            }
        }
    }

    private static boolean isPolicyOf(Set<String> isolated, Object end) {
        return end instanceof Pod && isolated.contains(workload(end));
    }

    private static FlowParty partyOf(Object end) {
        return end instanceof Pod pod ? party(pod) : party(end.toString());
    }

    private static Ip ip(Object end) {
        return end instanceof Pod pod ? pod.ips().getFirst() : Ip.parse(end.toString());
    }

    // ---- by example

    private static final Pod WEB =
            pod("shop/web-1", "10.0.0.1", Map.of("app", "web", "pod-template-hash", "5d"));
    private static final Pod WEB_2 =
            pod("shop/web-2", "10.0.0.2", Map.of("app", "web", "pod-template-hash", "5e"));
    private static final Pod CANARY =
            pod("shop/canary", "10.0.0.3", Map.of("app", "web", "track", "canary"));
    private static final Pod DB = pod("data/db", "10.0.0.4", Map.of("app", "db"));
    private static final Snapshot SHOP = Snapshot.of(List.of(WEB, WEB_2, CANARY, DB));

    private static Recommendation of(RecordedFlow... flows) {
        return Recommendation.of(history(List.of(flows)), SHOP, Optional.empty());
    }

    private static Map<?, ?> spec(Recommendation recommendation, int index) {
        return (Map<?, ?>) recommendation.policies().get(index).document().getOrDefault("spec", "");
    }

    @Test
    void theOrderOfTheFlowsDoesNotMatter() {
        RecordedFlow a = flow(party(WEB), party(DB), 6, 5432);
        RecordedFlow b = flow(party(CANARY), party(DB), 6, 9187);
        RecordedFlow c = flow(party("203.0.113.4"), party(WEB_2), 6, 443);

        assertThat(of(a, b, c)).isEqualTo(of(c, a, b));
        assertThat(of(a, b, c).policies())
                .extracting(p -> String.valueOf(p.document().get("metadata")))
                .containsExactly(
                        "{name=db-observed, namespace=data}",
                        "{name=web-observed, namespace=shop}",
                        "{name=web-canary-observed, namespace=shop}");
    }

    @Test
    void aWorkloadWhoseLabelsAnotherHasTooSaysWhatItDoesNotHave() {
        assertThat(spec(of(flow(party(WEB), party(DB), 6, 5432)), 1).get("podSelector"))
                .isEqualTo(
                        Map.of(
                                "matchLabels",
                                Map.of("app", "web"),
                                "matchExpressions",
                                List.of(Map.of("key", "track", "operator", "DoesNotExist"))));
    }

    @Test
    void saysWhenLabelsDoNotTellPodsApart() {
        String doubt =
                "Labels do not tell these pods apart: what was seen of one is allowed for all.";
        RecordedFlow one = flow(party(WEB), party(DB), 6, 5432);
        RecordedFlow other = flow(party(WEB_2), party(DB), 6, 5432);

        assertThat(of(one).policies().getLast().comments())
                .contains("Pods: shop/web-1, shop/web-2", doubt);
        assertThat(of(one, other).policies().getLast().comments()).doesNotContain(doubt);
    }

    @Test
    void addressesBecomeTheBlocksThatHoldJustThem() {
        List<Recommendation.Party> addresses =
                List.of(
                                "203.0.113.4",
                                "203.0.113.5",
                                "203.0.113.6",
                                "203.0.113.7",
                                "203.0.113.9",
                                "2001:db8::2",
                                "2001:db8::3",
                                "255.255.255.255",
                                "2001:db8:0:1::")
                        .stream()
                        .<Recommendation.Party>map(
                                ip -> new Recommendation.Party.OfIp(Ip.parse(ip)))
                        .toList();

        assertThat(RecommendedPolicy.blocks(addresses).stream().map(Object::toString))
                .containsExactly(
                        "203.0.113.4/30",
                        "203.0.113.9/32",
                        "255.255.255.255/32",
                        "2001:db8::2/127",
                        "2001:db8:0:1::/128");
    }

    @Test
    void neighbouringPortsBecomeARange() {
        Recommendation recommendation =
                of(
                        flow(party(WEB), party(DB), 6, 5432),
                        flow(party(WEB), party(DB), 6, 5433),
                        flow(party(WEB), party(DB), 17, 5434));

        assertThat(String.valueOf(spec(recommendation, 0).get("ingress")))
                .contains(
                        "ports=[{protocol=TCP, port=5432, endPort=5433},"
                                + " {protocol=UDP, port=5434}]");
    }

    @Test
    void whatANetworkPolicyCannotSayIsACiliumPolicyBesideIt() {
        Recommendation recommendation =
                of(
                        flow(party(WEB), party(DB), 1, 8),
                        flow(
                                party(WEB),
                                new FlowParty.OfEntity(Entity.KUBE_APISERVER, Ip.parse("10.9.0.1")),
                                6,
                                6443));

        assertThat(recommendation.policies().getLast().document())
                .containsEntry("kind", "CiliumNetworkPolicy");
        assertThat(String.valueOf(spec(recommendation, 3).get("egress")))
                .isEqualTo(
                        "[{toEndpoints=[{matchLabels={app=db,"
                                + " k8s:io.kubernetes.pod.namespace=data}}],"
                                + " icmps=[{fields=[{family=IPv4, type=8}]}]},"
                                + " {toEntities=[kube-apiserver],"
                                + " toPorts=[{ports=[{port=6443, protocol=TCP}]}]}]");
        assertThat(read(recommendation)).hasSize(4);
    }

    @Test
    void theNodeAndAPodToItselfNeedNoRuleAndDenialsNone() {
        RecordedFlow denied = new RecordedFlow(party(WEB), party(DB), 6, 22, false, 1, NOW);
        RecordedFlow probe =
                flow(
                        new FlowParty.OfEntity(Entity.HOST, Ip.parse("10.77.0.1")),
                        party(DB),
                        6,
                        5432);

        assertThat(of(denied, probe, flow(party(WEB), party(WEB), 6, 80)).policies()).isEmpty();
    }

    @Test
    void namesWhatItLeavesOutAndWhoWasNotSeen() {
        assertThat(
                        of(
                                        flow(party(WEB), party(DB), 47, 0),
                                        flow(party("10.0.0.3"), party(DB), 6, 80))
                                .notes())
                .contains(
                        "Left out: shop/web-1 -> data/db IP-47: no kind of policy can allow this"
                                + " alone",
                        "Left out: 10.0.0.3 -> data/db 80/TCP: the address is a pod's by now",
                        "No flow was seen of shop/canary: no policy.");
    }

    @Test
    void onlyPoliciesOfTheNamespaceThatIsAskedFor() {
        Recommendation recommendation =
                Recommendation.of(
                        history(List.of(flow(party(WEB), party(DB), 6, 5432))),
                        SHOP,
                        Optional.of("data"));

        assertThat(recommendation.policies())
                .singleElement()
                .extracting(p -> String.valueOf(p.document().get("metadata")))
                .isEqualTo("{name=db-observed, namespace=data}");
    }

    @Test
    void podsThatAreGoneAreKnownByTheFlows() {
        Recommendation recommendation =
                Recommendation.of(
                        history(List.of(flow(party(WEB), party(DB), 6, 5432))),
                        Snapshot.EMPTY,
                        Optional.empty());

        assertThat(recommendation.policies()).hasSize(2);
        assertThat(spec(recommendation, 1).get("podSelector"))
                .isEqualTo(Map.of("matchLabels", Map.of("app", "web")));
    }
}
