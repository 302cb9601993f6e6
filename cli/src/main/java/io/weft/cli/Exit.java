package io.weft.cli;

/** Exit codes of every subcommand. */
final class Exit {
    static final int DONE = 0;

    /** The answer is no, or a check failed. */
    static final int NO = 1;

    /** Wrong usage or bad input. */
    static final int BAD_INPUT = 2;

    /** This machine cannot do it. */
    static final int MACHINE = 3;

    /** The node cannot be reached. */
    static final int UNREACHABLE = 4;

    /** A bug: something that should not happen. */
    static final int BUG = 70;

    private Exit() {}
}
