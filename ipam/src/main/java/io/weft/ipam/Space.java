package io.weft.ipam;

import io.weft.model.Ip;
import io.weft.model.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The addresses of one pool in one family: which are taken, and why. */
final class Space {
    /**
     * An address that was taken, and how to undo it.
     *
     * @param deadline of its rest; {@link #FRESH}: it was free
     */
    record Taken(Space space, int number, Ip ip, long deadline) {
        boolean rested() {
            return deadline != FRESH;
        }

        void undo() {
            space.used--;
            if (rested()) {
                space.rest.add(number, deadline);
            } else {
                space.blocks.free(number);
            }
        }
    }

    /** No deadline: the address does not rest. */
    static final long FRESH = Long.MIN_VALUE;

    private final Pool pool;
    private final Family family;
    private final Blocks blocks;
    private final RestQueue rest = new RestQueue();
    private final long total;
    private long used;
    private long kept;

    Space(Pool pool, Family family, Blocks.Log log) {
        this.pool = pool;
        this.family = family;
        List<Span> spans = pool.spans(family);
        this.blocks = new Blocks(spans, log);
        long sum = 0;
        for (Span span : spans) {
            sum = sum + span.size() < 0 ? Long.MAX_VALUE : sum + span.size();
        }
        this.total = sum;
    }

    Pool pool() {
        return pool;
    }

    Family family() {
        return family;
    }

    Blocks blocks() {
        return blocks;
    }

    boolean contains(Ip ip) {
        return blocks.contains(ip);
    }

    boolean hasFree() {
        return total == Long.MAX_VALUE || used + kept + rest.size() < total;
    }

    /** {@return whether the address is taken, for whatever reason} */
    boolean isTaken(Ip ip) {
        return blocks.isTaken(blocks.number(ip));
    }

    /** {@return when the rest of an address ends, or {@link #FRESH} when it does not rest} */
    long restsUntil(Ip ip) {
        int at = rest.indexOf(blocks.number(ip));
        return at < 0 ? FRESH : rest.deadline(at);
    }

    /** Takes any free address; {@link #hasFree} said that there is one. */
    Taken take(String node) {
        int number = blocks.take(node);
        if (number < 0) {
            throw new IllegalStateException(usage() + ", and no free address was found");
        }
        used++;
        return new Taken(this, number, blocks.ip(number), FRESH);
    }

    /** {@return what of these can be given out, in order} */
    List<Span> parts(List<Span> within) {
        List<Span> parts = new ArrayList<>();
        for (Span span : blocks.spans()) {
            within.forEach(asked -> span.intersect(asked).ifPresent(parts::add));
        }
        return parts;
    }

    /** Takes a free address of {@link #parts}; empty: there is none. */
    Optional<Taken> take(List<Span> parts) {
        for (Span part : parts) {
            int number = blocks.take(part);
            if (number >= 0) {
                used++;
                return Optional.of(new Taken(this, number, blocks.ip(number), FRESH));
            }
        }
        return Optional.empty();
    }

    /** Takes the one that has rested longest; {@link #resting} said that there is one. */
    Taken takeLongestRested() {
        return takeRested(0);
    }

    private Taken takeRested(int at) {
        int number = rest.number(at);
        long deadline = rest.deadline(at);
        rest.remove(at);
        used++;
        return new Taken(this, number, blocks.ip(number), deadline);
    }

    /** Takes this address, which is free or rests. */
    Taken take(Ip ip) {
        int number = blocks.number(ip);
        if (blocks.isTaken(number)) {
            return takeRested(rest.indexOf(number));
        }
        blocks.take(number);
        used++;
        return new Taken(this, number, ip, FRESH);
    }

    /** Ends the use of an address, which rests from now on. */
    void rest(Ip ip, long deadline) {
        used--;
        rest.add(blocks.number(ip), deadline);
    }

    /** Ends the use of an address, which is free from now on. */
    void free(Ip ip) {
        used--;
        blocks.free(blocks.number(ip));
    }

    /** One in use is kept for its claim from now on. */
    void keep() {
        used--;
        kept++;
    }

    /** One kept is in use from now on. */
    void useKept() {
        kept--;
        used++;
    }

    int resting() {
        return rest.size();
    }

    /** {@return when the first of those that rest becomes free} */
    long firstDeadline() {
        return rest.deadline(0);
    }

    /** {@return whether the rest of at least {@code least} addresses has ended} */
    boolean rested(int least, long now) {
        return rest.size() >= least && rest.deadline(least - 1) <= now;
    }

    /** Frees at most so many whose rest has ended. */
    void expire(long now, int most, Consumer<Ip> freed) {
        for (int i = 0; i < most && rest.size() > 0 && rest.deadline(0) <= now; i++) {
            int number = rest.number(0);
            rest.remove(0);
            blocks.free(number);
            freed.accept(blocks.ip(number));
        }
    }

    Usage usage() {
        long free = total == Long.MAX_VALUE ? total : total - used - kept - rest.size();
        return new Usage(pool.name(), family, total, used, rest.size(), kept, free);
    }
}
