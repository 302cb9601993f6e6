package io.weft.compiler;

import io.weft.compiler.Decision.Outcome;
import io.weft.model.Ip;
import io.weft.model.Ref;
import io.weft.tables.Action;
import io.weft.tables.Group;
import io.weft.tables.Identities;
import io.weft.tables.MatchKey;
import io.weft.tables.NodePolicy;
import io.weft.tables.PodPolicy;
import io.weft.tables.Rule;
import io.weft.tables.Rules;
import io.weft.tables.Tables;
import io.weft.tables.Verdict;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Decides by the tables, look-up for look-up as the kernel does. */
public final class CompiledEngine implements Engine {
    private final Tables tables;
    private final Function<Ip, Optional<Ref>> owner;

    /**
     * @param owner the pod that has an address
     */
    public CompiledEngine(Tables tables, Function<Ip, Optional<Ref>> owner) {
        this.tables = tables;
        this.owner = owner;
    }

    private record Side(Outcome outcome, Rule rule) {}

    @Override
    public Decision decide(Query query) {
        return query.from().equals(query.to())
                ? Decision.both(Decision.ITSELF)
                : decideTranslated(query);
    }

    @Override
    public Decision decideTranslated(Query query) {
        int source = tables.identityOf(query.from());
        int destination = tables.identityOf(query.to());
        if (source == Identities.HOST || destination == Identities.HOST) {
            Side always = new Side(Outcome.ALLOWED, rule(Rules.NODE));
            Side egress = always;
            Side ingress = always;
            if (destination != Identities.HOST && isPod(query.to())) {
                egress = ofNode(tables.host().egressGroup(), destination, query, always);
            }
            if (source != Identities.HOST && isPod(query.from())) {
                ingress = ofNode(tables.host().ingressGroup(), source, query, always);
            }
            return new Decision(egress.outcome, ingress.outcome, egress.rule, ingress.rule);
        }
        Side egress =
                isPod(query.from())
                        ? judge(query.from(), PodPolicy::egressGroup, destination, query)
                        : ofNode(
                                query.from(),
                                NodePolicy::egressGroup,
                                query.to(),
                                destination,
                                query);
        Side ingress =
                isPod(query.to())
                        ? judge(query.to(), PodPolicy::ingressGroup, source, query)
                        : ofNode(query.to(), NodePolicy::ingressGroup, query.from(), source, query);
        return new Decision(egress.outcome, ingress.outcome, egress.rule, ingress.rule);
    }

    private Side judge(Ip local, Function<PodPolicy, Integer> direction, int remote, Query query) {
        PodPolicy policy = owner.apply(local).map(tables.pods()::get).orElse(null);
        if (policy == null) {
            return new Side(Outcome.ALLOWED, Decision.NOT_A_WORKLOAD);
        }
        int id = direction.apply(policy);
        return id == Group.OPEN
                ? new Side(Outcome.ALLOWED, rule(Rules.NOT_ISOLATED))
                : judge(id, policy.audit(), remote, query);
    }

    private boolean isPod(Ip ip) {
        return owner.apply(ip).map(tables.pods()::get).isPresent();
    }

    /** Another node, in its traffic with pods. */
    private Side ofNode(
            Ip local, Function<NodePolicy, Integer> direction, Ip other, int remote, Query query) {
        NodePolicy policy = isPod(other) ? tables.nodes().get(local) : null;
        Side always = new Side(Outcome.ALLOWED, Decision.NOT_A_WORKLOAD);
        return policy == null ? always : ofNode(direction.apply(policy), remote, query, always);
    }

    private Side ofNode(int group, int remote, Query query, Side always) {
        if (group == Group.OPEN) {
            return always;
        }
        Side side = judge(group, false, remote, query);
        return side.rule.equals(rule(Rules.NOT_ISOLATED)) ? always : side;
    }

    private Side judge(int id, boolean audit, int remote, Query query) {
        Group group = tables.groups().get(id);
        if (group == null) {
            throw new IllegalStateException("the tables name group " + id + " but do not hold it");
        }
        Verdict verdict =
                higher(
                        group.longestMatch(MatchKey.exact(remote, query.protocol(), query.port())),
                        group.longestMatch(
                                MatchKey.exact(Identities.ANY, query.protocol(), query.port())));
        boolean allowed = verdict != null && verdict.action() == Action.ALLOW;
        return new Side(
                Outcome.of(allowed, audit),
                rule(verdict == null ? group.defaultRule() : verdict.rule()));
    }

    /** The identity's verdict wins a tie. */
    private static @Nullable Verdict higher(@Nullable Verdict identity, @Nullable Verdict any) {
        if (identity == null || any == null) {
            return identity == null ? any : identity;
        }
        return Integer.compareUnsigned(identity.precedence(), any.precedence()) >= 0
                ? identity
                : any;
    }

    private Rule rule(int id) {
        return tables.rules()
                .find(id)
                .orElseThrow(() -> new IllegalStateException("the tables do not hold rule " + id));
    }
}
