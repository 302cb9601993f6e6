package io.weft.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.compiler.GroupEntries.Numbered;
import io.weft.model.Protocol;
import io.weft.tables.Action;
import io.weft.tables.Direction;
import io.weft.tables.Group;
import io.weft.tables.Identities;
import io.weft.tables.MatchKey;
import io.weft.tables.Rule;
import io.weft.tables.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FlatteningTest {
    private static final Rule RULE = new Rule.BuiltIn("test");

    private static Numbered clause(Ports ports, int precedence, int rule) {
        // equal precedence means equal action
        Statement.Effect effect =
                precedence % 2 == 0 ? Statement.Effect.ALLOW : Statement.Effect.DENY;
        return new Numbered(
                new Statement.Clause(new Remote.Anyone(), ports, effect, precedence, RULE), rule);
    }

    private static Ports tcp(int first, int last) {
        return new Ports.Range(Protocol.TCP, first, last);
    }

    private static Map<Ports.Block, Verdict> flatten(Numbered... clauses) {
        return Flattening.flatten(List.of(clauses), Map.of(), Map.of());
    }

    @Test
    void of_equal_entries_the_first_names_the_rule() {
        assertThat(flatten(clause(tcp(80, 80), 0, 1), clause(tcp(80, 80), 0, 2)))
                .containsOnly(
                        Map.entry(new Ports.Block(6, 80, 24), new Verdict(Action.ALLOW, 0, 1)));
    }

    @Test
    void what_a_larger_block_covers_collapses() {
        assertThat(flatten(clause(tcp(80, 80), 0, 1), clause(new Ports.Every(), 0, 2)))
                .containsOnly(Map.entry(Ports.Block.EVERYTHING, new Verdict(Action.ALLOW, 0, 2)));
    }

    @Test
    void a_lower_precedence_inside_a_higher_one_is_never_asked() {
        assertThat(flatten(clause(tcp(80, 80), 1, 1), clause(tcp(0, 65535), 2, 2)))
                .containsOnlyKeys(new Ports.Block(6, 0, 8));
    }

    @Test
    void a_higher_precedence_inside_a_lower_one_stays() {
        assertThat(flatten(clause(tcp(80, 80), 3, 1), clause(tcp(0, 65535), 2, 2)))
                .containsOnlyKeys(new Ports.Block(6, 80, 24), new Ports.Block(6, 0, 8));
    }

    @Test
    void precedence_is_unsigned() {
        assertThat(flatten(clause(tcp(80, 80), 0x8000_0000, 1), clause(tcp(80, 80), 2, 2)))
                .containsValue(new Verdict(Action.ALLOW, 0x8000_0000, 1));
    }

    @Test
    void two_lookups_find_the_highest_precedence_in_random_tiers() {
        for (long seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            List<Numbered> ofIdentity = clauses(random);
            List<Numbered> ofAnyone = clauses(random);
            Map<Ports.Block, Verdict> any = Flattening.flatten(ofAnyone, Map.of(), Map.of());
            Group group =
                    new Group(
                            1,
                            Direction.INGRESS,
                            0,
                            Entries.EMPTY
                                    .with(300, Flattening.flatten(ofIdentity, Map.of(), any))
                                    .with(Identities.ANY, any));
            for (int i = 0; i < 50; i++) {
                int protocol = List.of(6, 17, 1).get(random.nextInt(3));
                int port = random.nextInt(32);
                Verdict mine = group.longestMatch(MatchKey.exact(300, protocol, port));
                Verdict anyones =
                        group.longestMatch(MatchKey.exact(Identities.ANY, protocol, port));
                assertThat(
                                key(
                                        mine == null
                                                ? anyones
                                                : anyones == null ? mine : max(mine, anyones)))
                        .as(
                                "seed %d: %d/%d by %s and %s",
                                seed, port, protocol, ofIdentity, ofAnyone)
                        .isEqualTo(key(highest(protocol, port, ofIdentity, ofAnyone)));
            }
        }
    }

    private static List<Numbered> clauses(Random random) {
        List<Numbered> clauses = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            int first = random.nextInt(32);
            Protocol protocol = random.nextBoolean() ? Protocol.TCP : Protocol.UDP;
            Ports ports =
                    random.nextInt(5) == 0
                            ? new Ports.Every()
                            : random.nextInt(4) == 0
                                    ? new Ports.OfIcmp(1, random.nextInt(8))
                                    : new Ports.Range(
                                            protocol, first, first + random.nextInt(32 - first));
            clauses.add(clause(ports, random.nextInt(4), i));
        }
        return clauses;
    }

    private static @Nullable Verdict highest(
            int protocol, int port, List<Numbered> some, List<Numbered> others) {
        Verdict best = null;
        for (Numbered numbered : Stream.concat(some.stream(), others.stream()).toList()) {
            boolean matches =
                    switch (numbered.clause().ports()) {
                        case Ports.Every _ -> true;
                        case Ports.Named _ -> false;
                        case Ports.OfIcmp icmp ->
                                icmp.protocol() == protocol && icmp.type() == port;
                        case Ports.Range range ->
                                range.protocol().number() == protocol
                                        && range.first() <= port
                                        && port <= range.last();
                    };
            if (matches) {
                best = best == null ? numbered.verdict() : max(best, numbered.verdict());
            }
        }
        return best;
    }

    private static Verdict max(Verdict a, Verdict b) {
        return Integer.compareUnsigned(a.precedence(), b.precedence()) >= 0 ? a : b;
    }

    private static String key(@Nullable Verdict verdict) {
        return verdict == null ? "none" : verdict.action() + " at " + verdict.precedence();
    }
}
