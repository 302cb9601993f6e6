package io.weft.datapath;

import io.weft.bpf.BpfMap;
import io.weft.bpf.Codec;
import io.weft.bpf.MapType;
import io.weft.bpf.TypedMap;
import io.weft.bpf.UpdateMode;
import io.weft.tables.EndpointValue;
import io.weft.tables.IdentityValue;
import io.weft.tables.PolicyKey;
import io.weft.tables.PolicyValue;
import io.weft.tables.PrefixKey;
import io.weft.tables.Verdict;
import io.weft.tables.Versioned;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A map whose values have two slots; the steps of {@link KernelTables} on it.
 *
 * @param <R> a value, which holds two of {@code V}
 */
final class VersionedMap<K, V, R> {
    /**
     * How a value of the map holds two of {@code V}.
     *
     * @param mode how an element that is there is written: what packets read must stay there
     * @param none stands for no entry
     */
    record Slots<K, V, R>(
            Codec<K> keys,
            Codec<R> values,
            UpdateMode mode,
            BiFunction<K, Versioned<V>, R> join,
            Function<R, Versioned<V>> split,
            V none) {}

    static final Slots<PrefixKey, Integer, IdentityValue> IDENTITIES =
            new Slots<>(
                    Codecs.PREFIX,
                    Codecs.IDENTITY,
                    UpdateMode.ANY,
                    (key, v) -> new IdentityValue(v.even(), v.odd()),
                    r -> new Versioned<>(r.even(), r.odd()),
                    PrefixTable.NONE);

    static final Slots<PolicyKey, Verdict, PolicyValue> VERDICTS =
            new Slots<>(
                    Codecs.POLICY_KEY,
                    Codecs.POLICY_VALUE,
                    UpdateMode.LOCK,
                    PolicyValue::new,
                    PolicyValue::verdict,
                    PolicyValue.NO_ENTRY);

    static final Slots<Integer, EndpointTable.Sides, EndpointValue> ENDPOINTS =
            new Slots<>(
                    Codec.U32,
                    Codecs.ENDPOINT,
                    UpdateMode.ANY,
                    (slot, v) ->
                            new EndpointValue(
                                    new Versioned<>(v.even().egress(), v.odd().egress()),
                                    new Versioned<>(v.even().ingress(), v.odd().ingress())),
                    r ->
                            new Versioned<>(
                                    new EndpointTable.Sides(r.egress().even(), r.ingress().even()),
                                    new EndpointTable.Sides(r.egress().odd(), r.ingress().odd())),
                    EndpointTable.NOT_LOADED);

    private final BpfMap map;
    private final Slots<K, V, R> slots;
    private final TypedMap<K, R> typed;

    VersionedMap(BpfMap map, Slots<K, V, R> slots) {
        this.map = map;
        this.slots = slots;
        this.typed = map.typed(slots.keys(), slots.values());
    }

    int maxEntries() {
        return map.maxEntries();
    }

    /** Writes the slot that is not in use at {@code revision}. */
    void prepare(List<Change<K, V>> changes, int revision) {
        Map<K, R> values = new LinkedHashMap<>();
        for (Change<K, V> change : changes) {
            values.put(
                    change.key(),
                    slots.join()
                            .apply(
                                    change.key(),
                                    Versioned.same(change.before())
                                            .with(revision + 1, change.after())));
        }
        typed.putAll(values, slots.mode());
    }

    /**
     * Makes what {@link #settle} will fill, without content. The kernel may give a new element the
     * memory of one that was deleted, while a packet still reads it: that packet finds another key,
     * or nothing, and never what is written later.
     */
    void reserve(List<Change<K, V>> changes) {
        Map<K, R> values = new LinkedHashMap<>();
        for (Change<K, V> change : changes) {
            if (change.kind() == Change.Kind.ADDED) {
                values.put(change.key(), same(change.key(), slots.none()));
            }
        }
        typed.putAll(values, slots.mode());
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
        Map<K, R> values = new LinkedHashMap<>();
        List<K> gone = new ArrayList<>();
        for (Change<K, V> change : changes) {
            if (change.kind() == deleted) {
                gone.add(change.key());
            } else {
                values.put(change.key(), same(change.key(), kept.apply(change)));
            }
        }
        typed.putAll(values, slots.mode());
        typed.removeAll(gone);
    }

    private R same(K key, V value) {
        return slots.join().apply(key, Versioned.same(value));
    }

    /** Makes both slots what is in force at {@code revision}. {@return all that is} */
    Map<K, V> repair(int revision) {
        Map<K, V> inForce = new HashMap<>();
        Map<K, R> unequal = new LinkedHashMap<>();
        List<K> gone = new ArrayList<>();
        typed.forEach((key, joined) -> {
            Versioned<V> value = slots.split().apply(joined);
            V now = value.at(revision);
            if (!slots.none().equals(now)) {
                inForce.put(key, now);
            } else if (map.type() != MapType.ARRAY) { // an array keeps all its elements
                gone.add(key);
                return;
            }
            if (!value.even().equals(value.odd())) {
                unequal.put(key, same(key, now));
            }
        });
        typed.putAll(unequal, slots.mode());
        typed.removeAll(gone);
        return inForce;
    }
}
