package io.weft.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads networking.k8s.io/v1 ServiceCIDR. */
final class ServiceCidrReader {
    private ServiceCidrReader() {}

    static ServiceCidr read(Field root, ObjectMeta meta) {
        root.only(Set.of("apiVersion", "kind", "metadata", "spec", "status"));
        Field spec = root.object("spec");
        spec.only(Set.of("cidrs"));
        List<Field> items = spec.items("cidrs");
        List<Prefix> cidrs = new ArrayList<>();
        if (items.isEmpty()) {
            spec.missing("cidrs", "at least one CIDR required");
        }
        if (items.size() > 2) {
            spec.child("cidrs").ifPresent(f -> f.invalid("may only hold up to 2 values"));
            items = List.of();
        }
        items.forEach(item -> item.cidr().ifPresent(cidrs::add));
        if (cidrs.size() == 2 && cidrs.getFirst().isV4() == cidrs.getLast().isV4()) {
            spec.child("cidrs")
                    .ifPresent(f ->
                            f.invalid(
                                    "may specify no more than one IP for each IP family, i.e"
                                            + " 192.168.0.0/24 and 2001:db8::/64"));
        }
        return new ServiceCidr(meta.name(), cidrs, root.source());
    }
}
