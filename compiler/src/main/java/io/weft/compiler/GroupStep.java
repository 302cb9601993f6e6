package io.weft.compiler;

import io.weft.model.Ref;
import io.weft.model.Source;
import io.weft.tables.Action;
import io.weft.tables.Rule;
import io.weft.tables.Rules;
import io.weft.tables.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The last stage of a {@link Step}: entries of the groups that identities or policies changed. */
final class GroupStep implements GroupEntries.Directory {
    private final State state;
    private final Set<Ref> policies;
    private final NavigableMap<Integer, IdentityClass> come;
    private final NavigableMap<Integer, IdentityClass> gone;
    private final NavigableMap<Integer, NavigableSet<Integer>> concerned = new TreeMap<>();

    /**
     * @param policies that changed
     */
    GroupStep(State state, Set<Ref> policies) {
        this.state = state;
        this.policies = policies;
        gone = state.identities.settle();
        come = state.identities.born();
    }

    void run() {
        updateMembers();
        for (Map.Entry<Integer, GroupKey> group : state.groups.settle().entrySet()) {
            drop(group.getKey());
            concerned.remove(group.getKey());
        }
        Set<Integer> whole = new TreeSet<>(state.groups.born().keySet());
        for (Ref policy : policies) {
            groupsOf(policy).forEach(whole::add);
        }
        whole.forEach(this::build);
        concerned.keySet().removeAll(whole);
        concerned.forEach(this::patch);
        for (Remote remote : state.remotes.taken()) {
            state.matches = state.matches.without(remote);
            state.remotesByFacet = state.remotesByFacet.without(Facet.of(remote), remote);
        }
        state.rules.settle();
    }

    @Override
    public IdSet members(Remote remote) {
        return matches(remote).members();
    }

    @Override
    public IdentityClass identity(int id) {
        IdentityClass found = state.identities.byId().get(id);
        if (found == null) {
            throw new IllegalStateException("identity " + id + " is gone");
        }
        return found;
    }

    private State.Matches matches(Remote remote) {
        return state.matches.getOrDefault(remote, State.Matches.NONE);
    }

    // ---- who matches which remote ------------------------------------------

    private void updateMembers() {
        NavigableMap<Integer, IdentityClass> changed = new TreeMap<>(gone);
        changed.putAll(come);
        Map<Remote, NavigableSet<Integer>> matching = new LinkedHashMap<>();
        changed.forEach((id, identity) -> {
            List<Facet> facets = Facet.of(identity);
            state.identitiesByFacet =
                    come.containsKey(id)
                            ? state.identitiesByFacet.with(facets, id)
                            : state.identitiesByFacet.without(facets, id);
            for (Facet facet : facets) {
                for (Remote remote : state.remotesByFacet.at(facet).keySet()) {
                    if (remote.matches(identity)) {
                        matching.computeIfAbsent(remote, _ -> new TreeSet<>()).add(id);
                    }
                }
            }
        });
        matching.forEach(this::updateMembers);
        for (Remote remote : state.remotes.brought()) {
            IdSet members = isListed(remote) ? matching(remote) : IdSet.EMPTY;
            state.matches = state.matches.with(remote, new State.Matches(members, IdSet.EMPTY));
            state.remotesByFacet = state.remotesByFacet.with(Facet.of(remote), remote);
        }
    }

    /** Everyone has one entry of their own and needs no list. */
    private static boolean isListed(Remote remote) {
        return !(remote instanceof Remote.Anyone);
    }

    /**
     * @param changed identities that match and came or went
     */
    private void updateMembers(Remote remote, NavigableSet<Integer> changed) {
        State.Matches old = matches(remote);
        old.groups()
                .forEach(group ->
                        concerned.computeIfAbsent(group, _ -> new TreeSet<>()).addAll(changed));
        IdSet left = ids(changed.stream().filter(id -> !come.containsKey(id)));
        IdSet joined = ids(changed.stream().filter(come::containsKey));
        IdSet members = old.members().without(left).with(joined);
        state.matches = state.matches.with(remote, new State.Matches(members, old.groups()));
    }

    private IdSet matching(Remote remote) {
        NavigableSet<Integer> found = new TreeSet<>();
        for (Facet facet : Facet.of(remote)) {
            for (int id : state.identitiesByFacet.at(facet).keySet()) {
                if (remote.matches(identity(id))) {
                    found.add(id);
                }
            }
        }
        return ids(found.stream());
    }

    private static IdSet ids(Stream<Integer> ascending) {
        return IdSet.of(ascending.mapToInt(id -> id));
    }

    // ---- groups ------------------------------------------------------------

    private void drop(int id) {
        GroupEntries old = state.groupEntries.get(id);
        if (old != null) {
            release(old, Set.of());
            for (Statement.Part part : old.key().policies()) {
                IdSet left = groupsOf(part.policy()).without(only(id));
                state.groupsByPolicy =
                        left.isEmpty()
                                ? state.groupsByPolicy.without(part.policy())
                                : state.groupsByPolicy.with(part.policy(), left);
            }
            state.groupEntries = state.groupEntries.without(id);
            state.groupTable = state.groupTable.without(id);
        }
    }

    private IdSet groupsOf(Ref policy) {
        return state.groupsByPolicy.getOrDefault(policy, IdSet.EMPTY);
    }

    private void release(GroupEntries old, Set<Remote> stillUsed) {
        old.clauses().forEach(c -> state.rules.release(c.clause().rule()));
        Rule defaultRule = state.rules.byId().get(old.group().defaultRule());
        if (defaultRule != null) {
            state.rules.release(defaultRule);
        }
        for (Remote remote : remotes(old.clauses())) {
            State.Matches matches = state.matches.get(remote);
            if (matches != null && !stillUsed.contains(remote)) {
                IdSet groups = matches.groups().without(only(old.group().id()));
                state.matches =
                        state.matches.with(remote, new State.Matches(matches.members(), groups));
            }
        }
    }

    private void build(int id) {
        GroupKey key = state.groups.byId().get(id);
        if (key == null) {
            throw new IllegalStateException("group " + id + " is gone");
        }
        List<GroupEntries.Numbered> clauses = new ArrayList<>();
        List<Statement> statements = statements(key);
        NavigableMap<Ref, Source> isolating = new TreeMap<>();
        for (Statement statement : statements) {
            if (statement.isolates()) {
                isolating.putIfAbsent(statement.part().policy(), statement.source());
            }
        }
        for (Statement statement : statements) {
            if (statement.tier() == Statement.Tier.BASELINE && !isolating.isEmpty()) {
                continue; // never asked
            }
            for (Statement.Clause clause : statement.clauses()) {
                clauses.add(new GroupEntries.Numbered(clause, state.rules.acquire(clause.rule())));
            }
        }
        Verdict fallback =
                isolating.isEmpty()
                        ? new Verdict(
                                Action.ALLOW, Statement.Precedence.DEFAULT, Rules.NOT_ISOLATED)
                        : new Verdict(
                                Action.DENY,
                                Statement.Precedence.DEFAULT,
                                state.rules.acquire(
                                        new Rule.Isolated(
                                                key.direction(),
                                                List.copyOf(isolating.keySet()),
                                                List.copyOf(isolating.values()))));
        Set<Remote> remotes = remotes(clauses);
        GroupEntries old = state.groupEntries.get(id);
        if (old != null) {
            release(old, remotes);
        } else {
            for (Statement.Part part : key.policies()) {
                IdSet groups = groupsOf(part.policy()).with(only(id));
                state.groupsByPolicy = state.groupsByPolicy.with(part.policy(), groups);
            }
        }
        for (Remote remote : remotes) {
            State.Matches matches = matches(remote);
            IdSet groups = matches.groups().with(only(id));
            state.matches =
                    state.matches.with(remote, new State.Matches(matches.members(), groups));
        }
        put(GroupEntries.build(id, key, List.copyOf(clauses), fallback, this));
    }

    private List<Statement> statements(GroupKey key) {
        List<Statement> found = new ArrayList<>();
        for (Statement.Part part : key.policies()) {
            for (Statement statement : state.statements.getOrDefault(part.policy(), List.of())) {
                if (statement.part().equals(part) && statement.direction() == key.direction()) {
                    found.add(statement);
                }
            }
        }
        return found;
    }

    private static IdSet only(int id) {
        return IdSet.of(IntStream.of(id));
    }

    private static Set<Remote> remotes(List<GroupEntries.Numbered> clauses) {
        Set<Remote> remotes = new LinkedHashSet<>();
        for (GroupEntries.Numbered clause : clauses) {
            if (isListed(clause.clause().remote())) {
                remotes.add(clause.clause().remote());
            }
        }
        return remotes;
    }

    private void patch(int id, NavigableSet<Integer> identities) {
        GroupEntries old = state.groupEntries.get(id);
        if (old == null) {
            throw new IllegalStateException("group " + id + " was never built");
        }
        Map<Integer, IdentityClass> joined = new TreeMap<>();
        List<Integer> left = new ArrayList<>();
        for (int identity : identities) {
            IdentityClass of = come.get(identity);
            if (of == null) {
                left.add(identity);
            } else {
                joined.put(identity, of);
            }
        }
        GroupEntries now = old.patch(joined, left);
        if (!now.equals(old)) {
            put(now);
        }
    }

    private void put(GroupEntries group) {
        int id = group.group().id();
        state.groupEntries = state.groupEntries.with(id, group);
        state.groupTable = state.groupTable.with(id, group.group());
    }
}
