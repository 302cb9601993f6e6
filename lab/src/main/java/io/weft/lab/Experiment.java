package io.weft.lab;

import java.util.function.Consumer;

/** One question, answered by measuring on this machine. */
public interface Experiment {
    /** {@return as {@code weft lab run} names it} */
    String name();

    /** {@return what is compared, in one sentence} */
    String question();

    /**
     * Measures. Everything that it makes it takes back.
     *
     * @param quick fewer repetitions: to see that it works, not to quote
     * @param progress told what happens, for people
     */
    Report run(boolean quick, Consumer<String> progress);
}
