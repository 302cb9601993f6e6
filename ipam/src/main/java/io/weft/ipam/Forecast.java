package io.weft.ipam;

import java.time.Duration;
import java.util.List;

/** When a pool will be empty, if it goes on as it went. */
public sealed interface Forecast {
    /** Nothing can be said: samples are too few, or of too short a time. */
    record Unknown() implements Forecast {
        @Override
        public String toString() {
            return "no trend yet";
        }
    }

    /**
     * No address more is taken than before.
     *
     * @param over the time of the samples
     */
    record NotGrowing(Duration over) implements Forecast {
        /** {@return {@code no growth in the last 55 min}} */
        @Override
        public String toString() {
            return "no growth in the last " + about(over);
        }
    }

    /**
     * Empty in so much time; {@link Duration#ZERO}: now.
     *
     * @param perHour addresses that more are taken in an hour than are freed
     * @param over the time of the samples
     */
    record Empty(Duration in, double perHour, Duration over) implements Forecast {
        /** {@return {@code exhausted in about 5 h at the rate of the last 55 min}} */
        @Override
        public String toString() {
            if (in.isZero()) {
                return "exhausted";
            }
            return (in.compareTo(YEAR) > 0
                            ? "not exhausted within a year"
                            : "exhausted in about " + about(in))
                    + " at the rate of the last "
                    + about(over);
        }
    }

    /** What lies further ahead is not said. */
    Duration YEAR = Duration.ofDays(365);

    /** {@return rounded: {@code 40 s}, {@code 55 min}, {@code 5 h}, {@code 3 d}} */
    private static String about(Duration duration) {
        long minutes = Math.round(duration.toSeconds() / 60.0);
        if (duration.toSeconds() < 90) {
            return duration.toSeconds() + " s";
        }
        if (minutes < 90) {
            return minutes + " min";
        }
        long hours = Math.round(minutes / 60.0);
        return hours < 48 ? hours + " h" : Math.round(hours / 24.0) + " d";
    }

    /**
     * One look at a pool.
     *
     * @param nanos by a clock that does not go back
     * @param taken addresses that are not free
     */
    record Sample(long nanos, long taken) {}

    /** Growth below one address in the time of all samples is none. */
    double LEAST_GROWTH = 1;

    /**
     * {@return the forecast by the straight line that fits the samples best (least squares)}
     *
     * @param samples in the order of time; at least 3
     * @param free addresses that are left now
     */
    static Forecast of(List<Sample> samples, long free) {
        if (free == 0) {
            return new Empty(Duration.ZERO, 0, Duration.ZERO);
        }
        if (samples.size() < 3) {
            return new Unknown();
        }
        Sample first = samples.getFirst();
        Duration over = Duration.ofNanos(samples.getLast().nanos() - first.nanos());
        double time = 0;
        double taken = 0;
        for (Sample sample : samples) {
            time += seconds(first, sample);
            taken += sample.taken() - first.taken();
        }
        time /= samples.size();
        taken /= samples.size();
        double covariance = 0;
        double variance = 0;
        for (Sample sample : samples) {
            double t = seconds(first, sample) - time;
            covariance += t * (sample.taken() - first.taken() - taken);
            variance += t * t;
        }
        if (variance == 0) {
            return new Unknown();
        }
        double perSecond = covariance / variance;
        if (perSecond * seconds(first, samples.getLast()) < LEAST_GROWTH) {
            return new NotGrowing(over);
        }
        double left = (double) free / perSecond;
        return new Empty(
                Duration.ofSeconds(Math.max(1, (long) Math.min(left, 36_500.0 * 86_400))),
                perSecond * 3600,
                over);
    }

    private static double seconds(Sample from, Sample to) {
        return (to.nanos() - from.nanos()) / 1e9;
    }
}
