package io.weft.datapath;

import io.weft.bpf.BpfMap;
import io.weft.bpf.Codec;
import io.weft.bpf.MapType;
import io.weft.bpf.TypedMap;
import io.weft.tables.Action;
import io.weft.tables.EndpointValue;
import io.weft.tables.IdentityValue;
import io.weft.tables.PolicyValue;
import io.weft.tables.Verdict;
import io.weft.tables.Versioned;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A map whose values have two slots; the steps of {@link KernelTables} on it. */
final class VersionedMap<K, V> {
    /**
     * How a value of the map holds two of {@code V}.
     *
     * @param isNone whether it stands for no entry
     */
    record Slots<V, R>(
            Codec<R> codec,
            Function<Versioned<V>, R> join,
            Function<R, Versioned<V>> split,
            java.util.function.Predicate<V> isNone) {}

    static final Slots<Integer, IdentityValue> IDENTITIES =
            new Slots<>(
                    Codecs.IDENTITY,
                    v -> new IdentityValue(v.even(), v.odd()),
                    r -> new Versioned<>(r.even(), r.odd()),
                    id -> id == PrefixTable.NONE);

    static final Slots<Verdict, PolicyValue> VERDICTS =
            new Slots<>(
                    Codecs.POLICY_VALUE,
                    PolicyValue::new,
                    PolicyValue::verdict,
                    verdict -> verdict.action() == Action.NONE);

    static final Slots<EndpointTable.Sides, EndpointValue> ENDPOINTS =
            new Slots<>(
                    Codecs.ENDPOINT,
                    v ->
                            new EndpointValue(
                                    new Versioned<>(v.even().egress(), v.odd().egress()),
                                    new Versioned<>(v.even().ingress(), v.odd().ingress())),
                    r ->
                            new Versioned<>(
                                    new EndpointTable.Sides(r.egress().even(), r.ingress().even()),
                                    new EndpointTable.Sides(r.egress().odd(), r.ingress().odd())),
                    EndpointTable.NOT_LOADED::equals);

    private final BpfMap map;
    private final TypedMap<K, Versioned<V>> typed;
    private final java.util.function.Predicate<V> isNone;

    <R> VersionedMap(BpfMap map, Codec<K> keys, Slots<V, R> slots) {
        this.map = map;
        this.isNone = slots.isNone();
        this.typed =
                map.typed(
                        keys,
                        new Codec<Versioned<V>>() {
                            @Override
                            public int size() {
                                return slots.codec().size();
                            }

                            @Override
                            public void write(
                                    java.lang.foreign.MemorySegment to, Versioned<V> value) {
                                slots.codec().write(to, slots.join().apply(value));
                            }

                            @Override
                            public Versioned<V> read(java.lang.foreign.MemorySegment from) {
                                return slots.split().apply(slots.codec().read(from));
                            }
                        });
    }

    int maxEntries() {
        return map.maxEntries();
    }

    /** Writes the slot that is not in use at {@code revision}. */
    void prepare(List<Change<K, V>> changes, int revision) {
        Map<K, Versioned<V>> values = new LinkedHashMap<>();
        for (Change<K, V> change : changes) {
            values.put(
                    change.key(),
                    Versioned.same(change.before()).with(revision + 1, change.after()));
        }
        typed.putAll(values);
    }

    /** Makes both slots what is in force, and takes away what is gone. */
    void settle(List<Change<K, V>> changes) {
        write(changes, Change.Kind.REMOVED, Change::after);
    }

    /** Takes {@link #prepare} back, also when it was only begun. */
    void undo(List<Change<K, V>> changes) {
        write(changes, Change.Kind.ADDED, Change::before);
    }

    private void write(
            List<Change<K, V>> changes, Change.Kind deleted, Function<Change<K, V>, V> kept) {
        Map<K, Versioned<V>> values = new LinkedHashMap<>();
        List<K> gone = new ArrayList<>();
        for (Change<K, V> change : changes) {
            if (change.kind() == deleted) {
                gone.add(change.key());
            } else {
                values.put(change.key(), Versioned.same(kept.apply(change)));
            }
        }
        typed.putAll(values);
        typed.removeAll(gone);
    }

    /** Makes both slots what is in force at {@code revision}. {@return all that is} */
    Map<K, V> repair(int revision) {
        Map<K, V> inForce = new HashMap<>();
        Map<K, Versioned<V>> unequal = new LinkedHashMap<>();
        List<K> gone = new ArrayList<>();
        typed.forEach((key, value) -> {
            V now = value.at(revision);
            if (!isNone.test(now)) {
                inForce.put(key, now);
            } else if (map.type() != MapType.ARRAY) { // an array keeps all its elements
                gone.add(key);
                return;
            }
            if (!value.even().equals(value.odd())) {
                unequal.put(key, Versioned.same(now));
            }
        });
        typed.putAll(unequal);
        typed.removeAll(gone);
        return inForce;
    }
}
