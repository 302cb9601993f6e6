package io.weft.ipam;

/**
 * Whose container it is; for people, and so that nobody frees a living one's address.
 *
 * @param podUid empty: unknown
 * @param namespace empty: none
 */
public record Owner(Kind kind, String podUid, String namespace, String name) {
    /** What it is. */
    public enum Kind {
        POD,
        VM,
        CONTAINER,
        NODE
    }

    private static final int MOST = 253;

    public Owner {
        for (String text : new String[] {podUid, namespace, name}) {
            if (text.length() > MOST) {
                throw new IllegalArgumentException(
                        "'" + text + "': at most " + MOST + " characters");
            }
        }
    }

    public static Owner pod(String uid, String namespace, String name) {
        return new Owner(Kind.POD, uid, namespace, name);
    }

    /** {@return {@code pod shop/web}} */
    @Override
    public String toString() {
        String kindText = kind.name().toLowerCase(java.util.Locale.ROOT);
        return kindText + " " + (namespace.isEmpty() ? name : namespace + "/" + name);
    }
}
