package io.weft.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.cni.ConformanceReport.Outcome;
import io.weft.cni.ConformanceReport.Row;
import io.weft.kernel.testing.KernelTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The suite finds what is known to be wrong in a reference plugin, and passes what is right. */
@KernelTest
class ConformanceTest {
    /** Killed at some moment of its ADD, ptp leaves now this, now that, now nothing. */
    private static final String BY_CHANCE = "DEL after a killed ADD";

    @Test
    void findsTheKnownFaultsOfPtp() {
        Path ptp = Path.of("/usr/lib/cni/ptp");
        Assumptions.assumeTrue(
                Files.isExecutable(ptp),
                "no reference plugins (Debian: apt-get install containernetworking-plugins)");
        ConformanceReport report = Conformance.run(ConformanceOptions.of(ptp), _ -> {});
        Map<Outcome, List<String>> found =
                report.rows().stream()
                        .filter(row -> !row.name().equals(BY_CHANCE))
                        .collect(
                                Collectors.groupingBy(
                                        Row::outcome,
                                        Collectors.mapping(Row::name, Collectors.toList())));
        assertThat(found.get(Outcome.FAIL))
                .as("%s", report.rows())
                .containsExactlyInAnyOrder(
                        "VERSION lists versions", // Debian's 1.1.1 has no 1.1.0
                        "bad variable: code 4, named",
                        "bad config: code 7",
                        "DEL with the namespace gone", // its masquerading rules stay
                        "DEL with a CNI_NETNS that is no namespace any more",
                        "DEL with an empty CNI_NETNS",
                        "CHECK fails without a filter rule",
                        "GC frees all when none is valid",
                        "GC frees all others, and those of gone namespaces",
                        "GC frees after an ADD that was not answered",
                        "STATUS succeeds",
                        "STATUS fails (50, 51) when the pool is exhausted");
        assertThat(found.get(Outcome.NOT_APPLICABLE))
                .containsExactlyInAnyOrder(
                        "prevResult is passed on unchanged", "serves others as an IPAM plugin");
        assertThat(found.get(Outcome.PASS)).hasSize(20);
        assertThat(report.rows()).allSatisfy(row -> assertThat(row.seen()).isNotBlank());
        assertThat(new TreeSet<>(report.rows().stream().map(Row::point).toList()))
                .hasSize(21)
                .first()
                .isEqualTo(1);
    }
}
