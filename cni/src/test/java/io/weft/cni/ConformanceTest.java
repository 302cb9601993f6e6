package io.weft.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.cni.ConformanceReport.Outcome;
import io.weft.cni.ConformanceReport.Row;
import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The suite finds what is known to be wrong in a reference plugin, and passes what is right. */
@KernelTest
class ConformanceTest {
    /** Killed at some moment of its ADD, ptp leaves now this, now that, now nothing. */
    private static final String BY_CHANCE = "DEL after a killed ADD";

    @TempDir Path directory;

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
                        "CHECK fails without its rules or programs",
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
        assertAsksAll(report);
    }

    /** Client, server, dispatcher and calls of other plugins, as an agent uses them. */
    @Test
    void aPluginThatDoesAllIsFoundToDoAll() throws Exception {
        ConformanceReport report = ask(TinyPlugin::new);
        assertThat(report.rows())
                .filteredOn(row -> row.outcome() != Outcome.PASS)
                .as("%s", report.rows())
                .isEmpty();
        assertAsksAll(report);
    }

    @Test
    void findsWhatPtpDoesRight() throws Exception {
        ConformanceReport report =
                ask((node, leases) ->
                        new TinyPlugin(node, leases) {
                            @Override
                            public synchronized CniResult add(CniRequest request) {
                                CniResult result = super.add(request);
                                return new CniResult(
                                        result.interfaces(),
                                        result.ips(),
                                        result.routes(),
                                        CniResult.Dns.EMPTY);
                            }

                            @Override
                            public synchronized void check(CniRequest request) {}

                            @Override
                            public synchronized void gc(
                                    CniRequest request, List<AttachmentId> valid) {
                                super.gc(request, List.of());
                            }

                            @Override
                            public synchronized void status(CniRequest request) {}

                            @Override
                            public synchronized CniResult ipamAdd(CniRequest request) {
                                super.ipamAdd(request);
                                return FakePlugin.RESULT;
                            }

                            @Override
                            public synchronized void ipamDelete(CniRequest request) {}
                        });
        assertThat(report.rows())
                .filteredOn(row -> row.outcome() == Outcome.FAIL)
                .as("%s", report.rows())
                .extracting(Row::name)
                .containsExactlyInAnyOrder(
                        "CHECK fails without the link",
                        "CHECK fails without an address",
                        "CHECK fails without a route",
                        "CHECK fails without its rules or programs",
                        "CHECK fails without the lease",
                        "GC frees all others, and those of gone namespaces",
                        "STATUS fails (50, 51) when the pool is exhausted",
                        "prevResult is passed on unchanged",
                        "serves others as an IPAM plugin");
    }

    private ConformanceReport ask(BiFunction<NetNs, Path, TinyPlugin> made) throws Exception {
        Compiler.require();
        Path program = directory.resolve("weft");
        Files.write(program, CniInstaller.compile());
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        Path leases = Files.createDirectory(directory.resolve("leases"));
        Path socket = directory.resolve("cni.sock");
        String name = "weft-t-node" + ProcessHandle.current().pid();
        List<Throwable> bugs = new ArrayList<>();
        ConformanceReport report;
        try (NetNs node = NetNs.create(name)) {
            TinyPlugin plugin = made.apply(node, leases);
            CniDispatcher weft = new CniDispatcher(Set.of("weft"), plugin, plugin, bugs::add);
            try (CniServer _ = CniServer.listen(socket, weft, CniServer.Limits.DEFAULT)) {
                report =
                        Conformance.run(
                                ConformanceOptions.of(program)
                                        .inPlace(
                                                Optional.of(NetNs.pathOf(name)),
                                                Map.of("WEFT_CNI_SOCKET", socket.toString()))
                                        .withLeases(
                                                Optional.of("ls " + leases + " | wc -l"),
                                                Optional.of("rm " + leases + "/*")),
                                _ -> {});
            }
        } finally {
            NetNs.delete(name);
        }
        assertThat(bugs).isEmpty();
        return report;
    }

    private static void assertAsksAll(ConformanceReport report) {
        assertThat(new TreeSet<>(report.rows().stream().map(Row::point).toList()))
                .hasSize(21)
                .first()
                .isEqualTo(1);
    }
}
