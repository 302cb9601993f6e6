/**
 * {@code weft}: one command with subcommands. It parses, calls, prints; what it prints others
 * computed. Results go to stdout, everything else to stderr; the exit code is one of {@link
 * io.weft.cli.Exit}.
 */
@NullMarked
package io.weft.cli;

import org.jspecify.annotations.NullMarked;
