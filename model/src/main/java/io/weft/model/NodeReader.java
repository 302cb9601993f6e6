package io.weft.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads v1 Node. What its spec and status say besides addresses changes nothing here. */
final class NodeReader {
    private static final List<String> TYPES =
            List.of("InternalIP", "ExternalIP", "Hostname", "InternalDNS", "ExternalDNS");

    private NodeReader() {}

    static Node read(Field root, ObjectMeta meta) {
        root.only(Set.of("apiVersion", "kind", "metadata", "spec", "status"));
        List<Ip> addresses = new ArrayList<>();
        for (Field item : root.object("status").objects("addresses")) {
            item.only(Set.of("type", "address"));
            String type = item.requiredText("type", "for example InternalIP", Names::any);
            String text = item.requiredText("address", "", Names::any);
            if (!type.isEmpty() && !TYPES.contains(type)) {
                item.child("type").ifPresent(f -> f.unsupported(TYPES));
            } else if (type.endsWith("IP") && !text.isEmpty()) {
                item.child("address")
                        .flatMap(f -> f.text(PodReader::notIp))
                        .flatMap(Ip::tryParse)
                        .filter(ip -> !addresses.contains(ip))
                        .ifPresent(addresses::add);
            }
        }
        return new Node(meta.name(), meta.labels(), addresses, root.source());
    }
}
