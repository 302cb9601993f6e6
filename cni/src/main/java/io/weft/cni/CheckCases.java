package io.weft.cni;

import static io.weft.cni.ConformanceBench.fails;
import static io.weft.cni.ConformanceBench.succeeds;
import static io.weft.cni.ConformanceBench.with;

import io.weft.cni.ConformanceBench.Pod;
import io.weft.cni.ConformanceCase.Failed;
import io.weft.cni.ConformanceCase.NotApplicable;
import io.weft.netlink.Link;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.Netlink;
import io.weft.netlink.Route;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** CHECK passes after ADD, and fails once something that ADD made is not there. */
final class CheckCases {
    static final List<ConformanceCase> ALL =
            List.of(
                    new ConformanceCase(
                            15, "CHECK passes after ADD", "2 CHECK", CheckCases::passes),
                    new ConformanceCase(
                            15, "CHECK fails without the link", "2 CHECK", CheckCases::link),
                    new ConformanceCase(
                            15, "CHECK fails without an address", "2 CHECK", CheckCases::address),
                    new ConformanceCase(
                            15, "CHECK fails without a route", "2 CHECK", CheckCases::route),
                    new ConformanceCase(
                            15,
                            "CHECK fails without its rules or programs",
                            "2 CHECK",
                            CheckCases::rule),
                    new ConformanceCase(
                            15, "CHECK fails without the lease", "2 CHECK", CheckCases::lease));

    /** An attachment, and the config to check it with. */
    private record Added(Pod pod, Map<String, Object> config) {}

    private CheckCases() {}

    private static Added added(ConformanceBench bench) throws Exception {
        if (!bench.version().isAtLeast(CniVersion.V0_4_0)) {
            throw new NotApplicable("the plugin speaks no version that has CHECK");
        }
        Pod pod = bench.pod();
        Map<String, Object> config = bench.config();
        CniResult result = bench.add(pod, config);
        Map<String, Object> checked = with(config, "prevResult", result.toMap(bench.version()));
        succeeds(bench.run(CniCommand.CHECK, pod, checked), "CHECK after ADD");
        return new Added(pod, checked);
    }

    private static String refused(ConformanceBench bench, Added added, String what) throws Failed {
        CniProcess.Output output = bench.run(CniCommand.CHECK, added.pod(), added.config());
        fails(output, "CHECK " + what);
        return ConformanceBench.shown(output);
    }

    private static String passes(ConformanceBench bench) throws Exception {
        added(bench);
        return "succeeds";
    }

    private static String link(ConformanceBench bench) throws Exception {
        Added added = added(bench);
        try (Netlink netlink = Netlink.open(added.pod().netns())) {
            netlink.links().delete("eth0");
        }
        return refused(bench, added, "without eth0");
    }

    private static String address(ConformanceBench bench) throws Exception {
        Added added = added(bench);
        LinkAddress address = ConformanceBench.addresses(added.pod()).getFirst();
        try (Netlink netlink = Netlink.open(added.pod().netns())) {
            netlink.addresses().delete(address);
        }
        return refused(bench, added, "without " + address.address());
    }

    private static String route(ConformanceBench bench) throws Exception {
        Added added = added(bench);
        List<Route> routes =
                ConformanceBench.routes(added.pod()).stream()
                        .filter(r -> r.destination().length() == 0)
                        .toList();
        if (routes.isEmpty()) {
            throw new NotApplicable("ADD makes no default route with this config");
        }
        try (Netlink netlink = Netlink.open(added.pod().netns())) {
            netlink.routes().delete(routes.getFirst());
        }
        return refused(bench, added, "without its default route");
    }

    private static String rule(ConformanceBench bench) throws Exception {
        NodeState before = bench.warmState();
        Added added = added(bench);
        NodeState after = bench.state();
        Set<String> rules = new TreeSet<>(after.filters());
        rules.removeAll(before.filters());
        if (rules.stream().noneMatch(r -> r.startsWith("iptables-save -A"))) {
            return programs(bench, added, before);
        }
        bench.node()
                .call(() ->
                        CniProcess.run(
                                List.of("/usr/sbin/iptables", "-t", "nat", "-F"),
                                Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
                                new byte[0],
                                Duration.ofSeconds(10)));
        return refused(bench, added, "without its " + rules.size() + " filter rules");
    }

    private static String programs(ConformanceBench bench, Added added, NodeState before)
            throws Exception {
        try (Netlink netlink = Netlink.open(bench.node())) {
            for (Link link : netlink.links().list()) {
                if (!before.links().contains(link.name())
                        && netlink.traffic().qdiscs(link.index()).stream()
                                .anyMatch(q -> q.kind().equals("clsact"))) {
                    netlink.traffic().deleteClsact(link.index());
                    return refused(bench, added, "without the programs at " + link.name());
                }
            }
        }
        throw new NotApplicable("ADD makes no rule of iptables and no program with this config");
    }

    private static String lease(ConformanceBench bench) throws Exception {
        Added added = added(bench);
        if (bench.options().leaseRemover().isPresent()) {
            CniProcess.Output output =
                    CniProcess.run(
                            List.of("/bin/sh", "-c", bench.options().leaseRemover().get()),
                            Map.of(
                                    "PATH",
                                    "/usr/sbin:/usr/bin:/sbin:/bin",
                                    "CNI_CONTAINERID",
                                    added.pod().containerId()),
                            new byte[0],
                            Duration.ofSeconds(30));
            if (output.exitCode() != 0) {
                throw new NotApplicable("--remove-lease failed: " + output.stderr().strip());
            }
            return refused(bench, added, "without the lease");
        }
        if (bench.data().isEmpty()) {
            throw new NotApplicable(
                    "nobody takes the lease away: give --remove-lease, or a config with "
                            + ConformanceOptions.DATA);
        }
        try (Stream<Path> files = Files.walk(bench.data().get())) {
            for (Path file : files.filter(NodeState::isLease).toList()) {
                Files.delete(file);
            }
        }
        return refused(bench, added, "without the lease");
    }
}
