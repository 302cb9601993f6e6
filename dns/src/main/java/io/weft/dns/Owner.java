package io.weft.dns;

import io.weft.model.Ref;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What there is at one name. A name without records is an empty non-terminal: it exists, because
 * something says so or because names below it do (RFC 8020).
 */
final class Owner {
    /** What one resource says of this name; perhaps only that it exists. */
    private record Part(Ref from, List<Rr> records) {}

    static final Owner NONE = new Owner(List.of(), 0, 0);

    private final List<Part> parts;
    private final int below;
    private final RrSet[] sets;

    private Owner(List<Part> parts, int below, int ttl) {
        this.parts = parts;
        this.below = below;
        this.sets = sets(parts, ttl);
    }

    private Owner(List<Part> parts, int below, RrSet[] sets) {
        this.parts = parts;
        this.below = below;
        this.sets = sets;
    }

    /** {@return one that only answers} */
    static Owner of(Rr record, int ttl) {
        return new Owner(List.of(), 0, new RrSet[] {new RrSet(List.of(record), ttl)});
    }

    private static RrSet[] sets(List<Part> parts, int ttl) {
        TreeSet<Rr> all = new TreeSet<>();
        parts.forEach(p -> all.addAll(p.records));
        List<RrSet> sets = new ArrayList<>();
        List<Rr> same = new ArrayList<>();
        for (Rr record : all) {
            if (!same.isEmpty() && same.getFirst().type() != record.type()) {
                sets.add(new RrSet(same, ttl));
                same.clear();
            }
            same.add(record);
        }
        if (!same.isEmpty()) {
            sets.add(new RrSet(same, ttl));
        }
        return sets.toArray(RrSet[]::new);
    }

    /**
     * {@return this, where {@code from} says {@code records}}
     *
     * @param records null: it no longer says anything
     */
    Owner with(Ref from, @Nullable List<Rr> records, int ttl) {
        List<Part> next = new ArrayList<>();
        for (Part part : parts) {
            if (!part.from.equals(from)) {
                next.add(part);
            }
        }
        if (records != null) {
            next.add(new Part(from, List.copyOf(records)));
        }
        return new Owner(List.copyOf(next), below, ttl);
    }

    /** {@return this with so many more names directly below it} */
    Owner withBelow(int more) {
        return new Owner(parts, below + more, sets);
    }

    /** {@return whether nothing says that this name exists} */
    boolean isGone() {
        return parts.isEmpty() && below == 0;
    }

    @Nullable RrSet find(int type) {
        for (RrSet set : sets) {
            if (set.type() == type) {
                return set;
            }
        }
        return null;
    }

    /** {@return in order of type and data} */
    List<Rr> records() {
        List<Rr> all = new ArrayList<>();
        for (RrSet set : sets) {
            all.addAll(set.records());
        }
        return all;
    }
}
