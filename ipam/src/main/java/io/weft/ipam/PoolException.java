package io.weft.ipam;

import java.util.List;

/** Pools that cannot be used. The message has one line for each problem. */
public final class PoolException extends RuntimeException {
    /**
     * @param key where it is: {@code ranges[0].rangeStart}
     * @param text what is wrong, and what would be right
     */
    public record Problem(String key, String text) {
        @Override
        public String toString() {
            return key + ": " + text;
        }
    }

    private final List<Problem> problems;

    PoolException(List<Problem> problems) {
        super(String.join("\n", problems.stream().map(Problem::toString).toList()));
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }
}
