package io.weft.tables;

/**
 * Two slots, of which a packet reads the one that the low bit of its revision picks. The next
 * revision is written into the other slot while packets still read this one.
 *
 * @param even read at revisions 0, 2, 4, …
 * @param odd read at revisions 1, 3, 5, …
 */
public record Versioned<T>(T even, T odd) {
    /** {@return the same at every revision} */
    public static <T> Versioned<T> same(T value) {
        return new Versioned<>(value, value);
    }

    public T at(int revision) {
        return (revision & 1) == 0 ? even : odd;
    }

    /** {@return a copy that says {@code value} at {@code revision}} */
    public Versioned<T> with(int revision, T value) {
        return (revision & 1) == 0 ? new Versioned<>(value, odd) : new Versioned<>(even, value);
    }
}
