package io.weft.cni;

import io.weft.model.Ip;
import io.weft.model.Mac;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * CNI_ARGS: {@code K=V;K=V}, deprecated, but how Kubernetes' runtimes say which pod it is. Keys
 * that Weft does not know are ignored, whether {@code IgnoreUnknown} is there or not.
 *
 * @param all in their order; the last of equal keys counts
 */
public record CniArgs(Map<String, String> all) {
    public static final CniArgs EMPTY = new CniArgs(Map.of());

    public CniArgs {
        all = Collections.unmodifiableMap(new LinkedHashMap<>(all));
    }

    /**
     * Reads CNI_ARGS.
     *
     * @param problems takes what is wrong, naming the variable and the key
     */
    static CniArgs read(String text, List<String> problems) {
        Map<String, String> all = new LinkedHashMap<>();
        for (String pair : text.split(";", -1)) {
            if (pair.isEmpty()) {
                continue; // as a trailing semicolon makes
            }
            int equals = pair.indexOf('=');
            if (equals <= 0) {
                problems.add("CNI_ARGS: '" + pair + "' is not KEY=VALUE");
            } else {
                all.put(pair.substring(0, equals), pair.substring(equals + 1));
            }
        }
        CniArgs args = new CniArgs(all);
        args.get("IP")
                .filter(ip -> args.ips().isEmpty())
                .ifPresent(ip ->
                        problems.add(
                                "CNI_ARGS: IP '"
                                        + ip
                                        + "' is not ADDRESS or ADDRESS/LENGTH"
                                        + " (several: with commas)"));
        args.get("MAC")
                .filter(mac -> args.mac().isEmpty())
                .ifPresent(mac ->
                        problems.add("CNI_ARGS: MAC '" + mac + "' is not like 0a:58:0a:00:00:01"));
        return args;
    }

    /** {@return the value, or nothing when it is absent or empty} */
    public Optional<String> get(String key) {
        return Optional.ofNullable(all.get(key)).filter(v -> !v.isEmpty());
    }

    public Optional<String> podNamespace() {
        return get("K8S_POD_NAMESPACE");
    }

    public Optional<String> podName() {
        return get("K8S_POD_NAME");
    }

    public Optional<String> podInfraContainerId() {
        return get("K8S_POD_INFRA_CONTAINER_ID");
    }

    public Optional<String> podUid() {
        return get("K8S_POD_UID");
    }

    /** {@return addresses asked for by {@code IP}; none when one of them is wrong} */
    public List<IpNet> ips() {
        List<IpNet> ips = new ArrayList<>();
        for (String ip : get("IP").map(v -> v.split(",", -1)).orElse(new String[0])) {
            Optional<IpNet> parsed = IpNet.tryParseAddress(ip);
            if (parsed.isEmpty()) {
                return List.of();
            }
            ips.add(parsed.get());
        }
        return List.copyOf(ips);
    }

    public Optional<Ip> gateway() {
        return get("GATEWAY").flatMap(Ip::tryParse);
    }

    public Optional<Mac> mac() {
        return get("MAC").flatMap(Values::mac);
    }
}
