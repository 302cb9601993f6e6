package io.weft.cni;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The variables that a runtime calls a plugin with.
 *
 * @param containerId empty where the verb needs none
 * @param netns a path, or empty: DEL has none when the namespace is gone
 * @param ifname empty where the verb needs none
 * @param path where plugins are looked for, first match counts
 * @param traceParent W3C trace context of the caller, well-formed
 * @param traceState only with {@code traceParent}
 * @param netnsOverride whether the plugin's own namespace may be the container's
 */
public record CniEnvironment(
        CniCommand command,
        String containerId,
        String netns,
        String ifname,
        CniArgs args,
        List<String> path,
        Optional<String> traceParent,
        Optional<String> traceState,
        boolean netnsOverride) {
    private static final Pattern TRACE_PARENT =
            Pattern.compile(
                    "(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    /**
     * @param variables at least those that begin with CNI_
     * @throws CniException code 4, naming each variable that is missing or wrong
     */
    public static CniEnvironment read(Map<String, String> variables) {
        String verb = variables.getOrDefault("CNI_COMMAND", "");
        CniCommand command =
                CniCommand.tryParse(verb)
                        .orElseThrow(() ->
                                new CniException(
                                        CniCode.BAD_ENVIRONMENT,
                                        "CNI_COMMAND: "
                                                + (verb.isEmpty() ? "missing" : Values.shown(verb))
                                                + ": must be one of ADD, DEL, CHECK, GC,"
                                                + " STATUS, VERSION"));
        List<String> problems = new ArrayList<>();
        String containerId = variables.getOrDefault("CNI_CONTAINERID", "");
        String ifname = variables.getOrDefault("CNI_IFNAME", "");
        String netns = variables.getOrDefault("CNI_NETNS", "");
        String path = variables.getOrDefault("CNI_PATH", "");
        if (command.isOfAttachment()) {
            if (containerId.isEmpty()) {
                problems.add("CNI_CONTAINERID: missing");
            } else if (!Values.isName(containerId)) {
                problems.add(
                        "CNI_CONTAINERID: "
                                + Values.shown(containerId)
                                + ": must be "
                                + Values.NAME_FORM);
            }
            if (ifname.isEmpty()) {
                problems.add("CNI_IFNAME: missing");
            } else if (!Values.isInterface(ifname)) {
                problems.add(
                        "CNI_IFNAME: "
                                + Values.shown(ifname)
                                + ": must be "
                                + Values.INTERFACE_FORM);
            }
            if (netns.isEmpty() && command != CniCommand.DEL) {
                problems.add("CNI_NETNS: missing: must be the path of a network namespace");
            }
            if (path.isEmpty() && command != CniCommand.DEL) {
                problems.add("CNI_PATH: missing: must list the directories of plugins");
            }
        }
        CniArgs args = CniArgs.read(variables.getOrDefault("CNI_ARGS", ""), problems);
        if (!problems.isEmpty()) {
            throw new CniException(CniCode.BAD_ENVIRONMENT, String.join("; ", problems));
        }
        Optional<String> trace =
                Optional.ofNullable(variables.get("TRACEPARENT"))
                        .filter(t -> TRACE_PARENT.matcher(t).matches());
        String override = variables.getOrDefault("CNI_NETNS_OVERRIDE", "");
        return new CniEnvironment(
                command,
                containerId,
                netns,
                ifname,
                args,
                directories(path),
                trace,
                trace.flatMap(t -> Optional.ofNullable(variables.get("TRACESTATE"))),
                override.equals("1") || override.equalsIgnoreCase("true"));
    }

    private static List<String> directories(String path) {
        return List.of(path.split(":", -1)).stream().filter(d -> !d.isEmpty()).toList();
    }

    public AttachmentId attachment() {
        return new AttachmentId(containerId, ifname);
    }

    /** {@return the variables to call another plugin with} */
    public Map<String, String> toVariables(CniCommand verb) {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("CNI_COMMAND", verb.name());
        put(variables, "CNI_CONTAINERID", containerId);
        variables.put("CNI_NETNS", netns);
        put(variables, "CNI_IFNAME", ifname);
        StringBuilder list = new StringBuilder();
        args.all().forEach((k, v) -> list.append(list.isEmpty() ? "" : ";").append(k + "=" + v));
        put(variables, "CNI_ARGS", list.toString());
        put(variables, "CNI_PATH", String.join(":", path));
        put(variables, "CNI_NETNS_OVERRIDE", netnsOverride ? "1" : "");
        put(variables, "TRACEPARENT", traceParent.orElse(""));
        put(variables, "TRACESTATE", traceState.orElse(""));
        return variables;
    }

    private static void put(Map<String, String> variables, String name, String value) {
        if (!value.isEmpty()) {
            variables.put(name, value);
        }
    }
}
