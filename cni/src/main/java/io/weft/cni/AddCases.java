package io.weft.cni;

import static io.weft.cni.ConformanceBench.fails;
import static io.weft.cni.ConformanceBench.with;

import io.weft.cni.ConformanceBench.Pod;
import io.weft.cni.ConformanceCase.Failed;
import io.weft.netlink.Link;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** What ADD makes, and what it leaves when it fails. */
final class AddCases {
    private static final int WORKERS = 4;
    private static final int PODS = 24;

    static final List<ConformanceCase> ALL =
            List.of(
                    new ConformanceCase(
                            7,
                            "existing CNI_IFNAME: error, nothing left",
                            "2 ADD",
                            AddCases::existing),
                    new ConformanceCase(
                            8, "ADD twice: error, the first intact", "2 ADD", AddCases::twice),
                    new ConformanceCase(9, "failed ADD leaves nothing", "2 ADD", AddCases::failed),
                    new ConformanceCase(
                            20,
                            "parallel ADD and DEL: unique addresses, no leak",
                            "3 Lifecycle",
                            AddCases::parallel));

    private AddCases() {}

    private static String existing(ConformanceBench bench) throws Exception {
        NodeState before = bench.warmState();
        Pod pod = bench.pod();
        int index;
        try (Netlink netlink = Netlink.open(pod.netns())) {
            index =
                    netlink.links()
                            .create(
                                    new LinkSpec.Veth(
                                            LinkSettings.named("eth0"),
                                            LinkSettings.named("peer0")))
                            .index();
        }
        CniException error =
                fails(
                        bench.run(CniCommand.ADD, pod, bench.config()),
                        "ADD of an eth0 that is there");
        Optional<Link> link = ConformanceBench.link(pod);
        if (link.isEmpty() || link.get().index() != index) {
            throw new Failed("ADD fails, but the eth0 that was there is gone");
        }
        if (!ConformanceBench.addresses(pod).isEmpty()) {
            throw new Failed("ADD fails, but the eth0 that was there has an address");
        }
        bench.expectClean(before, "after the failed ADD");
        return "code " + error.code();
    }

    private static String twice(ConformanceBench bench) throws Exception {
        Pod pod = bench.pod();
        Map<String, Object> config = bench.config();
        bench.add(pod, config);
        NodeState before = bench.state();
        List<LinkAddress> addresses = ConformanceBench.addresses(pod);
        CniException error = fails(bench.run(CniCommand.ADD, pod, config), "the second ADD");
        if (!ConformanceBench.addresses(pod).equals(addresses)) {
            throw new Failed(
                    "the second ADD fails, and the first's addresses changed: "
                            + addresses
                            + " to "
                            + ConformanceBench.addresses(pod));
        }
        NodeState after = bench.state();
        if (!after.links().containsAll(before.links())
                || !after.routes().containsAll(before.routes())) {
            throw new Failed("the second ADD fails, and took the first's link or route away");
        }
        if (after.leases().orElse(0) < before.leases().orElse(0)) {
            throw new Failed("the second ADD fails, and freed the first's address");
        }
        bench.expectClean(before, "after the second ADD");
        return "code " + error.code();
    }

    private static String failed(ConformanceBench bench) throws Exception {
        NodeState before = bench.warmState();
        Pod pod = bench.pod();
        Map<String, Object> config = bench.config();
        Map<String, String> environment = bench.environment(CniCommand.ADD, pod);
        environment.put("CNI_NETNS", "/etc/passwd");
        fails(bench.run(environment, Json.text(config)), "ADD with CNI_NETNS=/etc/passwd");
        bench.expectClean(before, "after ADD with CNI_NETNS=/etc/passwd");
        fails(
                bench.run(
                        CniCommand.ADD,
                        pod,
                        with(config, "ipam", Map.of("type", "weft-conformance-absent"))),
                "ADD with an IPAM plugin that is not there");
        bench.expectClean(before, "after ADD with an IPAM plugin that is not there");
        if (ConformanceBench.link(pod).isPresent()) {
            throw new Failed("ADD fails, and eth0 is in the container");
        }
        return "no namespace; no IPAM plugin";
    }

    private static String parallel(ConformanceBench bench) throws Exception {
        NodeState before = bench.warmState();
        Map<String, Object> config = bench.config();
        Set<String> held = ConcurrentHashMap.newKeySet();
        AtomicInteger left = new AtomicInteger(PODS);
        List<Callable<Boolean>> workers = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            workers.add(() -> {
                while (left.getAndDecrement() > 0) {
                    Pod pod = bench.pod();
                    CniResult result = bench.add(pod, config);
                    for (CniResult.Address address : result.ips()) {
                        if (!held.add(address.address().ip().toString())) {
                            throw new Failed(address.address() + " was given twice");
                        }
                    }
                    result.ips().forEach(a -> held.remove(a.address().ip().toString()));
                    bench.delete(pod, with(config, "prevResult", result.toMap(bench.version())));
                }
                return true;
            });
        }
        try (ExecutorService executor = Executors.newFixedThreadPool(WORKERS)) {
            for (Future<Boolean> worker : executor.invokeAll(workers)) {
                worker.get();
            }
        } catch (ExecutionException e) {
            throw new Failed(
                    e.getCause() instanceof Failed f
                            ? String.valueOf(f.getMessage())
                            : e.toString());
        }
        bench.expectClean(before, "after " + PODS + " pods");
        return PODS + " pods in " + WORKERS + " workers";
    }
}
