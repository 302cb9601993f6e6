package io.weft.compiler;

import io.weft.model.MapDiff;
import io.weft.model.PersistentMap;
import io.weft.tables.MatchKey;
import io.weft.tables.Verdict;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a group, kept as identity → what is decided about it. Identities about which a
 * group decides the same share one object, so a group of 3,000 identities and a range of 10 blocks
 * costs 3,000 references and not 30,000 entries.
 */
final class Entries extends AbstractMap<MatchKey, Verdict>
        implements MapDiff.Source<MatchKey, Verdict> {
    static final Entries EMPTY = new Entries(PersistentMap.empty(), 0);

    private final PersistentMap<Integer, Map<Ports.Block, Verdict>> byIdentity;
    private final int size;

    private Entries(PersistentMap<Integer, Map<Ports.Block, Verdict>> byIdentity, int size) {
        this.byIdentity = byIdentity;
        this.size = size;
    }

    /**
     * @param cells never changed afterwards
     */
    Entries with(int identity, Map<Ports.Block, Verdict> cells) {
        Entries rest = without(identity);
        return cells.isEmpty()
                ? rest
                : new Entries(rest.byIdentity.with(identity, cells), rest.size + cells.size());
    }

    Entries without(int identity) {
        Map<Ports.Block, Verdict> old = byIdentity.get(identity);
        return old == null ? this : new Entries(byIdentity.without(identity), size - old.size());
    }

    boolean has(int identity) {
        return byIdentity.containsKey(identity);
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return get(key) != null;
    }

    @Override
    public @Nullable Verdict get(@Nullable Object key) {
        if (!(key instanceof MatchKey(int identity, int protocol, int port, int bits))) {
            return null;
        }
        Map<Ports.Block, Verdict> cells = byIdentity.get(identity);
        return cells == null ? null : cells.get(new Ports.Block(protocol, port, bits));
    }

    @Override
    public boolean differences(
            Map<MatchKey, Verdict> before, MapDiff.Visitor<? super MatchKey, ? super Verdict> to) {
        if (!(before instanceof Entries other)) {
            return false;
        }
        byIdentity.differences(
                other.byIdentity, (identity, old, now) -> cells(identity, old, now, to));
        return true;
    }

    private static void cells(
            int identity,
            @Nullable Map<Ports.Block, Verdict> before,
            @Nullable Map<Ports.Block, Verdict> after,
            MapDiff.Visitor<? super MatchKey, ? super Verdict> to) {
        Map<Ports.Block, Verdict> old = before == null ? Map.of() : before;
        Map<Ports.Block, Verdict> now = after == null ? Map.of() : after;
        MapDiff.between(
                old, now, (block, was, verdict) -> to.differs(block.key(identity), was, verdict));
    }

    @Override
    public Set<Entry<MatchKey, Verdict>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public Iterator<Entry<MatchKey, Verdict>> iterator() {
                return new Cells(byIdentity.entrySet().iterator());
            }
        };
    }

    private static final class Cells implements Iterator<Entry<MatchKey, Verdict>> {
        private final Iterator<Entry<Integer, Map<Ports.Block, Verdict>>> identities;
        private Iterator<Entry<Ports.Block, Verdict>> cells =
                Map.<Ports.Block, Verdict>of().entrySet().iterator();
        private int identity;

        Cells(Iterator<Entry<Integer, Map<Ports.Block, Verdict>>> identities) {
            this.identities = identities;
        }

        @Override
        public boolean hasNext() {
            return cells.hasNext() || identities.hasNext(); // no identity is without cells
        }

        @Override
        public Entry<MatchKey, Verdict> next() {
            if (!cells.hasNext()) {
                if (!identities.hasNext()) {
                    throw new NoSuchElementException();
                }
                Entry<Integer, Map<Ports.Block, Verdict>> next = identities.next();
                identity = next.getKey();
                cells = next.getValue().entrySet().iterator();
            }
            Entry<Ports.Block, Verdict> cell = cells.next();
            Ports.Block block = cell.getKey();
            return Map.entry(block.key(identity), cell.getValue());
        }
    }
}
