package io.weft.cli;

/** What {@code -o} chooses. */
enum Format {
    TEXT,
    JSON
}
