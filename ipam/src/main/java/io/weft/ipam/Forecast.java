package io.weft.ipam;

import java.time.Duration;
import java.util.List;

/** When a pool will be empty, if it goes on as it went. */
public sealed interface Forecast {
    /** Nothing can be said: samples are too few, or of too short a time. */
    record Unknown() implements Forecast {}

    /** No address more is taken than before. */
    record NotGrowing() implements Forecast {}

    /**
     * Empty in so much time.
     *
     * @param perHour addresses that more are taken in an hour than are freed
     */
    record Empty(Duration in, double perHour) implements Forecast {}

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
        if (samples.size() < 3) {
            return new Unknown();
        }
        Sample first = samples.getFirst();
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
            return free == 0 ? new Empty(Duration.ZERO, 0) : new NotGrowing();
        }
        double left = (double) free / perSecond;
        return new Empty(
                Duration.ofSeconds((long) Math.min(left, 36_500.0 * 86_400)), perSecond * 3600);
    }

    private static double seconds(Sample from, Sample to) {
        return (to.nanos() - from.nanos()) / 1e9;
    }
}
