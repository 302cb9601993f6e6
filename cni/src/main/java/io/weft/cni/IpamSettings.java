package io.weft.cni;

import io.weft.cni.RuntimeConfig.IpRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The section {@code ipam}. Of another plugin's only {@code type} is read: that plugin judges the
 * rest.
 *
 * @param type the plugin; empty when the section or its type is absent
 * @param pool where Weft's addresses come from
 * @param addresses asked for by the config: {@code addresses} and {@code ips}
 * @param ranges {@code ranges}, as host-local has them, a set for each address; or one range as
 *     keys of the section itself
 * @param routes over the container's interface, in place of a default route
 */
public record IpamSettings(
        String type,
        Optional<String> pool,
        List<IpNet> addresses,
        List<List<IpRange>> ranges,
        List<CniResult.Route> routes) {
    /** Of a config without the section. */
    public static final IpamSettings ABSENT =
            new IpamSettings("", Optional.empty(), List.of(), List.of(), List.of());

    /**
     * @param ours whether a plugin of this name is Weft
     */
    static IpamSettings read(Section in, Predicate<String> ours) {
        String type = in.text("type").orElse("");
        if (type.contains("/")) {
            in.wrong("type", Values.shown(type) + ": must be a plugin's name, not a path");
        }
        if (!type.isEmpty() && !ours.test(type)) {
            return new IpamSettings(type, Optional.empty(), List.of(), List.of(), List.of());
        }
        List<IpNet> addresses =
                new ArrayList<>(
                        in.values(
                                "addresses",
                                IpNet::tryParseAddress,
                                "an address like 10.0.0.5/24"));
        addresses.addAll(in.values("ips", IpNet::tryParseAddress, "an address like 10.0.0.5/24"));
        List<List<IpRange>> ranges = new ArrayList<>();
        for (List<Section> set : in.sectionLists("ranges")) {
            List<IpRange> read = new ArrayList<>();
            set.forEach(s -> RuntimeConfig.range(s).ifPresent(read::add));
            ranges.add(List.copyOf(read));
        }
        if (in.has("subnet")) { // host-local's older form: one range, without a list
            RuntimeConfig.range(in).ifPresent(range -> ranges.add(List.of(range)));
        }
        return new IpamSettings(
                type,
                in.text("pool"),
                List.copyOf(addresses),
                List.copyOf(ranges),
                ResultReader.routes(in));
    }
}
