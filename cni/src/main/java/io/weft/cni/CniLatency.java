package io.weft.cni;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * How long CNI calls and their steps took since the start. The server records the calls and their
 * wait; the plugin behind it records what it does in between.
 */
public final class CniLatency {
    /** What is measured. */
    public enum Step {
        /** From the request's last byte to its turn. */
        WAIT("wait"),
        /** Of an ADD: everything is checked that can be refused. */
        PLAN("plan"),
        /** Of an ADD: addresses are taken, and written with the attachment's record. */
        LEASE("lease"),
        /** Of an ADD: interfaces are made, and policy is in force. */
        WIRE("wire"),
        /** Of an ADD, a DEL: what was written is durable. */
        SYNC("sync"),
        ADD("ADD"),
        DEL("DEL"),
        CHECK("CHECK"),
        GC("GC"),
        STATUS("STATUS");

        private final String text;

        Step(String text) {
            this.text = text;
        }

        /** {@return a call as a whole, its wait included} */
        static Step of(CniCommand command) {
            return switch (command) {
                case ADD -> ADD;
                case DEL -> DEL;
                case CHECK -> CHECK;
                case GC -> GC;
                case STATUS -> STATUS;
                case VERSION -> throw new IllegalArgumentException("VERSION does nothing");
            };
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private final Map<Step, LatencyHistogram> steps; // of all, and never changed

    /** Makes one of nothing. */
    public CniLatency() {
        Map<Step, LatencyHistogram> all = new EnumMap<>(Step.class);
        for (Step step : Step.values()) {
            all.put(step, new LatencyHistogram());
        }
        steps = Collections.unmodifiableMap(all);
    }

    private LatencyHistogram of(Step step) {
        return Objects.requireNonNull(steps.get(step));
    }

    /**
     * Records a step that ends now.
     *
     * @param since when it began, by {@link System#nanoTime}
     * @return now, when the next one begins
     */
    public long record(Step step, long since) {
        long now = System.nanoTime();
        of(step).record(now - since);
        return now;
    }

    /** {@return all steps that there were} */
    public Map<Step, LatencyHistogram.Summary> summaries() {
        Map<Step, LatencyHistogram.Summary> summaries = new EnumMap<>(Step.class);
        for (Step step : Step.values()) {
            LatencyHistogram.Summary summary = of(step).summary();
            if (summary.count() > 0) {
                summaries.put(step, summary);
            }
        }
        return summaries;
    }
}
