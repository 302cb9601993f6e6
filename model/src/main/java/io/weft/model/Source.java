package io.weft.model;

/**
 * Where something was written.
 *
 * @param file as the user named it; {@code -} for standard input
 * @param line from 1; 0 when the whole file is meant
 */
public record Source(String file, int line) {
    public static final Source NONE = new Source("", 0);

    /** {@return {@code policy.yaml:12}} */
    @Override
    public String toString() {
        return line == 0 ? file : file + ":" + line;
    }
}
