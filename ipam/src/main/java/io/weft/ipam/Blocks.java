package io.weft.ipam;

import io.weft.model.Ip;
import io.weft.model.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses of some spans are taken: a bit for each, in blocks of 64 that are made when they
 * are first needed, so that a /64 costs what is used of it. Each address of a block has a number:
 * 64 times the block's, and the low 6 bits of the address.
 *
 * <p>A node takes the next free address after its last one in its own blocks (next fit); then it
 * takes a block that nobody has, then a new one, and at last borrows from others. All of it by
 * look-ups in {@link SummaryBits}: the steps do not grow with what is taken. A block that is wholly
 * free again goes back to nobody while its node has {@value #SPARE} others with room.
 */
final class Blocks {
    static final int SIZE = 64;

    /** Blocks that can be in memory: 2^30 addresses. */
    private static final int MOST = 1 << 24;

    /** Parts of spans whose last address is remembered. */
    private static final int REMEMBERED_PARTS = 1024;

    private static final int SPARE = 2;
    private static final int NOBODY = 0;

    /** Remembers whose a block is. */
    interface Log {
        /**
         * @param node empty: nobody's
         */
        void owned(Ip base, String node);
    }

    private static final class Node {
        final String name;
        final SummaryBits free = new SummaryBits();
        int next; // the number after the last one taken

        Node(String name) {
            this.name = name;
        }
    }

    private final List<Span> spans;
    private final Log log;
    private final Map<Ip, Integer> numbers = new HashMap<>();
    private final Map<String, Integer> nodeNumbers = new HashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final SummaryBits free = new SummaryBits();
    private int count;
    private Ip[] bases = new Ip[1];
    private long[] outside = new long[1]; // of the spans
    private long[] taken = new long[1]; // or outside
    private int[] owners = new int[1];
    private final Map<Span, Ip> nextIn = new LinkedHashMap<>(16, 0.75f, true); // by use
    private int span;
    private @Nullable Ip frontier;
    private int borrowed;

    Blocks(List<Span> spans, Log log) {
        this.spans = spans;
        this.log = log;
        node("");
    }

    private int node(String name) {
        Integer known = nodeNumbers.putIfAbsent(name, nodes.size());
        if (known != null) {
            return known;
        }
        nodes.add(new Node(name));
        return nodes.size() - 1;
    }

    boolean contains(Ip ip) {
        int at = spanAt(ip);
        return at >= 0 && spans.get(at).contains(ip);
    }

    /** {@return the last span that begins not after {@code ip}, or -1} */
    private int spanAt(Ip ip) {
        int low = 0;
        int high = spans.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (spans.get(middle).first().compareTo(ip) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    /** {@return the number of an address that the spans contain} */
    int number(Ip ip) {
        return block(base(ip)) * SIZE + (int) (ip.low() & SIZE - 1);
    }

    Ip ip(int number) {
        return bases[number / SIZE].plus(number % SIZE);
    }

    boolean isTaken(int number) {
        return (taken[number / SIZE] & 1L << number) != 0;
    }

    private static Ip base(Ip ip) {
        return new Ip(ip.high(), ip.low() & -SIZE);
    }

    private int block(Ip base) {
        Integer known = numbers.get(base);
        return known != null ? known : create(base);
    }

    private int create(Ip base) {
        if (count == bases.length) {
            int length = Math.max(4, count + count / 2);
            bases = Arrays.copyOf(bases, length);
            outside = Arrays.copyOf(outside, length);
            taken = Arrays.copyOf(taken, length);
            owners = Arrays.copyOf(owners, length);
        }
        long mask = -1L;
        Ip last = base.plus(SIZE - 1);
        for (int at = Math.max(0, spanAt(base)); at < spans.size(); at++) {
            Span inside = spans.get(at);
            if (inside.first().compareTo(last) > 0) {
                break;
            }
            if (inside.last().compareTo(base) >= 0) {
                int from = inside.first().compareTo(base) <= 0 ? 0 : bit(inside.first());
                int to = inside.last().compareTo(last) >= 0 ? SIZE - 1 : bit(inside.last());
                mask &= ~((-1L << from) & (-1L >>> (SIZE - 1 - to)));
            }
        }
        int block = count++;
        bases[block] = base;
        outside[block] = mask;
        taken[block] = mask;
        owners[block] = NOBODY;
        numbers.put(base, block);
        nodes.get(NOBODY).free.add(block);
        free.add(block);
        return block;
    }

    private static int bit(Ip ip) {
        return (int) (ip.low() & SIZE - 1);
    }

    /** {@return the number of an address that is taken now, or -1 when none is free} */
    int take(String nodeName) {
        int owner = node(nodeName);
        Node node = nodes.get(owner);
        int number = nextFit(node);
        if (number < 0) {
            int block = nodes.get(NOBODY).free.next(0);
            block = block < 0 ? newBlock() : block;
            if (block >= 0) {
                own(block, owner);
                log.owned(bases[block], nodeName);
                number = nextFit(node);
            }
        }
        if (number < 0) {
            borrowed = free.nextAround(Math.max(0, borrowed));
            number = borrowed < 0 ? -1 : firstFree(borrowed * SIZE);
        }
        if (number >= 0) {
            take(number);
        }
        return number;
    }

    List<Span> spans() {
        return spans;
    }

    /**
     * {@return the number of an address of a part of a span that is taken now, or -1 when none is
     * free} It is the next free one after the last that was taken of this part, so that few blocks
     * are looked at, unless the part is nearly full: then all of its blocks may be. Their owners
     * stay as they are.
     */
    int take(Span part) {
        Ip from = nextIn.getOrDefault(part, part.first());
        int number = firstFree(from, part.last(), part);
        if (number < 0 && !from.equals(part.first())) {
            number = firstFree(part.first(), from, part);
        }
        if (number >= 0) {
            take(number);
            Ip next = ip(number).plus(1);
            nextIn.put(part, part.contains(next) ? next : part.first());
            if (nextIn.size() > REMEMBERED_PARTS) {
                nextIn.remove(nextIn.keySet().iterator().next());
            }
        }
        return number;
    }

    private int firstFree(Ip from, Ip to, Span part) {
        for (Ip base = base(from); base.compareTo(to) <= 0; base = base.plus(SIZE)) {
            if (!numbers.containsKey(base) && count >= MOST) {
                return -1;
            }
            int block = block(base);
            int first = base.compareTo(from) < 0 ? bit(from) : 0;
            int number = firstFree(block * SIZE + first);
            if (number >= 0) {
                return part.contains(ip(number)) ? number : -1; // it is behind the part's last
            }
            if (base.plus(SIZE).compareTo(base) < 0) {
                return -1; // the last block of all
            }
        }
        return -1;
    }

    private int nextFit(Node node) {
        int block = node.free.nextAround(node.next / SIZE);
        if (block < 0) {
            return -1;
        }
        int number = block == node.next / SIZE ? firstFree(node.next) : -1;
        if (number < 0 && block == node.next / SIZE) {
            block = node.free.nextAround(block + 1);
        }
        number = number >= 0 ? number : firstFree(block * SIZE);
        node.next = number + 1;
        return number;
    }

    /** {@return the first free number of a block from {@code number} on, or -1} */
    private int firstFree(int number) {
        long room = ~taken[number / SIZE] & -1L << number;
        return room == 0 ? -1 : number / SIZE * SIZE + Long.numberOfTrailingZeros(room);
    }

    /** {@return a block that was never in use, or -1} */
    private int newBlock() {
        while (span < spans.size() && count < MOST) {
            Span here = spans.get(span);
            Ip base = frontier == null ? base(here.first()) : frontier;
            if (base.compareTo(here.last()) > 0) {
                span++;
                frontier = null;
                continue;
            }
            frontier = base.plus(SIZE);
            if (!numbers.containsKey(base)) {
                return create(base);
            }
        }
        return -1;
    }

    /** Takes a number that is free. */
    void take(int number) {
        int block = number / SIZE;
        taken[block] |= 1L << number;
        if (taken[block] == -1L) {
            nodes.get(owners[block]).free.remove(block);
            free.remove(block);
        }
    }

    /** Frees a number that is taken. */
    void free(int number) {
        int block = number / SIZE;
        taken[block] &= ~(1L << number);
        Node node = nodes.get(owners[block]);
        node.free.add(block);
        free.add(block);
        if (taken[block] == outside[block]
                && owners[block] != NOBODY
                && node.free.count() > SPARE) {
            own(block, NOBODY);
            log.owned(bases[block], "");
        }
    }

    /** Says whose a block is, as the log remembers it; one outside the spans is ignored. */
    void restore(Ip base, String nodeName) {
        int at = Math.max(0, spanAt(base));
        Ip last = base.plus(SIZE - 1);
        boolean inside = false;
        for (; at < spans.size() && spans.get(at).first().compareTo(last) <= 0; at++) {
            inside |= spans.get(at).last().compareTo(base) >= 0;
        }
        if (inside) {
            own(block(base), node(nodeName));
        }
    }

    private void own(int block, int owner) {
        if (nodes.get(owners[block]).free.contains(block)) {
            nodes.get(owners[block]).free.remove(block);
            nodes.get(owner).free.add(block);
        }
        owners[block] = owner;
    }

    int count() {
        return count;
    }

    Ip blockBase(int block) {
        return bases[block];
    }

    String blockNode(int block) {
        return nodes.get(owners[block]).name;
    }

    int blockTaken(int block) {
        return Long.bitCount(taken[block] & ~outside[block]);
    }
}
