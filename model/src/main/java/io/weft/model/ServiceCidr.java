package io.weft.model;

import java.util.List;

/**
 * A networking.k8s.io/v1 ServiceCIDR: where virtual addresses of services come from. Traffic to an
 * address in it that no service has is dropped.
 *
 * @param cidrs one, or one of each family
 */
public record ServiceCidr(String name, List<Prefix> cidrs, Source source) implements Resource {
    public ServiceCidr {
        cidrs = List.copyOf(cidrs);
    }

    @Override
    public Ref ref() {
        return new Ref(Kind.SERVICE_CIDR, "", name);
    }
}
