package io.weft.lab;

import java.util.Map;

/** What paths are called in figures: short, and the same in every experiment. */
final class Subjects {
    private static final Map<String, String> SHORT =
            Map.of(
                    "bare veth", "veth",
                    "bridge + docker-like iptables", "bridge-iptables",
                    "routed + iptables", "routed-iptables");

    private Subjects() {}

    /** {@return the subject of a path's figures} */
    static String of(String path) {
        return SHORT.getOrDefault(path, path);
    }
}
