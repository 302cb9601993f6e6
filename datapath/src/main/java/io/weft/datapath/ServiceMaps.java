package io.weft.datapath;

import io.weft.bpf.BpfException;
import io.weft.bpf.BpfMap;
import io.weft.bpf.Codec;
import io.weft.bpf.TypedMap;
import io.weft.bpf.UpdateMode;
import io.weft.kernel.SparseMapping;
import io.weft.model.Ip;
import io.weft.tables.Backend;
import io.weft.tables.BackendSet;
import io.weft.tables.BackendValue;
import io.weft.tables.Frontend;
import io.weft.tables.FrontendKey;
import io.weft.tables.FrontendValue;
import io.weft.tables.HandedKey;
import io.weft.tables.MemberKey;
import io.weft.tables.ServiceAbi;
import io.weft.tables.ServiceTable;
import io.weft.tables.SetValue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the kernel's services equal to a {@link ServiceTable}.
 *
 * <p>Each set of backends changes at once: its backends are written to a run that nobody reads yet,
 * then one store of 8 bytes names that run ({@code weft_service_abi.h} draws it). A frontend comes
 * after its sets and goes before them. What a change does not touch is not written.
 *
 * <p>What a process before has left goes on serving until the first {@link #apply}, which puts its
 * own beside it, switches every frontend, and takes away what is left over.
 */
public final class ServiceMaps implements AutoCloseable {
    private static final VarHandle NUMBER = ValueLayout.JAVA_LONG.varHandle();

    /**
     * What a change did.
     *
     * @param frontends that were added, changed or removed
     * @param sets likewise
     * @param lost backends that sets have no more
     */
    public record Applied(int frontends, int sets, List<Lost> lost) {}

    /** A set and a backend that it has no more. */
    public record Lost(BackendSet.Id set, Backend backend) {}

    /** Where a set is. */
    private record Placed(int index, int first, int length) {}

    private final TypedMap<FrontendKey, FrontendValue> frontends;
    private final TypedMap<MemberKey, Integer> members;
    private final TypedMap<Integer, List<Long>> counters;
    private final TypedMap<HandedKey, Integer> handed;
    private final ServiceAddresses addresses;
    private final SourceRanges ranges;
    private final SparseMapping sets;
    private final SparseMapping backends;
    private final ServiceState state;
    private final GracePeriod grace = new GracePeriod();
    private final BackendNumbers numbers = new BackendNumbers();
    private final Map<BackendSet.Id, Placed> placed = new HashMap<>();
    private final int maxSets;
    private final int maxBackends;
    private final int maxHanded;

    private ServiceTable inForce = ServiceTable.EMPTY;
    private GraceRanges indexes;
    private GraceRanges runs;
    private Map<FrontendKey, FrontendValue> left; // by a process before
    private long handedOver;

    ServiceMaps(Map<String, BpfMap> maps) {
        frontends = require(maps, "weft_frontends").typed(Codecs.FRONTEND_KEY, Codecs.FRONTEND);
        members = require(maps, "weft_members").typed(Codecs.MEMBER, Codec.U32);
        handed = require(maps, "weft_handed").typed(Codecs.HANDED, Codec.U32);
        counters = require(maps, "weft_service_counters").typed(Codec.U32, Codec.perCpu(Codec.U64));
        addresses =
                new ServiceAddresses(
                        require(maps, "weft_service_addresses").typed(Codecs.IP, Codec.U32));
        ranges =
                new SourceRanges(
                        require(maps, "weft_source_ranges").typed(Codecs.SOURCE_RANGE, Codec.U32));
        BpfMap setMap = require(maps, "weft_sets");
        BpfMap backendMap = require(maps, "weft_backends");
        maxSets = setMap.maxEntries();
        maxBackends = backendMap.maxEntries();
        maxHanded = handed.map().maxEntries();
        indexes = new GraceRanges(maxSets, grace);
        runs = new GraceRanges(maxBackends, grace);
        List<AutoCloseable> opened = new ArrayList<>(List.of(grace));
        try {
            sets = setMap.mapSparsely(true);
            opened.add(sets);
            backends = backendMap.mapSparsely(true);
            opened.add(backends);
            state = new ServiceState(require(maps, "weft_service_state"));
            opened.add(state);
            left = frontends.entries();
            keepOffLeft();
        } catch (RuntimeException e) {
            for (AutoCloseable resource : opened.reversed()) {
                try {
                    resource.close();
                } catch (Exception second) {
                    e.addSuppressed(second);
                }
            }
            throw e;
        }
    }

    private static BpfMap require(Map<String, BpfMap> maps, String name) {
        return Objects.requireNonNull(maps.get(name), name);
    }

    private void keepOffLeft() {
        for (int index : leftSets()) {
            SetValue set = set(index);
            indexes.take(index, 1);
            runs.take(set.first(), set.count());
        }
    }

    private Set<Integer> leftSets() {
        Set<Integer> used = new HashSet<>();
        for (FrontendValue frontend : left.values()) {
            used.add(frontend.inside());
            used.add(frontend.outside());
        }
        return used;
    }

    /** {@return what is in force} */
    public synchronized ServiceTable table() {
        return inForce;
    }

    /**
     * Says which addresses of the node may take the place of clients', as long as a table does not
     * name its addresses; from the next {@link #apply} on.
     */
    public synchronized void setNodeAddresses(List<Ip> addresses) {
        state.setDefaults(addresses);
    }

    /** {@return connections that were led to a set since it is there} */
    public synchronized long connections(BackendSet.Id set) {
        Placed at = placed.get(set);
        return at == null
                ? 0
                : counters.get(at.index).orElse(List.of()).stream()
                        .mapToLong(Long::longValue)
                        .sum();
    }

    /** {@return what the kernel's maps hold at a frontend; empty when there is none} */
    public synchronized Optional<LiveFrontend> read(FrontendKey key) {
        return frontends
                .get(key)
                .map(value ->
                        new LiveFrontend(
                                value.flags(),
                                value.affinity(),
                                read(value.inside()),
                                read(value.outside())));
    }

    private LiveFrontend.Choice read(int index) {
        SetValue set = set(index);
        List<Backend> found = new ArrayList<>();
        MemorySegment run = run(set.first(), set.count());
        for (int i = 0; i < set.count(); i++) {
            BackendValue value = BackendValue.read(run, (long) i * BackendValue.SIZE);
            found.add(new Backend(value.ip(), value.port(), false));
        }
        return LiveFrontend.Choice.of(found, set.whenEmpty());
    }

    /** {@return what {@link #apply} would take of each map that it could fill} */
    public synchronized List<KernelTables.Need> needs(ServiceTable next) {
        return needs(ServiceChanges.between(inForce, next));
    }

    /**
     * Looks whether there is room.
     *
     * @throws DatapathException when {@code next} does not fit
     */
    public synchronized void requireRoom(ServiceTable next) {
        requireRoom(ServiceChanges.between(inForce, next));
    }

    private void requireRoom(ServiceChanges changes) {
        for (KernelTables.Need need : needs(changes)) {
            if (!need.fits()) {
                throw tooMuch(need);
            }
        }
    }

    private List<KernelTables.Need> needs(ServiceChanges changes) {
        long there = (long) inForce.frontends().size() + left.size();
        return List.of(
                need(
                        "service frontends",
                        there,
                        changes.comingFrontends(),
                        frontends.map().maxEntries()),
                need("sets of backends", indexes.used(), changes.comingSets(), maxSets),
                need("places of backends", runs.used(), changes.comingBackends(), maxBackends),
                need(
                        "numbered backends",
                        numbers.uses(),
                        changes.comingNumbers(),
                        members.map().maxEntries()),
                need(
                        "backends that others hand to",
                        handedOver,
                        changes.comingHanded(),
                        maxHanded));
    }

    private static KernelTables.Need need(String what, long there, long coming, long max) {
        return new KernelTables.Need(what, there + coming, coming, max);
    }

    /**
     * Puts {@code next} in force. When it returns, new connections see it.
     *
     * @throws DatapathException when it does not fit; nothing is changed then
     * @throws BpfException when the kernel refuses; some services are those of before then, and the
     *     next call puts all in order
     */
    public synchronized Applied apply(ServiceTable next) {
        ServiceChanges changes = ServiceChanges.between(inForce, next);
        boolean same =
                inForce.clusterIps().equals(next.clusterIps())
                        && inForce.vantage().equals(next.vantage())
                        && inForce.reserved().equals(next.reserved())
                        && inForce.cluster().equals(next.cluster());
        if (changes.isEmpty() && left.isEmpty() && same && state.isWritten()) {
            inForce = next;
            return new Applied(0, 0, List.of());
        }
        requireRoom(changes);
        Map<BackendSet.Id, Placed> places = place(changes);
        List<Lost> lost = new ArrayList<>();
        try {
            writeAside(changes, places);
            List<MemberKey> leaving = new ArrayList<>();
            switchSets(changes, places, lost, leaving);
            switchFrontends(changes, next);
            members.removeAll(leaving);
            takeHandedAway(changes);
            forget(changes);
            takeLeftAway();
            state.next();
        } catch (BpfException e) {
            startAnew();
            throw e;
        }
        inForce = next;
        return new Applied(changes.frontends().size(), changes.sets().size(), lost);
    }

    private static DatapathException tooMuch(KernelTables.Need need) {
        return new DatapathException(
                "%d %s do not fit: %d are there, %d come, and the map holds %d."
                                .formatted(
                                        need.needed(),
                                        need.what(),
                                        need.needed() - need.added(),
                                        need.added(),
                                        need.max())
                        + " Nothing was changed; use fewer services, or larger limits");
    }

    /** Finds room for what comes, all or nothing. */
    private Map<BackendSet.Id, Placed> place(ServiceChanges changes) {
        Map<BackendSet.Id, Placed> places = new LinkedHashMap<>();
        for (ServiceChanges.OfSet change : changes.sets()) {
            if (change.after() == null) {
                continue;
            }
            Placed old = placed.get(change.id());
            int length = SetRun.length(change.after());
            int first = runs.take(length).orElse(-1);
            int index = old != null ? old.index : first < 0 ? -1 : indexes.take(1).orElse(-1);
            if (index < 0) {
                places.forEach((id, at) -> {
                    runs.giveBack(at.first, at.length);
                    if (!placed.containsKey(id)) {
                        indexes.giveBack(at.index, 1);
                    }
                });
                if (first >= 0) {
                    runs.giveBack(first, length);
                }
                throw new DatapathException(
                        "no %d places for backends in one piece: %d of %d are in use. Nothing was changed"
                                .formatted(length, runs.used(), maxBackends));
            }
            places.put(change.id(), new Placed(index, first, length));
        }
        return places;
    }

    /** Writes what nobody reads yet. */
    private void writeAside(ServiceChanges changes, Map<BackendSet.Id, Placed> places) {
        Map<MemberKey, Integer> joining = new LinkedHashMap<>();
        Map<HandedKey, Integer> taking = new LinkedHashMap<>();
        List<Integer> fresh = new ArrayList<>();
        for (ServiceChanges.OfSet change : changes.sets()) {
            BackendSet set = change.after();
            Placed at = places.get(change.id());
            if (set == null || at == null) {
                continue;
            }
            boolean numbered = SetRun.isNumbered(set);
            if (numbered) {
                for (Backend backend : set.backends()) {
                    joining.put(new MemberKey(at.index, numbers.acquire(backend)), 1);
                }
            }
            SetRun.write(set, run(at.first, at.length), numbered ? numbers::of : backend -> 0);
            set.handed()
                    .forEach(b -> taking.putIfAbsent(new HandedKey(b.ip(), at.index), b.port()));
            if (change.before() == null) {
                fresh.add(at.index);
            }
        }
        countFromZero(fresh);
        members.putAll(joining);
        handed.putAll(taking);
    }

    private void countFromZero(List<Integer> indexes) {
        try (Arena arena = Arena.ofConfined()) {
            int count = indexes.size();
            MemorySegment keys = arena.allocate(ValueLayout.JAVA_INT, Math.max(1, count));
            MemorySegment zeros =
                    arena.allocate(Math.max(1L, (long) count * counters.map().valueBytes()), 8);
            for (int i = 0; i < count; i++) {
                keys.setAtIndex(ValueLayout.JAVA_INT, i, indexes.get(i));
            }
            counters.map().batch().update(keys, zeros, count, UpdateMode.ANY);
        }
    }

    /**
     * @param lost gets the backends that sets have no more
     * @param leaving gets the members of sets with affinity that they are no more
     */
    private void switchSets(
            ServiceChanges changes,
            Map<BackendSet.Id, Placed> places,
            List<Lost> lost,
            List<MemberKey> leaving) {
        places.forEach((id, at) -> {
            Placed old = placed.put(id, at);
            if (old != null) {
                runs.retire(old.first, old.length);
            }
        });
        for (ServiceChanges.OfSet change : changes.sets()) {
            BackendSet after = change.after();
            Placed at = places.get(change.id());
            if (after != null && at != null) {
                store(at.index, new SetValue(at.first, at.length, after.whenEmpty()));
            }
            if (change.before() != null) {
                addLost(change.id(), change.before(), after, lost, leaving);
            }
        }
    }

    private void addLost(
            BackendSet.Id id,
            BackendSet before,
            @Nullable BackendSet after,
            List<Lost> lost,
            List<MemberKey> leaving) {
        Set<Backend> kept = new HashSet<>();
        if (after != null) {
            after.backends().forEach(backend -> kept.add(backend.anywhere()));
        }
        boolean keepsClients = after != null && SetRun.isNumbered(after);
        for (Backend backend : before.backends()) {
            boolean stays = kept.contains(backend.anywhere());
            if (!stays) {
                lost.add(new Lost(id, backend));
            }
            if (SetRun.isNumbered(before) && !(stays && keepsClients)) {
                leaving.add(new MemberKey(index(id), numbers.of(backend)));
            }
        }
    }

    private void switchFrontends(ServiceChanges changes, ServiceTable next) {
        Map<FrontendKey, FrontendValue> put = new LinkedHashMap<>();
        Set<FrontendKey> gone = new HashSet<>(left.keySet());
        for (ServiceChanges.OfFrontend change : changes.frontends()) {
            Frontend before = change.before();
            Frontend after = change.after();
            if (before != null) {
                addresses.count(change.key(), before, -1);
                ranges.count(index(before.inside()), before.sourceRanges(), -1);
            }
            if (after != null) {
                addresses.count(change.key(), after, 1);
                ranges.count(index(after.inside()), after.sourceRanges(), 1);
                put.put(change.key(), value(after, next));
            } else {
                gone.add(change.key());
            }
        }
        gone.removeAll(put.keySet());
        state.takeThePlaceOfClients(next.vantage().addresses());
        addresses.change(inForce, next, state.takingThePlaceOfClients());
        ranges.change(
                ServiceAbi.RANGE_PODS, inForce.vantage().podCidrs(), next.vantage().podCidrs());
        ranges.change(ServiceAbi.RANGE_DIRECT, inForce.vantage().direct(), next.vantage().direct());
        ranges.change(ServiceAbi.RANGE_NODES, inForce.cluster().nodes(), next.cluster().nodes());
        ranges.change(
                ServiceAbi.RANGE_CLUSTER_PODS, inForce.cluster().pods(), next.cluster().pods());
        ranges.change(ServiceAbi.RANGE_RESERVED, inForce.reserved(), next.reserved());
        ranges.add();
        frontends.putAll(put);
        addresses.add();
        frontends.removeAll(gone);
        addresses.remove();
        ranges.remove();
    }

    /** What others hand to backends that are none any more is not taken. */
    private void takeHandedAway(ServiceChanges changes) {
        List<HandedKey> gone = new ArrayList<>();
        for (ServiceChanges.OfSet change : changes.sets()) {
            handedOver += change.handed();
            if (change.before() == null) {
                continue;
            }
            Set<Ip> kept = new HashSet<>();
            if (change.after() != null) {
                change.after().handed().forEach(backend -> kept.add(backend.ip()));
            }
            for (Backend backend : change.before().handed()) {
                if (!kept.contains(backend.ip())) {
                    gone.add(new HandedKey(backend.ip(), index(change.id())));
                }
            }
        }
        handed.removeAll(gone);
    }

    /** Lets go of backends and sets that nobody is led to any more. */
    private void forget(ServiceChanges changes) {
        for (ServiceChanges.OfSet change : changes.sets()) {
            if (change.before() != null && SetRun.isNumbered(change.before())) {
                change.before().backends().forEach(numbers::release);
            }
            Placed at = placed.get(change.id());
            if (change.after() == null && at != null) {
                placed.remove(change.id());
                store(at.index, SetValue.REFUSED);
                runs.retire(at.first, at.length);
                indexes.retire(at.index, 1);
            }
        }
    }

    private void takeLeftAway() {
        if (!state.isWritten()) {
            ranges.removeOthers();
            addresses.removeOthers();
        }
        if (left.isEmpty()) {
            return;
        }
        Set<Integer> gone = leftSets();
        handed.removeAll(
                handed.entries().keySet().stream().filter(h -> gone.contains(h.set())).toList());
        members.removeAll(
                members.entries().keySet().stream().filter(m -> gone.contains(m.set())).toList());
        for (int index : gone) {
            SetValue set = set(index);
            store(index, SetValue.REFUSED);
            runs.retire(set.first(), set.count());
            indexes.retire(index, 1);
        }
        left = Map.of();
    }

    /** The kernel holds a mixture: it is to be left for the next change to replace. */
    private void startAnew() {
        inForce = ServiceTable.EMPTY;
        placed.clear();
        handedOver = 0;
        numbers.clear();
        addresses.forget();
        ranges.forget();
        grace.await();
        indexes = new GraceRanges(maxSets, grace);
        runs = new GraceRanges(maxBackends, grace);
        left = frontends.entries();
        keepOffLeft();
    }

    private FrontendValue value(Frontend frontend, ServiceTable in) {
        return new FrontendValue(
                index(frontend.inside()),
                index(frontend.outside()),
                LiveFrontend.flags(frontend, in),
                LiveFrontend.affinity(frontend));
    }

    private int index(BackendSet.Id id) {
        @Nullable Placed at = placed.get(id);
        if (at == null) {
            throw new IllegalArgumentException("a frontend names " + id + ", which is not there");
        }
        return at.index;
    }

    private SetValue set(int index) {
        return SetValue.read(sets.at((long) index * SetValue.SIZE, SetValue.SIZE), 0);
    }

    private void store(int index, SetValue value) {
        MemorySegment at = sets.at((long) index * SetValue.SIZE, SetValue.SIZE);
        NUMBER.setRelease(at, 0L, value.asNumber());
    }

    private MemorySegment run(int first, int length) {
        return backends.at((long) first * BackendValue.SIZE, (long) length * BackendValue.SIZE);
    }

    /** Lets go of memory; what is in force stays so. */
    @Override
    public synchronized void close() {
        state.close();
        sets.close();
        backends.close();
        grace.close();
    }
}
