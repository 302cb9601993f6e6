package io.weft.model;

import java.util.List;

/** Input that cannot be used. The message has one line for each problem. */
public final class ManifestException extends RuntimeException {
    private final List<Problem> problems;

    public ManifestException(List<Problem> problems) {
        super(String.join("\n", problems.stream().map(Problem::toString).toList()));
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }
}
