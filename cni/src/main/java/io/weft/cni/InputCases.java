package io.weft.cni;

import static io.weft.cni.ConformanceBench.fails;
import static io.weft.cni.ConformanceBench.with;

import io.weft.cni.ConformanceBench.Pod;
import io.weft.cni.ConformanceCase.Failed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a plugin is given: versions, environment, JSON, config. */
final class InputCases {
    static final List<ConformanceCase> ALL =
            List.of(
                    new ConformanceCase(
                            1, "VERSION lists versions", "2 VERSION", InputCases::lists),
                    new ConformanceCase(
                            2,
                            "each listed version round-trips",
                            "5 ADD success",
                            InputCases::each),
                    new ConformanceCase(
                            3, "unknown version: code 1", "5 Error", InputCases::unknownVersion),
                    new ConformanceCase(
                            4,
                            "missing variable: code 4, named",
                            "2 Parameters",
                            InputCases::missing),
                    new ConformanceCase(
                            4, "bad variable: code 4, named", "2 Parameters", InputCases::bad),
                    new ConformanceCase(5, "bad JSON: code 6", "5 Error", InputCases::json),
                    new ConformanceCase(6, "bad config: code 7", "5 Error", InputCases::config),
                    new ConformanceCase(
                            19,
                            "unknown keys and arguments are tolerated",
                            "1 Configuration format",
                            InputCases::unknownKeys));

    private InputCases() {}

    private static String lists(ConformanceBench bench) throws Exception {
        List<CniVersion> versions = bench.versions();
        if (!versions.contains(CniVersion.V1_1_0)) {
            throw new Failed("1.1.0 is not among " + versions);
        }
        return versions.toString();
    }

    private static String each(ConformanceBench bench) throws Exception {
        List<CniVersion> versions = bench.versions();
        for (CniVersion version : versions) {
            Pod pod = bench.pod();
            Map<String, Object> config = bench.config(version);
            CniProcess.Output output = bench.run(CniCommand.ADD, pod, config);
            if (output.exitCode() != 0) {
                throw new Failed(version + ": ADD: " + ConformanceBench.shown(output));
            }
            CniResult result = ConformanceBench.result(output, config);
            shape(version, output.stdout(), pod, result);
            bench.delete(
                    pod, with(config, "prevResult", Json.object(NodeState.utf8(output.stdout()))));
        }
        return versions.size() + " versions";
    }

    private static void shape(CniVersion version, String json, Pod pod, CniResult result)
            throws Exception {
        Map<String, Object> raw = Json.object(NodeState.utf8(json));
        if (!version.text().equals(raw.get("cniVersion"))) {
            throw new Failed(version + ": the result says cniVersion " + raw.get("cniVersion"));
        }
        boolean families = json.replaceAll("\\s", "").matches(".*\"version\":\"[46]\".*");
        if (families == version.isAtLeast(CniVersion.V1_0_0)) {
            throw new Failed(
                    version + ": ips[].version is " + (families ? "" : "not ") + "in the result");
        }
        if (result.ips().isEmpty()) {
            throw new Failed(version + ": no address in the result");
        }
        if (result.interfaces().stream()
                .noneMatch(i -> i.name().equals("eth0") && i.sandbox().equals(pod.path()))) {
            throw new Failed(version + ": eth0 is not among the interfaces, in " + pod.path());
        }
        for (CniResult.Address address : result.ips()) {
            if (address.interfaceIndex().isEmpty()) {
                throw new Failed(version + ": " + address.address() + " is of no interface");
            }
        }
    }

    private static String unknownVersion(ConformanceBench bench) throws Exception {
        Map<String, Object> config = with(bench.config(), "cniVersion", "9.9.9");
        return "code "
                + fails(bench.run(CniCommand.ADD, bench.pod(), config), "ADD of 9.9.9", 1).code();
    }

    private static String missing(ConformanceBench bench) throws Exception {
        List<String> seen = new ArrayList<>();
        Map<String, String> whole = bench.environment(CniCommand.ADD, bench.pod());
        for (String name : List.of("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_PATH")) {
            Map<String, String> part = new LinkedHashMap<>(whole);
            part.remove(name);
            named(bench, part, name, "ADD without " + name);
            seen.add(name);
        }
        return String.join(", ", seen);
    }

    private static String bad(ConformanceBench bench) throws Exception {
        Map<String, String> whole = bench.environment(CniCommand.ADD, bench.pod());
        Map<String, String> wrong = new LinkedHashMap<>();
        wrong.put("CNI_COMMAND", "FETCH");
        wrong.put("CNI_CONTAINERID", "../etc");
        wrong.put("CNI_IFNAME", "a/b");
        wrong.put("CNI_NETNS", "/run/netns/weft-c-nobody");
        for (Map.Entry<String, String> one : wrong.entrySet()) {
            Map<String, String> changed = new LinkedHashMap<>(whole);
            changed.put(one.getKey(), one.getValue());
            named(bench, changed, one.getKey(), "ADD with " + one.getKey() + "=" + one.getValue());
        }
        return String.join(", ", wrong.keySet());
    }

    private static void named(
            ConformanceBench bench, Map<String, String> environment, String name, String what)
            throws Exception {
        CniProcess.Output output = bench.run(environment, Json.text(bench.config()));
        CniException error = fails(output, what, CniCode.BAD_ENVIRONMENT);
        if (!(error.text() + error.details()).contains(name)) {
            throw new Failed(
                    what
                            + ": code 4, but the text does not name it: "
                            + ConformanceBench.shown(output));
        }
    }

    private static String json(ConformanceBench bench) throws Exception {
        for (String stdin : List.of("", "{", "[]", "{\"name\":}")) {
            fails(
                    bench.run(bench.environment(CniCommand.ADD, bench.pod()), stdin),
                    "ADD of '" + stdin + "'",
                    CniCode.BAD_JSON);
        }
        return "code 6";
    }

    private static String config(ConformanceBench bench) throws Exception {
        for (String name : List.of("", "a/b")) {
            fails(
                    bench.run(CniCommand.ADD, bench.pod(), with(bench.config(), "name", name)),
                    "ADD with name '" + name + "'",
                    CniCode.BAD_CONFIG);
        }
        CniProcess.Output output =
                bench.run(CniCommand.ADD, bench.pod(), with(bench.config(), "mtu", "big"));
        fails(output, "ADD with mtu 'big'", CniCode.BAD_JSON, CniCode.BAD_CONFIG);
        return "names and mtu";
    }

    private static String unknownKeys(ConformanceBench bench) throws Exception {
        Pod pod = bench.pod();
        Map<String, Object> config =
                with(bench.config(), "io.example/unknown", List.of(1, Map.of()));
        config = with(config, "runtimeConfig", Map.of("io.example.unknown", true));
        config = with(config, "args", Map.of("cni", Map.of("unknown", "x")));
        Map<String, String> environment = bench.environment(CniCommand.ADD, pod);
        environment.put("CNI_ARGS", "IgnoreUnknown=1;IO_EXAMPLE=1;K8S_POD_NAME=web");
        environment.put("CNI_UNKNOWN", "x");
        environment.put("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        CniProcess.Output output = bench.run(environment, Json.text(config));
        if (output.exitCode() != 0) {
            throw new Failed("ADD: " + ConformanceBench.shown(output));
        }
        bench.delete(pod, config);
        return "in the config, runtimeConfig, args.cni, CNI_ARGS, the environment";
    }
}
