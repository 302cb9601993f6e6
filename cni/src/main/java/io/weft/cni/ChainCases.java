package io.weft.cni;

import static io.weft.cni.ConformanceBench.fails;
import static io.weft.cni.ConformanceBench.succeeds;
import static io.weft.cni.ConformanceBench.with;

import io.weft.cni.ConformanceBench.Pod;
import io.weft.cni.ConformanceCase.Failed;
import io.weft.cni.ConformanceCase.NotApplicable;
import io.weft.model.Ip;
import io.weft.netlink.Cidr;
import io.weft.netlink.Link;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/** A plugin among others: behind one, above an IPAM plugin, as an IPAM plugin. */
final class ChainCases {
    static final List<ConformanceCase> ALL =
            List.of(
                    new ConformanceCase(
                            18, "prevResult is passed on unchanged", "2 ADD", ChainCases::passedOn),
                    new ConformanceCase(
                            21,
                            "calls a foreign IPAM plugin by the rules",
                            "4 Delegation",
                            ChainCases::foreign),
                    new ConformanceCase(
                            21,
                            "an IPAM plugin's error fails ADD, and nothing is left",
                            "4 Delegation",
                            ChainCases::refusing),
                    new ConformanceCase(
                            21,
                            "DEL reaches the IPAM plugin with the namespace gone",
                            "4 Delegation",
                            ChainCases::freed),
                    new ConformanceCase(
                            21,
                            "serves others as an IPAM plugin",
                            "4 Delegation",
                            ChainCases::asIpam));

    private ChainCases() {}

    private static String passedOn(ConformanceBench bench) throws Exception {
        if (!bench.options().canBeChained()) {
            throw new NotApplicable(
                    bench.options().type() + " makes interfaces: it is first in a chain");
        }
        Pod pod = bench.pod();
        CniResult before = interfaceOfAnother(bench, pod);
        Map<String, Object> config =
                with(bench.config(), "prevResult", before.toMap(bench.version()));
        CniResult after = bench.add(pod, config);
        if (!after.equals(before)) {
            throw new Failed(
                    "prevResult "
                            + before.toJson(bench.version())
                            + " became "
                            + after.toJson(bench.version()));
        }
        bench.delete(pod, config);
        if (ConformanceBench.link(pod).isEmpty()) {
            throw new Failed("DEL took the interface of the plugin before it away");
        }
        return "interfaces, addresses, routes and DNS";
    }

    /** A pair with an address, as a plugin before this one would have made it. */
    private static CniResult interfaceOfAnother(ConformanceBench bench, Pod pod) {
        String host = "cnf" + ProcessHandle.current().pid() % 100_000;
        try (Netlink netlink = Netlink.open(bench.node());
                Netlink inside = Netlink.open(pod.netns())) {
            Link end =
                    netlink.links()
                            .create(
                                    new LinkSpec.Veth(
                                            LinkSettings.named(host),
                                            LinkSettings.named("eth0").in(pod.netns())));
            Link eth0 = inside.links().require("eth0");
            inside.links().setUp(eth0.index());
            netlink.links().setUp(end.index());
            inside.addresses().add(LinkAddress.of(eth0.index(), Cidr.parse("10.78.0.5/24")));
            return new CniResult(
                    List.of(
                            new CniResult.Interface(
                                    host, text(end), OptionalInt.empty(), "", "", ""),
                            new CniResult.Interface(
                                    "eth0", text(eth0), OptionalInt.empty(), pod.path(), "", "")),
                    List.of(
                            new CniResult.Address(
                                    IpNet.tryParse("10.78.0.5/24").orElseThrow(),
                                    Optional.empty(),
                                    OptionalInt.of(1))),
                    List.of(
                            CniResult.Route.via(
                                    IpNet.tryParse("10.79.0.0/16").orElseThrow(),
                                    Ip.tryParse("10.78.0.1"))),
                    new CniResult.Dns(
                            List.of("10.78.0.53"),
                            "example.test",
                            List.of("example.test"),
                            List.of()));
        }
    }

    private static String text(Link link) {
        return link.mac().map(Object::toString).orElse("");
    }

    private static String foreign(ConformanceBench bench) throws Exception {
        RecordingIpam ipam = RecordingIpam.in(bench.directory());
        Pod pod = bench.pod();
        Map<String, Object> config = ipam.used(bench.config());
        CniResult result = bench.add(pod, config);
        Map<String, String> told = ipam.environment("ADD");
        bench.environment(CniCommand.ADD, pod)
                .forEach((name, value) -> {
                    if (!value.equals(told.get(name))) {
                        told.put("wrong", name + " was " + told.get(name) + ", not " + value);
                    }
                });
        if (told.containsKey("wrong")) {
            throw new Failed(told.get("wrong"));
        }
        Map<String, Object> stdin = ipam.stdin("ADD");
        for (String key : List.of("name", "cniVersion", "type", "ipam")) {
            if (!Objects.equals(config.get(key), stdin.get(key))) {
                throw new Failed(
                        "the IPAM plugin got "
                                + key
                                + " "
                                + stdin.get(key)
                                + ", not "
                                + config.get(key));
            }
        }
        if (result.ips().stream()
                .noneMatch(a -> a.address().ip().toString().equals(RecordingIpam.ADDRESS))) {
            throw new Failed(RecordingIpam.ADDRESS + " is not in the result: " + result.ips());
        }
        if (ConformanceBench.addresses(pod).stream()
                .noneMatch(a -> a.address().toString().startsWith(RecordingIpam.ADDRESS + "/"))) {
            throw new Failed(RecordingIpam.ADDRESS + " is not at eth0");
        }
        bench.delete(pod, with(config, "prevResult", result.toMap(bench.version())));
        ipam.environment("DEL");
        return "same environment, same config; its address is used";
    }

    private static String refusing(ConformanceBench bench) throws Exception {
        NodeState before = bench.warmState();
        RecordingIpam ipam = RecordingIpam.in(bench.directory());
        ipam.refuse();
        Pod pod = bench.pod();
        CniException error =
                fails(bench.run(CniCommand.ADD, pod, ipam.used(bench.config())), "ADD");
        if (!(error.text() + error.details()).contains(RecordingIpam.REFUSAL)) {
            throw new Failed(
                    "the IPAM plugin's words are lost: code " + error.code() + " " + error.text());
        }
        bench.expectClean(before, "after ADD");
        if (ConformanceBench.link(pod).isPresent()) {
            throw new Failed("eth0 is in the container");
        }
        return "code " + error.code();
    }

    private static String freed(ConformanceBench bench) throws Exception {
        RecordingIpam ipam = RecordingIpam.in(bench.directory());
        Pod pod = bench.pod();
        Map<String, Object> config = ipam.used(bench.config());
        bench.add(pod, config);
        pod.vanish();
        succeeds(bench.run(CniCommand.DEL, pod, config), "DEL");
        ipam.environment("DEL");
        return "called";
    }

    private static String asIpam(ConformanceBench bench) throws Exception {
        if (!bench.options().isWeft()) {
            throw new NotApplicable(bench.options().type() + " is no IPAM plugin");
        }
        NodeState before = bench.warmState();
        Pod pod = bench.pod();
        Map<String, Object> config =
                with(bench.config(), "ipam", Map.of("type", bench.options().type()));
        config = with(config, "type", "bridge");
        CniResult result = bench.add(pod, config);
        if (!result.interfaces().isEmpty() || result.ips().isEmpty()) {
            throw new Failed("the result must have addresses and no interfaces: " + result);
        }
        if (ConformanceBench.link(pod).isPresent()) {
            throw new Failed("eth0 is in the container");
        }
        succeeds(
                bench.run(
                        CniCommand.CHECK,
                        pod,
                        with(config, "prevResult", result.toMap(bench.version()))),
                "CHECK");
        succeeds(bench.run(CniCommand.DEL, pod, config), "DEL");
        bench.expectClean(before, "after DEL");
        return result.ips().size() + " addresses";
    }
}
