package io.weft.model;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An immutable sorted map whose next version shares all but a path of nodes with the last: a tree
 * balanced by weight (Adams, "Efficient sets: a balancing act", 1993; the parameters are those that
 * Hirai and Yamamoto proved right in "Balancing weight-balanced trees", 2011). Look-up, change and
 * sub-maps cost O(log n).
 *
 * <p>Keys are in their natural order. A sub-map is a map of its own, and no view.
 */
@SuppressWarnings("JdkObsolete") // NavigableMap asks for two dozen views that nobody needs
public final class OrderedMap<K extends Comparable<K>, V> extends AbstractMap<K, V>
        implements SortedMap<K, V> {
    /** A side may be so many times as heavy as the other. */
    private static final int DELTA = 3;

    /** Decides between single and double rotation. */
    private static final int GAMMA = 2;

    private static final OrderedMap<?, ?> EMPTY = new OrderedMap<>(null);

    private final @Nullable Node<K, V> root;

    private OrderedMap(@Nullable Node<K, V> root) {
        this.root = root;
    }

    @SuppressWarnings("unchecked") // holds nothing of either type
    public static <K extends Comparable<K>, V> OrderedMap<K, V> empty() {
        return (OrderedMap<K, V>) EMPTY;
    }

    private static final class Node<K, V> extends SimpleImmutableEntry<K, V> {
        final transient @Nullable Node<K, V> left;
        final transient @Nullable Node<K, V> right;
        final transient int size;

        Node(K key, V value, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
            super(key, value);
            this.left = left;
            this.right = right;
            size = size(left) + size(right) + 1;
        }
    }

    private static int size(@Nullable Node<?, ?> node) {
        return node == null ? 0 : node.size;
    }

    // ---- reading

    @Override
    public int size() {
        return size(root);
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return find(key) != null;
    }

    @Override
    public @Nullable V get(@Nullable Object key) {
        Node<K, V> node = find(key);
        return node == null ? null : node.getValue();
    }

    @SuppressWarnings("unchecked") // as TreeMap: a key of another type is the caller's mistake
    private @Nullable Node<K, V> find(@Nullable Object key) {
        if (key == null) {
            return null;
        }
        Comparable<K> sought = (Comparable<K>) key;
        Node<K, V> node = root;
        while (node != null) {
            int c = sought.compareTo(node.getKey());
            if (c == 0) {
                return node;
            }
            node = c < 0 ? node.left : node.right;
        }
        return null;
    }

    /** {@return how many nodes the longest path has} */
    int depth() {
        return depth(root);
    }

    private static int depth(@Nullable Node<?, ?> node) {
        return node == null ? 0 : 1 + Math.max(depth(node.left), depth(node.right));
    }

    /** {@return null: the natural order} */
    @Override
    public @Nullable Comparator<? super K> comparator() {
        return null;
    }

    @Override
    public K firstKey() {
        return entrySet().iterator().next().getKey();
    }

    @Override
    public K lastKey() {
        Node<K, V> node = root;
        if (node == null) {
            throw new NoSuchElementException();
        }
        while (node.right != null) {
            node = node.right;
        }
        return node.getKey();
    }

    @Override
    public OrderedMap<K, V> subMap(K from, K to) {
        return tailMap(from).headMap(to);
    }

    @Override
    public OrderedMap<K, V> headMap(K to) {
        return new OrderedMap<>(below(root, to));
    }

    @Override
    public OrderedMap<K, V> tailMap(K from) {
        return new OrderedMap<>(from(root, from));
    }

    @Override
    public Set<Map.Entry<K, V>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return OrderedMap.this.size();
            }

            @Override
            public Iterator<Map.Entry<K, V>> iterator() {
                return new Ascending<>(root);
            }
        };
    }

    private static final class Ascending<K, V> implements Iterator<Map.Entry<K, V>> {
        private final Deque<Node<K, V>> path = new ArrayDeque<>();

        Ascending(@Nullable Node<K, V> root) {
            descend(root);
        }

        private void descend(@Nullable Node<K, V> from) {
            for (Node<K, V> node = from; node != null; node = node.left) {
                path.push(node);
            }
        }

        @Override
        public boolean hasNext() {
            return !path.isEmpty();
        }

        @Override
        public Map.Entry<K, V> next() {
            if (path.isEmpty()) {
                throw new NoSuchElementException();
            }
            Node<K, V> node = path.pop();
            descend(node.right);
            return node;
        }
    }

    // ---- the next version

    /** {@return this map with one more or one other value} */
    public OrderedMap<K, V> with(K key, V value) {
        return new OrderedMap<>(put(root, key, value));
    }

    /** {@return this map without a key; this map if it has no such key} */
    public OrderedMap<K, V> without(K key) {
        return containsKey(key) ? new OrderedMap<>(remove(root, key)) : this;
    }

    /** {@return this map with all of {@code more}} */
    public OrderedMap<K, V> withAll(Map<K, V> more) {
        if (more.size() < size() / 4) { // else it is cheaper to make all nodes anew
            OrderedMap<K, V> next = this;
            for (Map.Entry<K, V> entry : more.entrySet()) {
                next = next.with(entry.getKey(), entry.getValue());
            }
            return next;
        }
        TreeMap<K, V> all = new TreeMap<>((SortedMap<K, V>) this);
        all.putAll(more);
        return new OrderedMap<>(balanced(List.copyOf(all.entrySet()), 0, all.size()));
    }

    private static <K, V> @Nullable Node<K, V> balanced(
            List<Map.Entry<K, V>> sorted, int from, int to) {
        if (from == to) {
            return null;
        }
        int middle = (from + to) >>> 1;
        Map.Entry<K, V> entry = sorted.get(middle);
        return new Node<>(
                entry.getKey(),
                entry.getValue(),
                balanced(sorted, from, middle),
                balanced(sorted, middle + 1, to));
    }

    private static <K extends Comparable<K>, V> Node<K, V> put(
            @Nullable Node<K, V> node, K key, V value) {
        if (node == null) {
            return new Node<>(key, value, null, null);
        }
        int c = key.compareTo(node.getKey());
        if (c == 0) {
            return new Node<>(key, value, node.left, node.right);
        }
        return c < 0
                ? balance(node, put(node.left, key, value), node.right)
                : balance(node, node.left, put(node.right, key, value));
    }

    private static <K extends Comparable<K>, V> @Nullable Node<K, V> remove(
            @Nullable Node<K, V> node, K key) {
        if (node == null) {
            return null;
        }
        int c = key.compareTo(node.getKey());
        if (c == 0) {
            return glue(node.left, node.right);
        }
        return c < 0
                ? balance(node, remove(node.left, key), node.right)
                : balance(node, node.left, remove(node.right, key));
    }

    /** {@return both, of balanced weights, all of {@code left} before all of {@code right}} */
    private static <K, V> @Nullable Node<K, V> glue(
            @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
        if (left == null || right == null) {
            return left == null ? right : left;
        }
        Node<K, V> first = right;
        while (first.left != null) {
            first = first.left;
        }
        return balance(first, left, withoutFirst(right));
    }

    private static <K, V> @Nullable Node<K, V> withoutFirst(Node<K, V> node) {
        return node.left == null ? node.right : balance(node, withoutFirst(node.left), node.right);
    }

    /** {@return the entry between two sides, one of which is off balance by one node at most} */
    private static <K, V> Node<K, V> balance(
            Map.Entry<K, V> entry, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
        if (right != null && tooHeavy(right, left)) {
            Node<K, V> inner = right.left;
            if (inner == null || weight(inner) < GAMMA * weight(right.right)) {
                return node(right, node(entry, left, inner), right.right);
            }
            return node(
                    inner, node(entry, left, inner.left), node(right, inner.right, right.right));
        }
        if (left != null && tooHeavy(left, right)) {
            Node<K, V> inner = left.right;
            if (inner == null || weight(inner) < GAMMA * weight(left.left)) {
                return node(left, left.left, node(entry, inner, right));
            }
            return node(inner, node(left, left.left, inner.left), node(entry, inner.right, right));
        }
        return node(entry, left, right);
    }

    private static int weight(@Nullable Node<?, ?> node) {
        return size(node) + 1;
    }

    private static boolean tooHeavy(@Nullable Node<?, ?> one, @Nullable Node<?, ?> other) {
        return weight(one) > DELTA * weight(other);
    }

    private static <K, V> Node<K, V> node(
            Map.Entry<K, V> entry, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
        return new Node<>(entry.getKey(), entry.getValue(), left, right);
    }

    // ---- parts

    private static <K extends Comparable<K>, V> @Nullable Node<K, V> below(
            @Nullable Node<K, V> node, K to) {
        if (node == null) {
            return null;
        }
        return node.getKey().compareTo(to) < 0
                ? link(node, node.left, below(node.right, to))
                : below(node.left, to);
    }

    private static <K extends Comparable<K>, V> @Nullable Node<K, V> from(
            @Nullable Node<K, V> node, K from) {
        if (node == null) {
            return null;
        }
        return node.getKey().compareTo(from) >= 0
                ? link(node, from(node.left, from), node.right)
                : from(node.right, from);
    }

    /** {@return the entry between two sides of any weights} */
    private static <K extends Comparable<K>, V> Node<K, V> link(
            Map.Entry<K, V> entry, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
        if (right != null && tooHeavy(right, left)) {
            return balance(right, link(entry, left, right.left), right.right);
        }
        if (left != null && tooHeavy(left, right)) {
            return balance(left, left.left, link(entry, left.right, right));
        }
        return node(entry, left, right);
    }
}
