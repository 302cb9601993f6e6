package io.weft.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects problems and warnings, so that the user sees all of them at once; keeps the first
 * {@value #LIMIT}.
 */
final class Report {
    static final int LIMIT = 1000;

    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();
    private long more;
    private long moreWarnings;

    void add(Problem problem) {
        if (problems.size() < LIMIT) {
            problems.add(problem);
        } else {
            more++;
        }
    }

    void add(Source source, String reason) {
        add(new Problem(source, "", "", reason));
    }

    void warn(Problem warning) {
        if (warnings.size() < LIMIT) {
            warnings.add(warning);
        } else {
            moreWarnings++;
        }
    }

    /** {@return the warnings, each file in the order of its lines} */
    List<Problem> warnings() {
        return sorted(warnings, moreWarnings, "warnings");
    }

    /**
     * Throws what was found, each file in the order of its lines.
     *
     * @throws ManifestException when there is any problem
     */
    void check() {
        if (problems.isEmpty()) {
            return;
        }
        throw new ManifestException(sorted(problems, more, "problems"));
    }

    private static List<Problem> sorted(List<Problem> problems, long more, String what) {
        Map<String, List<Problem>> byFile = new LinkedHashMap<>();
        for (Problem problem : problems) {
            byFile.computeIfAbsent(problem.source().file(), f -> new ArrayList<>()).add(problem);
        }
        List<Problem> all = new ArrayList<>();
        for (List<Problem> ofFile : byFile.values()) {
            ofFile.sort(Comparator.comparingInt(p -> p.source().line()));
            all.addAll(ofFile);
        }
        if (more > 0) {
            all.add(new Problem(Source.NONE, "", "", "and " + more + " more " + what));
        }
        return List.copyOf(all);
    }
}
