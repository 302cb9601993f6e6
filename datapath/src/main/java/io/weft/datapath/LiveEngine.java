package io.weft.datapath;

import io.weft.bpf.BpfMap;
import io.weft.bpf.Codec;
import io.weft.bpf.TypedMap;
import io.weft.model.Ip;
import io.weft.tables.Abi;
import io.weft.tables.Action;
import io.weft.tables.AddressValue;
import io.weft.tables.EndpointValue;
import io.weft.tables.Group;
import io.weft.tables.Identities;
import io.weft.tables.IdentityValue;
import io.weft.tables.MatchKey;
import io.weft.tables.PolicyKey;
import io.weft.tables.PolicyValue;
import io.weft.tables.PrefixKey;
import io.weft.tables.Reason;
import io.weft.tables.Rules;
import io.weft.tables.Verdict;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * Judges as {@code judge()} in {@code weft_policy.h} does, with look-ups in the kernel's own maps:
 * what {@code weft why --live} asks. It sees what is loaded, whatever this process believes.
 */
public final class LiveEngine {
    /**
     * @param allowed by policy
     * @param audit whether it goes on when not allowed
     */
    private record Answer(boolean allowed, int rule, boolean audit) {
        static Answer enforced(boolean allowed, int rule) {
            return new Answer(allowed, rule, false);
        }

        boolean passes() {
            return allowed || audit;
        }
    }

    private final TypedMap<PrefixKey, IdentityValue> identities;
    private final TypedMap<PolicyKey, PolicyValue> policy;
    private final TypedMap<Integer, EndpointValue> endpoints;
    private final TypedMap<Ip, AddressValue> addresses;
    private final IntSupplier revision;

    LiveEngine(
            Map<String, BpfMap> maps, TypedMap<Ip, AddressValue> addresses, IntSupplier revision) {
        identities = map(maps, "weft_identities").typed(Codecs.PREFIX, Codecs.IDENTITY);
        policy = map(maps, "weft_policy").typed(Codecs.POLICY_KEY, Codecs.POLICY_VALUE);
        endpoints = map(maps, "weft_endpoints").typed(Codec.U32, Codecs.ENDPOINT);
        this.addresses = addresses;
        this.revision = revision;
    }

    private static BpfMap map(Map<String, BpfMap> maps, String name) {
        return Objects.requireNonNull(maps.get(name), name);
    }

    /**
     * {@return the verdict on a new connection} A source with the node's identity counts as the
     * node itself.
     *
     * @param protocol IANA number
     * @param port destination port; of ICMP and ICMPv6 the type; 0 for other protocols without
     */
    public LiveVerdict judge(Ip source, Ip destination, int protocol, int port) {
        while (true) {
            int now = revision.getAsInt();
            LiveVerdict verdict = judge(source, destination, protocol, port, now);
            if (revision.getAsInt() == now) { // else the other slot may have been written
                return verdict;
            }
        }
    }

    private LiveVerdict judge(Ip source, Ip destination, int protocol, int port, int now) {
        int from = identityOf(source, now);
        int to = identityOf(destination, now);
        Optional<Integer> sourceSlot = addresses.get(source).map(AddressValue::slot);
        Optional<Integer> destinationSlot = addresses.get(destination).map(AddressValue::slot);
        // the node's own policy is asked where the other end is a workload
        if (from == Identities.HOST && destinationSlot.isPresent()) {
            sourceSlot = Optional.of(Abi.NODE_SLOT);
        } else if (to == Identities.HOST && sourceSlot.isPresent()) {
            destinationSlot = Optional.of(Abi.NODE_SLOT);
        }
        Answer egress = Answer.enforced(true, Rules.NONE);
        Answer ingress = egress;
        if (sourceSlot.isPresent()) {
            egress = allows(sourceSlot.get(), true, to, protocol, port, now);
        }
        if (egress.passes() && destinationSlot.isPresent()) {
            ingress = allows(destinationSlot.get(), false, from, protocol, port, now);
        }
        Reason reason =
                !egress.passes()
                        ? Reason.POLICY_EGRESS
                        : !ingress.passes() ? Reason.POLICY_INGRESS : Reason.FORWARDED;
        Reason audited =
                reason != Reason.FORWARDED
                        ? Reason.FORWARDED
                        : !egress.allowed
                                ? Reason.POLICY_EGRESS
                                : !ingress.allowed ? Reason.POLICY_INGRESS : Reason.FORWARDED;
        return new LiveVerdict(now, from, to, reason, egress.rule, ingress.rule, audited);
    }

    /** {@return the identity of an address at the revision in force} */
    public int identityOf(Ip ip) {
        return identityOf(ip, revision.getAsInt());
    }

    private int identityOf(Ip ip, int now) {
        int id = identities.get(PrefixKey.of(ip)).map(v -> v.at(now)).orElse(PrefixTable.NONE);
        return id == PrefixTable.NONE ? Identities.WORLD : id;
    }

    private Answer allows(int slot, boolean egress, int remote, int protocol, int port, int now) {
        if (remote == Identities.HOST) {
            return Answer.enforced(true, Rules.NODE);
        }
        EndpointValue endpoint = endpoints.get(slot).orElseThrow();
        EndpointValue.Side side = (egress ? endpoint.egress() : endpoint.ingress()).at(now);
        if (side.defaultRule() == Rules.NONE) {
            return slot == Abi.NODE_SLOT
                    ? Answer.enforced(true, Rules.NONE)
                    : Answer.enforced(false, Rules.NOT_LOADED);
        }
        if (side.group() == Group.OPEN) {
            return Answer.enforced(true, side.defaultRule());
        }
        Verdict byIdentity = match(side, MatchKey.exact(remote, protocol, port), now);
        Verdict byAny = match(side, MatchKey.exact(Identities.ANY, protocol, port), now);
        boolean any =
                byAny.action() != Action.NONE
                        && (byIdentity.action() == Action.NONE
                                || Integer.compareUnsigned(
                                                byAny.precedence(), byIdentity.precedence())
                                        > 0);
        Verdict verdict = any ? byAny : byIdentity;
        return verdict.action() == Action.NONE
                ? new Answer(false, side.defaultRule(), side.audit())
                : new Answer(verdict.action() == Action.ALLOW, verdict.rule(), side.audit());
    }

    private Verdict match(EndpointValue.Side side, MatchKey exact, int now) {
        for (MatchKey match : side.lengths().ladder(exact)) {
            PolicyKey key = new PolicyKey(side.group(), match);
            Verdict verdict =
                    policy.get(key)
                            .filter(value -> value.key().equals(key))
                            .map(value -> value.verdict().at(now))
                            .orElse(PolicyValue.NO_ENTRY);
            if (verdict.action() != Action.NONE) {
                return verdict;
            }
        }
        return PolicyValue.NO_ENTRY;
    }
}
