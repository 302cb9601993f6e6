package io.weft.model;

/**
 * The name of one resource, unique in a {@link Snapshot}.
 *
 * @param namespace empty for kinds without one
 */
public record Ref(Kind kind, String namespace, String name) implements Comparable<Ref> {
    public static Ref pod(String namespace, String name) {
        return new Ref(Kind.POD, namespace, name);
    }

    @Override
    public int compareTo(Ref other) {
        int c = kind.compareTo(other.kind);
        c = c != 0 ? c : namespace.compareTo(other.namespace);
        return c != 0 ? c : name.compareTo(other.name);
    }

    /** {@return {@code shop/web}, without the kind} */
    public String path() {
        return namespace.isEmpty() ? name : namespace + "/" + name;
    }

    /** {@return {@code NetworkPolicy shop/web}} */
    @Override
    public String toString() {
        return kind + " " + path();
    }
}
