package io.weft.compiler;

import io.weft.model.PersistentMap;
import io.weft.tables.Action;
import io.weft.tables.Direction;
import io.weft.tables.Group;
import io.weft.tables.Identities;
import io.weft.tables.Verdict;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The clauses of a group and the entries that they make; immutable. */
final class GroupEntries {
    /** So many combinations of clauses are remembered with their cells. */
    private static final int MAX_KNOWN = 4096;

    /** A clause and the number of its rule. */
    record Numbered(Statement.Clause clause, int rule) {
        Verdict verdict() {
            Action action =
                    switch (clause.effect()) {
                        case ALLOW -> Action.ALLOW;
                        case DENY -> Action.DENY;
                        case PASS ->
                                throw new IllegalStateException("a Pass is resolved: " + clause);
                    };
            return new Verdict(action, clause.precedence(), rule);
        }

        /** {@return whether it is about everyone, so that one entry does for all identities} */
        boolean isAny() {
            return clause.remote() instanceof Remote.Anyone;
        }
    }

    /** Who is behind a {@link Remote}, and what is behind an identity. */
    interface Directory {
        /** {@return the identities that match} */
        IdSet members(Remote remote);

        IdentityClass identity(int id);
    }

    private final GroupKey key;
    private final List<Numbered> clauses;
    private final Verdict fallback;
    private final Map<Ports.Block, Verdict> any;
    private final PersistentMap<BitSet, Map<Ports.Block, Verdict>> known;
    private final Entries entries;
    private final Group group;

    private GroupEntries(
            int id,
            GroupKey key,
            List<Numbered> clauses,
            Verdict fallback,
            Map<Ports.Block, Verdict> any,
            PersistentMap<BitSet, Map<Ports.Block, Verdict>> known,
            Entries entries) {
        this.key = key;
        this.clauses = clauses;
        this.any = any;
        this.known = known;
        this.entries = entries;
        this.fallback = fallback;
        group = new Group(id, key.direction(), fallback.rule(), entries);
    }

    /**
     * @param clauses of all policies of the group, in order of policy and rule
     * @param fallback what happens when no clause matches; the kernel itself then denies
     */
    static GroupEntries build(
            int id, GroupKey key, List<Numbered> clauses, Verdict fallback, Directory directory) {
        List<Numbered> ofAnyone = clauses.stream().filter(Numbered::isAny).toList();
        Map<Ports.Block, Verdict> any =
                new LinkedHashMap<>(
                        passes(clauses)
                                ? Flattening.resolve(ofAnyone, key.ports(), fallback)
                                : Flattening.flatten(ofAnyone, key.ports(), Map.of()));
        if (fallback.action() == Action.ALLOW) {
            any.putIfAbsent(Ports.Block.EVERYTHING, fallback);
        }
        GroupEntries empty =
                new GroupEntries(
                        id,
                        key,
                        clauses,
                        fallback,
                        any,
                        PersistentMap.empty(),
                        Entries.EMPTY.with(Identities.ANY, any));
        Map<Integer, BitSet> matching = new HashMap<>();
        for (int c = 0; c < clauses.size(); c++) {
            if (!clauses.get(c).isAny()) {
                int index = c;
                directory
                        .members(clauses.get(c).clause().remote())
                        .forEach(i -> matching.computeIfAbsent(i, _ -> new BitSet()).set(index));
            }
        }
        Draft draft = empty.new Draft();
        matching.forEach(
                (identity, which) -> draft.put(identity, directory.identity(identity), which));
        return draft.finish();
    }

    private static boolean passes(List<Numbered> clauses) {
        return clauses.stream().anyMatch(n -> n.clause().effect() == Statement.Effect.PASS);
    }

    GroupKey key() {
        return key;
    }

    Group group() {
        return group;
    }

    List<Numbered> clauses() {
        return clauses;
    }

    /** {@return this group after identities came and went; this object if nothing differs} */
    GroupEntries patch(Map<Integer, IdentityClass> come, Iterable<Integer> gone) {
        Draft draft = new Draft();
        gone.forEach(draft::remove);
        come.forEach((identity, of) -> {
            BitSet which = new BitSet();
            for (int c = 0; c < clauses.size(); c++) {
                if (!clauses.get(c).isAny() && clauses.get(c).clause().remote().matches(of)) {
                    which.set(c);
                }
            }
            draft.put(identity, of, which);
        });
        return draft.finish();
    }

    /** The next version of this group. */
    private final class Draft {
        private PersistentMap<BitSet, Map<Ports.Block, Verdict>> nextKnown = known;
        private Entries nextEntries = entries;
        private boolean changed;
        private final boolean passes = passes(clauses);

        void remove(int identity) {
            changed |= nextEntries.has(identity);
            nextEntries = nextEntries.without(identity);
        }

        void put(int identity, IdentityClass of, BitSet which) {
            Map<Ports.Block, Verdict> cells = cells(of, which);
            changed |= !cells.isEmpty();
            nextEntries = nextEntries.with(identity, cells);
        }

        private Map<Ports.Block, Verdict> cells(IdentityClass of, BitSet which) {
            if (which.isEmpty()) {
                return Map.of();
            }
            Map<Ports.Block, Verdict> cells = nextKnown.get(which);
            if (cells == null) {
                List<Numbered> chosen = which.stream().mapToObj(clauses::get).toList();
                cells =
                        passes
                                ? Flattening.resolve(withAnyone(which), names(of), fallback)
                                : Flattening.flatten(chosen, names(of), any);
                if (chosen.stream().noneMatch(this::dependsOnRemote)) {
                    nextKnown = nextKnown.size() >= MAX_KNOWN ? PersistentMap.empty() : nextKnown;
                    nextKnown = nextKnown.with(which, cells);
                }
            }
            return cells;
        }

        /** In order of policy and rule. */
        private List<Numbered> withAnyone(BitSet which) {
            List<Numbered> chosen = new ArrayList<>();
            for (int c = 0; c < clauses.size(); c++) {
                if (which.get(c) || clauses.get(c).isAny()) {
                    chosen.add(clauses.get(c));
                }
            }
            return chosen;
        }

        private boolean dependsOnRemote(Numbered numbered) {
            return key.direction() == Direction.EGRESS
                    && numbered.clause().ports() instanceof Ports.Named;
        }

        private Map<Ports.Name, Integer> names(IdentityClass remote) {
            return switch (key.direction()) {
                case INGRESS -> key.ports();
                case EGRESS ->
                        switch (remote) {
                            case IdentityClass.OfPod pod -> pod.ports();
                            case IdentityClass.OfNode _, IdentityClass.OfBlocks _ -> Map.of();
                        };
            };
        }

        GroupEntries finish() {
            return changed
                    ? new GroupEntries(
                            group.id(), key, clauses, fallback, any, nextKnown, nextEntries)
                    : GroupEntries.this;
        }
    }
}
