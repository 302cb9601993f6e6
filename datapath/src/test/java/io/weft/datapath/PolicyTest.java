package io.weft.datapath;

import static io.weft.datapath.Frame.SYN;
import static io.weft.datapath.TestNode.DB;
import static io.weft.datapath.TestNode.DB_ID;
import static io.weft.datapath.TestNode.SHOT;
import static io.weft.datapath.TestNode.WEB;
import static io.weft.datapath.TestNode.WEB_ID;
import static io.weft.datapath.TestNode.WORLD4;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bpf.Codec;
import io.weft.bpf.UpdateMode;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.tables.Action;
import io.weft.tables.Direction;
import io.weft.tables.EventRecord;
import io.weft.tables.EventType;
import io.weft.tables.Group;
import io.weft.tables.Identities;
import io.weft.tables.MatchKey;
import io.weft.tables.PodPolicy;
import io.weft.tables.PolicyKey;
import io.weft.tables.PolicyValue;
import io.weft.tables.Reason;
import io.weft.tables.Rules;
import io.weft.tables.Tables;
import io.weft.tables.Verdict;
import io.weft.tables.Versioned;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Verdicts of the programs, and {@link LiveEngine} beside them, which must say the same. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class PolicyTest {
    private static final int TCP = 6;
    private static final int UDP = 17;

    private TestNode node;

    @BeforeEach
    void makeNode() {
        node = TestNode.create();
    }

    @AfterEach
    void deleteNode() {
        node.close();
    }

    private static Verdict deny(int rule, int precedence) {
        return new Verdict(Action.DENY, precedence, rule);
    }

    private static Verdict allow(int rule, int precedence) {
        return new Verdict(Action.ALLOW, precedence, rule);
    }

    /** Sends the first packet of a connection; {@return the rule that decided} */
    private int decidedBy(TestNode.Pod from, Ip to, int protocol, int port) {
        node.events();
        Frame frame = from.sends().ip(to.isV4() ? from.ip4() : from.ip6(), to);
        frame = protocol == TCP ? frame.tcp(40000, port, SYN) : frame.udp(40000, port);
        boolean passed = node.from(from, frame).action() != SHOT;
        EventRecord event = node.events().getFirst();
        assertThat(event.type()).isEqualTo(passed ? EventType.OPENED : EventType.DENIED);

        Ip source = to.isV4() ? from.ip4() : from.ip6();
        LiveVerdict live = node.datapath.live().judge(source, to, protocol, port);
        assertThat(live)
                .isEqualTo(
                        new LiveVerdict(
                                event.revision(),
                                event.sourceIdentity(),
                                event.destinationIdentity(),
                                event.reason(),
                                event.egressRule(),
                                event.ingressRule()));
        assertThat(live.allowed()).isEqualTo(passed);
        node.datapath.connections().end(List.of(to), 0, closed -> {});
        return event.reason() == Reason.POLICY_EGRESS || event.ingressRule() == Rules.NONE
                ? event.egressRule()
                : event.ingressRule();
    }

    private void isolateDb(Map<MatchKey, Verdict> entries) {
        node.apply(node.open().isolate("db", Direction.INGRESS, 50, entries).build());
    }

    @Test
    void withoutPoliciesEverythingPasses() {
        assertThat(decidedBy(WEB, DB.ip4(), TCP, 80)).isEqualTo(Rules.NOT_ISOLATED);
        assertThat(decidedBy(WEB, DB.ip6(), UDP, 53)).isEqualTo(Rules.NOT_ISOLATED);
    }

    @Test
    void theDefaultRuleDeniesWhatNothingAllows() {
        isolateDb(Map.of());

        assertThat(decidedBy(WEB, DB.ip4(), TCP, 80)).isEqualTo(50);
        assertThat(decidedBy(WEB, DB.ip6(), TCP, 80)).isEqualTo(50);
        assertThat(decidedBy(WEB, WORLD4, TCP, 80)).isEqualTo(Rules.NOT_ISOLATED);
    }

    @Test
    void theLongestPortPrefixDecides() {
        isolateDb(
                Map.of(
                        new MatchKey(WEB_ID, 0, 0, 0), allow(51, 1),
                        new MatchKey(WEB_ID, TCP, 0, 8), allow(52, 1),
                        new MatchKey(WEB_ID, TCP, 8080 & 0xfff0, 20), allow(53, 1),
                        new MatchKey(WEB_ID, TCP, 8080, 24), allow(54, 1)));

        assertThat(decidedBy(WEB, DB.ip4(), UDP, 8080)).isEqualTo(51);
        assertThat(decidedBy(WEB, DB.ip4(), TCP, 1)).isEqualTo(52);
        assertThat(decidedBy(WEB, DB.ip4(), TCP, 8081)).isEqualTo(53);
        assertThat(decidedBy(WEB, DB.ip4(), TCP, 8080)).isEqualTo(54);
    }

    /** The kernel may give the memory of an entry that went to one that comes, under a reader. */
    @Test
    void anElementWithAnotherKeyInItIsNoEntry() {
        MatchKey udp = new MatchKey(WEB_ID, UDP, 0, 8);
        MatchKey dns = MatchKey.exact(WEB_ID, UDP, 53);
        isolateDb(Map.of(dns, allow(51, 1), udp, allow(52, 1)));
        node.datapath.tables().awaitSettled();
        int group =
                node.datapath
                        .map("weft_endpoints")
                        .typed(Codec.U32, Codecs.ENDPOINT)
                        .get(DB.slot())
                        .orElseThrow()
                        .ingress()
                        .even()
                        .group();
        PolicyKey other = new PolicyKey(group, MatchKey.exact(DB_ID, UDP, 53));
        node.datapath
                .map("weft_policy")
                .typed(Codecs.POLICY_KEY, Codecs.POLICY_VALUE)
                .put(
                        new PolicyKey(group, dns),
                        new PolicyValue(other, Versioned.same(deny(53, 9))),
                        UpdateMode.LOCK);

        assertThat(decidedBy(WEB, DB.ip4(), UDP, 53)).isEqualTo(52);
    }

    @Test
    void ofTwoMatchesTheHigherPrecedenceWinsAndTheIdentityOnATie() {
        isolateDb(
                Map.of(
                        new MatchKey(WEB_ID, TCP, 1, 24), allow(51, 5),
                        new MatchKey(Identities.ANY, TCP, 1, 24), deny(52, 5),
                        new MatchKey(WEB_ID, TCP, 2, 24), allow(53, 5),
                        new MatchKey(Identities.ANY, TCP, 2, 24), deny(54, 6),
                        new MatchKey(WEB_ID, TCP, 3, 24), deny(55, 0x80000000),
                        new MatchKey(Identities.ANY, TCP, 3, 24), allow(56, 6),
                        new MatchKey(Identities.ANY, TCP, 4, 24), allow(57, 0)));

        assertThat(decidedBy(WEB, DB.ip4(), TCP, 1)).isEqualTo(51);
        assertThat(decidedBy(WEB, DB.ip4(), TCP, 2)).isEqualTo(54);
        assertThat(decidedBy(WEB, DB.ip4(), TCP, 3)).as("unsigned").isEqualTo(55);
        assertThat(decidedBy(WEB, DB.ip4(), TCP, 4)).isEqualTo(57);
        assertThat(decidedBy(WEB, DB.ip4(), TCP, 5)).isEqualTo(50);
    }

    @Test
    void egressIsAskedFirst() {
        node.apply(
                node.open()
                        .isolate("web", Direction.EGRESS, 40, Map.of())
                        .isolate("db", Direction.INGRESS, 50, Map.of())
                        .build());

        assertThat(decidedBy(WEB, DB.ip4(), TCP, 80)).isEqualTo(40);
        assertThat(node.drops()).isEqualTo(Map.of(Reason.POLICY_EGRESS, 1L));
    }

    @Test
    void theLongestBlockGivesTheIdentity() {
        node.apply(
                node.open()
                        .block("192.0.2.0/24", 400)
                        .block("192.0.2.8/29", 401)
                        .block("2001:db8::/32", 402)
                        .isolate(
                                "web",
                                Direction.EGRESS,
                                40,
                                Map.of(
                                        new MatchKey(400, 0, 0, 0), allow(41, 1),
                                        new MatchKey(401, 0, 0, 0), allow(42, 1),
                                        new MatchKey(402, 0, 0, 0), allow(43, 1)))
                        .build());

        assertThat(decidedBy(WEB, Ip.parse("192.0.2.1"), TCP, 80)).isEqualTo(41);
        assertThat(decidedBy(WEB, WORLD4, TCP, 80)).isEqualTo(42);
        assertThat(decidedBy(WEB, Ip.parse("192.0.3.1"), TCP, 80)).isEqualTo(40);
        assertThat(decidedBy(WEB, TestNode.WORLD6, TCP, 80)).isEqualTo(43);
        assertThat(decidedBy(WEB, Ip.parse("2001:db9::1"), TCP, 80)).isEqualTo(40);
    }

    @Test
    void anIcmpIdentifierIsNoPort() {
        isolateDb(Map.of(new MatchKey(WEB_ID, 1, 7, 24), allow(51, 1)));

        Frame echo = WEB.sends().ip(WEB.ip4(), DB.ip4()).echo(7);
        assertThat(node.from(WEB, echo).action()).isEqualTo(SHOT);
    }

    @Test
    void sctpHasPortsAndOtherProtocolsHaveNone() {
        isolateDb(
                Map.of(
                        new MatchKey(WEB_ID, 132, 9, 24), allow(51, 1),
                        new MatchKey(WEB_ID, 47, 0, 8), allow(52, 1)));

        assertThat(node.from(WEB, WEB.sends().ip(WEB.ip4(), DB.ip4()).sctp(1, 9)).action())
                .isNotEqualTo(SHOT);
        assertThat(node.from(WEB, WEB.sends().ip(WEB.ip4(), DB.ip4()).sctp(1, 8)).action())
                .isEqualTo(SHOT);
        Frame gre = WEB.sends().ip(WEB.ip4(), DB.ip4()).protocol(47).payload(8);
        assertThat(node.from(WEB, gre).action()).isNotEqualTo(SHOT);
        Frame esp = WEB.sends().ip(WEB.ip4(), DB.ip4()).protocol(50).payload(8);
        assertThat(node.from(WEB, esp).action()).isEqualTo(SHOT);
    }

    @Test
    void aTagDoesNotGetAroundThePolicy() {
        isolateDb(Map.of());
        Frame tagged = WEB.sends().vlan(0).vlan(7).ip(WEB.ip4(), DB.ip4()).tcp(1, 80, SYN);

        assertThat(node.from(WEB, tagged).action()).isEqualTo(SHOT);
        assertThat(node.drops()).isEqualTo(Map.of(Reason.POLICY_INGRESS, 1L));
    }

    @Test
    void aWorkloadWithoutAPolicyGetsNothingThrough() {
        Tables withoutDb = new TestTables().pod("web", WEB_ID, WEB.ip4(), WEB.ip6()).build();
        node.apply(withoutDb);

        assertThat(decidedBy(WEB, DB.ip4(), TCP, 80)).isEqualTo(Rules.NOT_LOADED);
        assertThat(decidedBy(DB, WORLD4, TCP, 80)).isEqualTo(Rules.NOT_LOADED);
        assertThat(decidedBy(WEB, WORLD4, TCP, 80)).isEqualTo(Rules.NOT_ISOLATED);
    }

    @Test
    void aSlotThatIsTakenAwayDeniesEverything() {
        node.datapath
                .tables()
                .apply(node.open().build(), Map.of(TestTables.ref("web"), WEB.slot()));

        assertThat(decidedBy(WEB, DB.ip4(), TCP, 80)).isEqualTo(Rules.NOT_LOADED);
        assertThat(node.datapath.live().identityOf(DB.ip4())).isEqualTo(DB_ID);
    }

    // ---- the same against a naive reading of random tables ----

    private static Map<MatchKey, Verdict> randomEntries(Random random) {
        Map<MatchKey, Verdict> entries = new HashMap<>();
        int[] identities = {Identities.ANY, Identities.WORLD, WEB_ID, DB_ID, 400};
        for (int i = random.nextInt(20); i > 0; i--) {
            MatchKey exact =
                    MatchKey.exact(
                            identities[random.nextInt(identities.length)],
                            random.nextBoolean() ? TCP : UDP,
                            random.nextInt(8));
            int bits = random.nextInt(4) == 0 ? 0 : 8 + random.nextInt(17);
            Action action = random.nextBoolean() ? Action.ALLOW : Action.DENY;
            entries.put(
                    exact.shortened(bits),
                    new Verdict(action, random.nextInt(3), 100 + random.nextInt(100)));
        }
        return entries;
    }

    /** The entry of {@code identity} that covers the packet and says most about it. */
    private static Verdict naiveMatch(Group group, int identity, int protocol, int port) {
        Verdict best = PolicyValue.NO_ENTRY;
        int bestBits = -1;
        for (Map.Entry<MatchKey, Verdict> entry : group.entries().entrySet()) {
            MatchKey key = entry.getKey();
            boolean covers =
                    key.identity() == identity
                            && (key.bits() == 0 || key.protocol() == protocol)
                            && port >> (24 - Math.max(8, key.bits()))
                                    == key.port() >> (24 - Math.max(8, key.bits()));
            if (covers && key.bits() > bestBits) {
                best = entry.getValue();
                bestBits = key.bits();
            }
        }
        return best;
    }

    /** {@return the rule that decides, negative when it denies} */
    private static int naive(Tables tables, int group, int remote, int protocol, int port) {
        if (remote == Identities.HOST) {
            return Rules.NODE;
        }
        Group judge = tables.groups().get(group);
        if (judge == null) {
            return Rules.NOT_ISOLATED;
        }
        Verdict verdict = naiveMatch(judge, remote, protocol, port);
        Verdict any = naiveMatch(judge, Identities.ANY, protocol, port);
        if (verdict.action() == Action.NONE
                || (any.action() != Action.NONE && any.precedence() > verdict.precedence())) {
            verdict = any;
        }
        if (verdict.action() == Action.NONE) {
            return -judge.defaultRule();
        }
        return verdict.action() == Action.ALLOW ? verdict.rule() : -verdict.rule();
    }

    @Test
    void randomPacketsGetTheVerdictOfRandomTables() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 25; round++) {
            Tables tables =
                    node.open()
                            .block("192.0.2.0/24", random.nextBoolean() ? 400 : WEB_ID)
                            .isolate("web", Direction.EGRESS, 40, randomEntries(random))
                            .isolate("db", Direction.INGRESS, 50, randomEntries(random))
                            .build();
            node.apply(tables);
            PodPolicy web = Objects.requireNonNull(tables.pods().get(TestTables.ref("web")));
            PodPolicy db = Objects.requireNonNull(tables.pods().get(TestTables.ref("db")));
            for (int packet = 0; packet < 20; packet++) {
                Ip to =
                        List.of(DB.ip4(), DB.ip6(), WORLD4, TestNode.WORLD6, TestNode.NODE4)
                                .get(random.nextInt(5));
                int protocol = random.nextBoolean() ? TCP : UDP;
                int port = random.nextInt(9);
                int egress =
                        naive(tables, web.egressGroup(), tables.identityOf(to), protocol, port);
                boolean toDb = to.equals(DB.ip4()) || to.equals(DB.ip6());
                int ingress =
                        toDb && egress > 0
                                ? naive(tables, db.ingressGroup(), WEB_ID, protocol, port)
                                : 0;

                assertThat(decidedBy(WEB, to, protocol, port))
                        .as("seed %d, round %d: %s %d/%d", seed, round, to, port, protocol)
                        .isEqualTo(Math.abs(ingress == 0 ? egress : ingress));
            }
        }
        assertThat(node.drops()).containsKeys(Reason.POLICY_EGRESS, Reason.POLICY_INGRESS);
    }
}
