package io.weft.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads v1 Node: its addresses and those of its pods. */
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
        return new Node(
                meta.name(),
                meta.labels(),
                addresses,
                podCidrs(root.object("spec")),
                root.source());
    }

    private static List<Prefix> podCidrs(Field spec) {
        List<Prefix> cidrs = new ArrayList<>();
        List<Field> items = spec.items("podCIDRs");
        items.forEach(item -> item.cidr().ifPresent(cidrs::add));
        boolean twice = cidrs.size() == 2 && cidrs.getFirst().isV4() == cidrs.getLast().isV4();
        if (items.size() > 2 || twice) {
            spec.child("podCIDRs")
                    .ifPresent(
                            f -> f.invalid("may specify no more than one CIDR for each IP family"));
        }
        Optional<Prefix> first =
                spec.child("podCIDR")
                        .filter(f -> spec.filled("podCIDR").isPresent())
                        .flatMap(Field::cidr);
        if (items.isEmpty()) {
            first.ifPresent(cidrs::add);
        } else if (first.isPresent() && !cidrs.isEmpty() && !first.get().equals(cidrs.getFirst())) {
            spec.child("podCIDR")
                    .ifPresent(f -> f.invalid("must be equal to podCIDRs[0]: " + cidrs.getFirst()));
        }
        return cidrs;
    }
}
