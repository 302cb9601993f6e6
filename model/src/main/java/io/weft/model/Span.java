package io.weft.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Neighbouring addresses of one family.
 *
 * @param first not after {@code last}
 */
public record Span(Ip first, Ip last) implements Comparable<Span> {
    public Span {
        if (first.isV4() != last.isV4() || first.compareTo(last) > 0) {
            throw new IllegalArgumentException(first + " to " + last + " is no span");
        }
    }

    public static Span of(Prefix prefix) {
        int host = 128 - prefix.mappedLength();
        long low = host >= 64 ? -1L : (1L << host) - 1;
        long high = host <= 64 ? 0 : host == 128 ? -1L : (1L << (host - 64)) - 1;
        Ip first = prefix.ip();
        return new Span(first, new Ip(first.high() | high, first.low() | low));
    }

    /** Reads {@code 10.0.0.5}, {@code 10.0.0.0/28} or {@code 10.0.0.5-10.0.0.9}. */
    public static Optional<Span> tryParse(String text) {
        int dash = text.indexOf('-');
        if (dash >= 0) {
            Optional<Ip> first = Ip.tryParse(text.substring(0, dash).strip());
            Optional<Ip> last = Ip.tryParse(text.substring(dash + 1).strip());
            return first.isPresent()
                            && last.isPresent()
                            && first.get().isV4() == last.get().isV4()
                            && first.get().compareTo(last.get()) <= 0
                    ? Optional.of(new Span(first.get(), last.get()))
                    : Optional.empty();
        }
        return text.indexOf('/') >= 0
                ? Prefix.tryParse(text).map(Span::of)
                : Ip.tryParse(text).map(ip -> new Span(ip, ip));
    }

    public boolean contains(Ip ip) {
        return ip.isV4() == first.isV4() && first.compareTo(ip) <= 0 && ip.compareTo(last) <= 0;
    }

    public boolean contains(Span other) {
        return contains(other.first) && contains(other.last);
    }

    /** {@return whether they have an address in common} */
    public boolean overlaps(Span other) {
        return first.isV4() == other.first.isV4()
                && first.compareTo(other.last) <= 0
                && other.first.compareTo(last) <= 0;
    }

    /** {@return what it and another one have in common} */
    public Optional<Span> intersect(Span other) {
        return overlaps(other)
                ? Optional.of(
                        new Span(
                                first.compareTo(other.first) >= 0 ? first : other.first,
                                last.compareTo(other.last) <= 0 ? last : other.last))
                : Optional.empty();
    }

    /** {@return how many addresses, at most {@link Long#MAX_VALUE}} */
    public long size() {
        long low = last.low() - first.low();
        boolean borrow = Long.compareUnsigned(last.low(), first.low()) < 0;
        long high = last.high() - first.high() - (borrow ? 1 : 0);
        return high != 0 || low < 0 || low == Long.MAX_VALUE ? Long.MAX_VALUE : low + 1;
    }

    /**
     * {@return what is in {@code spans}, which are disjoint, and not in {@code holes}; in order}
     */
    public static List<Span> subtract(List<Span> spans, List<Span> holes) {
        List<Span> left = new ArrayList<>(spans);
        for (Span hole : holes) {
            List<Span> next = new ArrayList<>(left.size() + 1);
            for (Span span : left) {
                span.subtract(hole, next);
            }
            left = next;
        }
        left.sort(null);
        return List.copyOf(left);
    }

    private void subtract(Span hole, List<Span> into) {
        if (!overlaps(hole)) {
            into.add(this);
            return;
        }
        if (first.compareTo(hole.first) < 0) {
            into.add(new Span(first, before(hole.first)));
        }
        if (hole.last.compareTo(last) < 0) {
            into.add(new Span(hole.last.plus(1), last));
        }
    }

    private static Ip before(Ip ip) {
        return new Ip(ip.low() == 0 ? ip.high() - 1 : ip.high(), ip.low() - 1);
    }

    @Override
    public int compareTo(Span other) {
        int c = Boolean.compare(other.first.isV4(), first.isV4());
        c = c != 0 ? c : first.compareTo(other.first);
        return c != 0 ? c : last.compareTo(other.last);
    }

    @Override
    public String toString() {
        return first.equals(last) ? first.toString() : first + "-" + last;
    }
}
