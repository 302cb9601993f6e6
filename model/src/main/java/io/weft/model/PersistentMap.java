package io.weft.model;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An immutable hash map whose next version shares all but a few nodes with the last: a hash array
 * mapped trie (Bagwell, "Ideal Hash Trees", 2001). A node has up to 32 children, chosen by 5 bits
 * of the hash; a bitmap says which are there. Look-up and change cost O(log32 n).
 *
 * <p>Iteration follows the hashes, so whoever needs an order sorts. {@link MapDiff} finds in what
 * two versions differ without a look at what they share.
 */
public final class PersistentMap<K, V> extends AbstractMap<K, V> implements MapDiff.Source<K, V> {
    private static final int STEP = 5;
    private static final PersistentMap<?, ?> EMPTY = new PersistentMap<>(null, 0);

    private final @Nullable Node<K, V> root;
    private final int size;

    private PersistentMap(@Nullable Node<K, V> root, int size) {
        this.root = root;
        this.size = size;
    }

    @SuppressWarnings("unchecked") // holds nothing of either type
    public static <K, V> PersistentMap<K, V> empty() {
        return (PersistentMap<K, V>) EMPTY;
    }

    private sealed interface Node<K, V> {}

    private static final class Leaf<K, V> extends SimpleImmutableEntry<K, V> implements Node<K, V> {
        final transient int hash;

        Leaf(int hash, K key, V value) {
            super(key, value);
            this.hash = hash;
        }
    }

    /** Two or more leaves of one hash. */
    private record Collision<K, V>(int hash, List<Leaf<K, V>> leaves) implements Node<K, V> {}

    /** A branch never has a single child that is not a branch, so equal maps have equal shapes. */
    private static final class Branch<K, V> implements Node<K, V> {
        final int bitmap;
        final Node<K, V>[] children;

        Branch(int bitmap, Node<K, V>[] children) {
            this.bitmap = bitmap;
            this.children = children;
        }

        int index(int bit) {
            return Integer.bitCount(bitmap & (bit - 1));
        }

        @Nullable Node<K, V> child(int bit) {
            return (bitmap & bit) == 0 ? null : children[index(bit)];
        }
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return find(key) != null;
    }

    @Override
    public @Nullable V get(@Nullable Object key) {
        Leaf<K, V> leaf = find(key);
        return leaf == null ? null : leaf.getValue();
    }

    private @Nullable Leaf<K, V> find(@Nullable Object key) {
        return key == null ? null : find(root, spread(key), key, 0);
    }

    private static <K, V> @Nullable Leaf<K, V> find(
            @Nullable Node<K, V> from, int hash, Object key, int fromShift) {
        Node<K, V> node = from;
        for (int shift = fromShift; node != null; shift += STEP) {
            switch (node) {
                case Leaf<K, V> leaf -> {
                    return leaf.hash == hash && leaf.getKey().equals(key) ? leaf : null;
                }
                case Collision<K, V> collision -> {
                    for (Leaf<K, V> leaf : collision.leaves) {
                        if (leaf.getKey().equals(key)) {
                            return leaf;
                        }
                    }
                    return null;
                }
                case Branch<K, V> branch -> node = branch.child(bit(hash, shift));
            }
        }
        return null;
    }

    @Override
    public boolean differences(Map<K, V> before, MapDiff.Visitor<? super K, ? super V> to) {
        if (!(before instanceof PersistentMap<K, V> other)) {
            return false;
        }
        differences(other.root, root, 0, to);
        return true;
    }

    @SuppressWarnings("ReferenceEquality") // shared nodes are the point
    private static <K, V> void differences(
            @Nullable Node<K, V> before,
            @Nullable Node<K, V> after,
            int shift,
            MapDiff.Visitor<? super K, ? super V> to) {
        if (before == after) {
            return;
        }
        if (before instanceof Branch<K, V> a && after instanceof Branch<K, V> b) {
            for (int bits = a.bitmap | b.bitmap; bits != 0; bits &= bits - 1) {
                int bit = Integer.lowestOneBit(bits);
                differences(a.child(bit), b.child(bit), shift + STEP, to);
            }
            return;
        }
        for (Leaves<K, V> leaves = new Leaves<>(before); leaves.hasNext(); ) {
            Leaf<K, V> leaf = leaves.next();
            Leaf<K, V> now = find(after, leaf.hash, leaf.getKey(), shift);
            if (now == null) {
                to.differs(leaf.getKey(), leaf.getValue(), null);
            } else if (now.getValue() != leaf.getValue()) {
                to.differs(leaf.getKey(), leaf.getValue(), now.getValue());
            }
        }
        for (Leaves<K, V> leaves = new Leaves<>(after); leaves.hasNext(); ) {
            Leaf<K, V> leaf = leaves.next();
            if (find(before, leaf.hash, leaf.getKey(), shift) == null) {
                to.differs(leaf.getKey(), null, leaf.getValue());
            }
        }
    }

    /** {@return this map with one more or one other value} */
    public PersistentMap<K, V> with(K key, V value) {
        Leaf<K, V> leaf = new Leaf<>(spread(key), key, value);
        if (root == null) {
            return new PersistentMap<>(leaf, 1);
        }
        Put put = new Put();
        Node<K, V> next = put(root, leaf, 0, put);
        return new PersistentMap<>(next, put.replaced ? size : size + 1);
    }

    /** What a put found on its way. */
    private static final class Put {
        boolean replaced;
    }

    /** {@return this map without a key; this map if it has no such key} */
    public PersistentMap<K, V> without(K key) {
        if (root == null || find(key) == null) {
            return this;
        }
        return new PersistentMap<>(remove(root, spread(key), key, 0), size - 1);
    }

    private static <K, V> Node<K, V> put(Node<K, V> node, Leaf<K, V> leaf, int shift, Put put) {
        return switch (node) {
            case Leaf<K, V> other -> {
                if (other.hash != leaf.hash) {
                    yield split(other, other.hash, leaf, shift);
                }
                put.replaced = other.getKey().equals(leaf.getKey());
                yield put.replaced ? leaf : new Collision<>(leaf.hash, List.of(other, leaf));
            }
            case Collision<K, V> collision -> {
                if (collision.hash != leaf.hash) {
                    yield split(collision, collision.hash, leaf, shift);
                }
                List<Leaf<K, V>> leaves = new ArrayList<>(collision.leaves);
                put.replaced = leaves.removeIf(other -> other.getKey().equals(leaf.getKey()));
                leaves.add(leaf);
                yield new Collision<>(leaf.hash, List.copyOf(leaves));
            }
            case Branch<K, V> branch -> {
                int bit = bit(leaf.hash, shift);
                int index = branch.index(bit);
                if ((branch.bitmap & bit) != 0) {
                    Node<K, V>[] children = branch.children.clone();
                    children[index] = put(children[index], leaf, shift + STEP, put);
                    yield new Branch<>(branch.bitmap, children);
                }
                Node<K, V>[] children = array(branch.children.length + 1);
                System.arraycopy(branch.children, 0, children, 0, index);
                children[index] = leaf;
                System.arraycopy(
                        branch.children,
                        index,
                        children,
                        index + 1,
                        branch.children.length - index);
                yield new Branch<>(branch.bitmap | bit, children);
            }
        };
    }

    /** {@return a branch that holds both; their hashes differ at this shift or a later one} */
    private static <K, V> Node<K, V> split(Node<K, V> node, int hash, Leaf<K, V> leaf, int shift) {
        int a = bit(hash, shift);
        int b = bit(leaf.hash, shift);
        if (a == b) {
            Node<K, V>[] only = array(1);
            only[0] = split(node, hash, leaf, shift + STEP);
            return new Branch<>(a, only);
        }
        Node<K, V>[] both = array(2);
        boolean first = Integer.compareUnsigned(a, b) < 0;
        both[0] = first ? node : leaf;
        both[1] = first ? leaf : node;
        return new Branch<>(a | b, both);
    }

    private static <K, V> @Nullable Node<K, V> remove(Node<K, V> node, int hash, K key, int shift) {
        return switch (node) {
            case Leaf<K, V> _ -> null;
            case Collision<K, V> collision -> {
                List<Leaf<K, V>> left =
                        collision.leaves.stream().filter(l -> !l.getKey().equals(key)).toList();
                yield left.size() == 1 ? left.getFirst() : new Collision<>(hash, left);
            }
            case Branch<K, V> branch -> {
                int bit = bit(hash, shift);
                int index = branch.index(bit);
                Node<K, V> child = remove(branch.children[index], hash, key, shift + STEP);
                int count = branch.children.length;
                if (child != null) {
                    if (count == 1 && !(child instanceof Branch)) {
                        yield child;
                    }
                    Node<K, V>[] children = branch.children.clone();
                    children[index] = child;
                    yield new Branch<>(branch.bitmap, children);
                }
                if (count == 1) {
                    yield null;
                }
                if (count == 2 && !(branch.children[1 - index] instanceof Branch)) {
                    yield branch.children[1 - index];
                }
                Node<K, V>[] children = array(count - 1);
                System.arraycopy(branch.children, 0, children, 0, index);
                System.arraycopy(branch.children, index + 1, children, index, count - 1 - index);
                yield new Branch<>(branch.bitmap & ~bit, children);
            }
        };
    }

    @SuppressWarnings({
        "unchecked",
        "rawtypes"
    }) // arrays of a generic type cannot be made otherwise
    private static <K, V> Node<K, V>[] array(int length) {
        return (Node<K, V>[]) new Node[length];
    }

    private static int bit(int hash, int shift) {
        return 1 << ((hash >>> shift) & 31);
    }

    private static int spread(Object key) {
        int hash = key.hashCode() * 0x9e3779b9;
        return hash ^ (hash >>> 16);
    }

    @Override
    public Set<Entry<K, V>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public Iterator<Entry<K, V>> iterator() {
                Leaves<K, V> leaves = new Leaves<>(root);
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return leaves.hasNext();
                    }

                    @Override
                    public Entry<K, V> next() {
                        return leaves.next();
                    }
                };
            }
        };
    }

    private static final class Leaves<K, V> implements Iterator<Leaf<K, V>> {
        private final Deque<Node<K, V>> stack = new ArrayDeque<>();

        Leaves(@Nullable Node<K, V> root) {
            if (root != null) {
                stack.push(root);
            }
        }

        @Override
        public boolean hasNext() {
            return !stack.isEmpty();
        }

        @Override
        public Leaf<K, V> next() {
            while (true) {
                if (stack.isEmpty()) {
                    throw new NoSuchElementException();
                }
                switch (stack.pop()) {
                    case Leaf<K, V> leaf -> {
                        return leaf;
                    }
                    case Collision<K, V> collision -> collision.leaves.forEach(stack::push);
                    case Branch<K, V> branch -> {
                        for (Node<K, V> child : branch.children) {
                            stack.push(child);
                        }
                    }
                }
            }
        }
    }
}
