package io.weft.lab;

import java.util.Optional;

/** One run of an experiment: how thorough, and who is told how far it has come. */
public final class Run {
    /** Told what happens. */
    public interface Listener {
        /**
         * @param fraction done of the whole, 0 to 1; empty when the experiment cannot say
         */
        void step(String what, Optional<Double> fraction);
    }

    private final Machine machine = new Machine();
    private final boolean quick;
    private final Listener listener;

    public Run(boolean quick, Listener listener) {
        this.quick = quick;
        this.listener = listener;
    }

    /** {@return whether fewer repetitions are wanted: to see that it works, not to quote} */
    public boolean quick() {
        return quick;
    }

    /** {@return what it runs on; watched since this run was made} */
    Machine machine() {
        return machine;
    }

    int pick(int whenQuick, int otherwise) {
        return quick ? whenQuick : otherwise;
    }

    /**
     * Says what comes next.
     *
     * @throws Ending.EndedException when the process is being ended
     */
    void say(String what) {
        Ending.check();
        listener.step(what, Optional.empty());
    }

    /** As {@link #say}, when {@code done} of {@code of} equal parts are over. */
    void step(int done, int of, String what) {
        Ending.check();
        listener.step(what, Optional.of((double) done / of));
    }

    /** As {@link #step}, for repetitions that are counted from 0. */
    void repetition(int i, int of) {
        step(i, of, "repetition " + (i + 1) + " of " + of);
    }
}
