package io.weft.cni;

import io.weft.model.Labels;
import io.weft.model.Mac;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The config that a plugin gets on stdin. Keys that it does not know are tolerated, and kept in
 * {@code raw}.
 *
 * @param name the network
 * @param type the plugin that the config is for: Weft, or another one that calls Weft for addresses
 * @param weft Weft's own keys, defaults when the config is another plugin's
 * @param args {@code args.cni}
 * @param dns what the result is to say, unless the runtime asks for something else
 * @param prevResult of the plugin before this one in a chain; of ADD when DEL or CHECK
 * @param validAttachments of GC; absent means that there are none
 * @param raw the whole object, for those who are called on
 */
public record NetworkConfig(
        String name,
        String type,
        CniVersion version,
        WeftSettings weft,
        IpamSettings ipam,
        RuntimeConfig runtime,
        ConfigArgs args,
        Optional<CniResult.Dns> dns,
        Optional<CniResult> prevResult,
        List<AttachmentId> validAttachments,
        Map<String, Object> raw) {
    private static final int SHOWN_PROBLEMS = 50;

    /**
     * {@code args.cni}: like {@link RuntimeConfig}, from older runtimes.
     *
     * @param labels from {@code [{"key":…,"value":…}]} or an object
     * @param ipamClaim {@code ipam-claim-reference}: an IPAMClaim of the pod's namespace
     */
    public record ConfigArgs(
            Labels labels, List<IpNet> ips, Optional<Mac> mac, Optional<String> ipamClaim) {
        public static final ConfigArgs EMPTY =
                new ConfigArgs(Labels.EMPTY, List.of(), Optional.empty(), Optional.empty());

        private static ConfigArgs read(Section in) {
            Map<String, String> labels = new LinkedHashMap<>();
            if (in.map().get("labels") instanceof Map<?, ?>) {
                labels.putAll(in.textMap("labels"));
            } else {
                for (Section label : in.sections("labels")) {
                    Optional<String> key = label.text("key");
                    if (key.isEmpty()) {
                        label.wrong("key", "missing: must be the label's key");
                    }
                    key.ifPresent(k -> labels.put(k, label.text("value").orElse("")));
                }
            }
            return new ConfigArgs(
                    Labels.of(labels),
                    in.values("ips", IpNet::tryParseAddress, "an address like 10.0.0.5/24"),
                    in.value("mac", Values::mac, "like 0a:58:0a:00:00:01"),
                    in.text("ipam-claim-reference"));
        }
    }

    /** Of a DEL without config: everything of the container's interface goes, in every network. */
    public static NetworkConfig absent() {
        return new NetworkConfig(
                "",
                "",
                CniVersion.LATEST,
                WeftSettings.DEFAULT,
                IpamSettings.ABSENT,
                RuntimeConfig.EMPTY,
                ConfigArgs.EMPTY,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Map.of());
    }

    /**
     * @param ours whether a plugin of this name is Weft
     * @param verb DEL takes what it can use of a config that is wrong
     * @throws CniException code 6 when it is no JSON object, 1 when its version is not spoken or
     *     too old for the verb, 7 with every problem
     */
    static NetworkConfig read(byte[] stdin, Predicate<String> ours, CniCommand verb) {
        Map<String, Object> raw;
        try {
            raw = Json.object(stdin);
        } catch (IOException e) {
            throw new CniException(
                    CniCode.BAD_JSON,
                    "stdin: not the JSON object of a network config: " + firstLine(e));
        }
        List<String> problems = new ArrayList<>();
        Section top = Section.of(raw, problems);
        CniVersion version = version(raw, verb);
        String name = top.text("name").orElse("");
        if (name.isEmpty()) {
            top.wrong("name", "missing: must be the network's name");
        } else if (!Values.isName(name)) {
            top.wrong("name", Values.shown(name) + ": must be " + Values.NAME_FORM);
        }
        String type = top.text("type").orElse("");
        if (type.isEmpty()) {
            top.wrong("type", "missing: must be the plugin's name");
        }
        Section ipamSection =
                top.section("ipam").orElseGet(() -> Section.of(Map.of(), new ArrayList<>()));
        IpamSettings ipam = IpamSettings.read(ipamSection, ours);
        boolean foreign = !ours.test(type) && ours.test(ipam.type());
        NetworkConfig config =
                new NetworkConfig(
                        name,
                        type,
                        version,
                        foreign
                                ? WeftSettings.DEFAULT
                                : WeftSettings.read(top, top.has("prevResult")),
                        ipam,
                        top.section("runtimeConfig")
                                .map(s -> RuntimeConfig.read(s, name))
                                .orElse(RuntimeConfig.EMPTY),
                        top.section("args")
                                .flatMap(s -> s.section("cni"))
                                .map(ConfigArgs::read)
                                .orElse(ConfigArgs.EMPTY),
                        ResultReader.dns(top).filter(d -> !d.equals(CniResult.Dns.EMPTY)),
                        top.section("prevResult").flatMap(s -> ResultReader.read(s, version)),
                        verb == CniCommand.GC ? attachments(top) : List.of(),
                        raw);
        if (!problems.isEmpty() && verb != CniCommand.DEL) {
            throw wrong(name, problems);
        }
        return config;
    }

    private static CniException wrong(String name, List<String> problems) {
        String network = name.isEmpty() ? "" : " of network " + Values.shown(name);
        if (problems.size() == 1) {
            return new CniException(
                    CniCode.BAD_CONFIG, "config" + network + ": " + problems.getFirst());
        }
        List<String> shown = problems.subList(0, Math.min(problems.size(), SHOWN_PROBLEMS));
        return new CniException(
                CniCode.BAD_CONFIG,
                "config"
                        + network
                        + ": "
                        + problems.size()
                        + " problems, first "
                        + shown.getFirst(),
                String.join("; ", shown));
    }

    private static CniVersion version(Map<String, Object> raw, CniCommand verb) {
        Object text = raw.getOrDefault("cniVersion", "");
        CniVersion version =
                CniVersion.tryParse(text.toString())
                        .orElseThrow(() ->
                                new CniException(
                                        CniCode.INCOMPATIBLE_VERSION,
                                        "cniVersion: "
                                                + (text.equals("")
                                                        ? "missing, which means '0.1.0'"
                                                        : Values.shown(text))
                                                + ": must be one of "
                                                + String.join(", ", CniVersion.texts())));
        if (!version.isAtLeast(verb.since())) {
            throw new CniException(
                    CniCode.INCOMPATIBLE_VERSION,
                    "cniVersion: '"
                            + version
                            + "': "
                            + verb
                            + " needs a config of "
                            + verb.since()
                            + " or later");
        }
        return version;
    }

    private static String firstLine(IOException e) {
        String message = String.valueOf(e.getMessage());
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }

    /** libcni before 1.3 sends the older key as well, and only that one reaches some plugins. */
    private static List<AttachmentId> attachments(Section top) {
        String key =
                top.has("cni.dev/valid-attachments")
                        ? "cni.dev/valid-attachments"
                        : "cni.dev/attachments";
        List<AttachmentId> ids = new ArrayList<>();
        for (Section s : top.sections(key)) {
            Optional<String> container = s.text("containerID");
            Optional<String> ifname = s.text("ifname");
            if (container.isEmpty()) {
                s.wrong("containerID", "missing: must be a container's id");
            }
            if (ifname.isEmpty()) {
                s.wrong("ifname", "missing: must be an interface's name");
            }
            if (container.isPresent() && ifname.isPresent()) {
                ids.add(new AttachmentId(container.get(), ifname.get()));
            }
        }
        return List.copyOf(ids);
    }

    /** {@return the same with a result before it} */
    NetworkConfig behind(CniResult made) {
        return new NetworkConfig(
                name,
                type,
                version,
                weft,
                ipam,
                runtime,
                args,
                dns,
                Optional.of(made),
                validAttachments,
                raw);
    }

    /** {@return the whole config for the plugin in {@code ipam}, as this one got it} */
    public byte[] forIpam() {
        return Json.write(raw);
    }

    /**
     * {@return the config of {@code weft.delegate} with what a runtime would add: name, version,
     * arguments, and the result that it had when it comes to DEL or CHECK}
     */
    public byte[] forDelegate() {
        Map<String, Object> config =
                new LinkedHashMap<>(weft.delegate().orElse(Collections.emptyMap()));
        config.put("name", name);
        config.put("cniVersion", version.text());
        for (String key :
                List.of(
                        "runtimeConfig",
                        "args",
                        "prevResult",
                        "cni.dev/valid-attachments",
                        "cni.dev/attachments")) {
            if (raw.containsKey(key)) {
                config.putIfAbsent(key, raw.get(key));
            }
        }
        return Json.write(config);
    }

    /**
     * {@return {@code config}, a delegate's or the whole one, with another result before it}
     *
     * @throws CniException code 6
     */
    public byte[] withPrevResult(byte[] config, CniResult result) {
        try {
            Map<String, Object> changed = new LinkedHashMap<>(Json.object(config));
            changed.put("prevResult", result.toMap(version));
            return Json.write(changed);
        } catch (IOException e) {
            throw new CniException(CniCode.BAD_JSON, "config: " + firstLine(e));
        }
    }
}
