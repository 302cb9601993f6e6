package io.weft.compiler;

import io.weft.compiler.Decision.Outcome;
import io.weft.compiler.Translation.Dropped;
import io.weft.compiler.Translation.NotAService;
import io.weft.compiler.Translation.Rejected;
import io.weft.compiler.Translation.Target;
import io.weft.compiler.Translation.ToBackends;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A flow from its first packet to where it may end: what services make of it, then what policy says
 * of each way that it may take.
 *
 * @param ways to each backend, or the only one when it goes to no service; none when services
 *     reject or drop it
 */
public record Passage(Query query, Translation translation, List<Way> ways) {
    /**
     * @param target the backend; empty: the destination as it was written
     * @param query with the destination where it ends
     */
    public record Way(Optional<Target> target, Query query, Decision decision) {}

    public Passage {
        ways = List.copyOf(ways);
    }

    /** {@return the flow, judged by {@code policy} after its translation} */
    public static Passage of(Query query, Translation translation, Engine policy) {
        List<Way> ways =
                switch (translation) {
                    case NotAService() ->
                            List.of(new Way(Optional.empty(), query, policy.decide(query)));
                    case Rejected _, Dropped _ -> List.of();
                    case ToBackends to ->
                            to.targets().stream().map(t -> way(query, t, policy)).toList();
                };
        return new Passage(query, translation, ways);
    }

    private static Way way(Query query, Target target, Engine policy) {
        Query translated = query.to(target.backend().ip(), target.backend().port());
        return new Way(Optional.of(target), translated, policy.decideTranslated(translated));
    }

    public boolean isToService() {
        return !(translation instanceof NotAService);
    }

    /** {@return whether it arrives, whichever way it takes, be it in audit mode} */
    public boolean allowed() {
        return all(Decision::allowed);
    }

    /** {@return whether it never arrives} */
    public boolean denied() {
        return ways.stream().noneMatch(way -> way.decision().allowed());
    }

    /** {@return whether the source's policy lets it out on every way} */
    public boolean egress() {
        return all(Decision::egress);
    }

    /** {@return whether the policy of every destination lets it in} */
    public boolean ingress() {
        return all(Decision::ingress);
    }

    private boolean all(Predicate<Decision> what) {
        return !ways.isEmpty() && ways.stream().map(Way::decision).allMatch(what);
    }

    /** {@return whether it arrives only because a workload is in audit mode} */
    public boolean audited() {
        return allowed() && ways.stream().anyMatch(w -> w.decision().outcome() == Outcome.AUDITED);
    }

    /** {@return whether the node's own address takes the place of the client's on some way} */
    public boolean masqueraded() {
        return ways.stream().anyMatch(way -> way.target().filter(Target::masquerade).isPresent());
    }

    /**
     * {@return {@code allow}, {@code audit}, {@code deny}, or {@code some}: not to every backend}
     */
    public String word() {
        return audited()
                ? Outcome.AUDITED.word()
                : allowed() ? Outcome.ALLOWED.word() : denied() ? Outcome.DENIED.word() : "some";
    }

    /** {@return what decides: the rule that denies a way before one that allows, or the service} */
    public String because() {
        return ways.stream()
                .filter(way -> way.decision().outcome() != Outcome.ALLOWED)
                .min((a, b) -> Boolean.compare(a.decision().allowed(), b.decision().allowed()))
                .or(() -> ways.stream().findFirst())
                .map(way -> way.decision().decisive().text())
                .orElseGet(() -> ServiceWords.outcome(translation));
    }
}
