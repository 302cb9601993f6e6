package io.weft.cni;

import io.weft.model.Ip;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads a result of any version from 0.3.0 on. */
final class ResultReader {
    private ResultReader() {}

    /** {@return nothing when its version is none of those, which is a problem then} */
    static Optional<CniResult> read(Section in, CniVersion fallback) {
        Optional<CniVersion> version =
                in.has("cniVersion")
                        ? in.value(
                                "cniVersion",
                                CniVersion::tryParse,
                                "one of " + String.join(", ", CniVersion.texts()))
                        : Optional.of(fallback);
        if (version.isEmpty()) {
            return Optional.empty();
        }
        List<CniResult.Interface> interfaces = new ArrayList<>();
        for (Section s : in.sections("interfaces")) {
            interfaces.add(
                    new CniResult.Interface(
                            s.text("name").orElse(""),
                            s.text("mac").orElse(""),
                            s.integer("mtu", 0, Integer.MAX_VALUE),
                            s.text("sandbox").orElse(""),
                            s.text("socketPath").orElse(""),
                            s.text("pciID").orElse("")));
        }
        List<CniResult.Address> ips = new ArrayList<>();
        for (Section s : in.sections("ips")) {
            address(s, interfaces.size()).ifPresent(ips::add);
        }
        List<CniResult.Route> routes = routes(in);
        CniResult.Dns dns = dns(in).orElse(CniResult.Dns.EMPTY);
        return Optional.of(new CniResult(interfaces, ips, routes, dns));
    }

    /** {@return the section {@code dns} of a result or a config} */
    static Optional<CniResult.Dns> dns(Section in) {
        return in.section("dns")
                .map(s ->
                        new CniResult.Dns(
                                s.texts("nameservers"),
                                s.text("domain").orElse(""),
                                s.texts("search"),
                                s.texts("options")));
    }

    private static Optional<CniResult.Address> address(Section in, int interfaces) {
        Optional<IpNet> address =
                in.value("address", IpNet::tryParse, "an address and length like 10.0.0.5/24");
        if (!in.has("address")) {
            in.wrong("address", "missing: must be an address and length like 10.0.0.5/24");
        }
        OptionalInt index = in.integer("interface", 0, Integer.MAX_VALUE);
        if (index.isPresent() && index.getAsInt() >= interfaces && interfaces > 0) {
            in.wrong(
                    "interface",
                    index.getAsInt() + ": must be an index into the " + interfaces + " interfaces");
        }
        Optional<Ip> gateway = in.value("gateway", Ip::tryParse, "an address");
        return address.map(a -> new CniResult.Address(a, gateway, index));
    }

    /** {@return the list {@code routes} of a result or of {@code ipam}} */
    static List<CniResult.Route> routes(Section in) {
        List<CniResult.Route> routes = new ArrayList<>();
        for (Section s : in.sections("routes")) {
            route(s).ifPresent(routes::add);
        }
        return List.copyOf(routes);
    }

    private static Optional<CniResult.Route> route(Section in) {
        Optional<IpNet> destination =
                in.value("dst", IpNet::tryParse, "a network like 10.0.0.0/24");
        if (!in.has("dst")) {
            in.wrong("dst", "missing: must be a network like 10.0.0.0/24");
        }
        Optional<Ip> gateway = in.value("gw", Ip::tryParse, "an address");
        int max = Integer.MAX_VALUE;
        return destination.map(d ->
                new CniResult.Route(
                        d,
                        gateway,
                        in.integer("mtu", 0, max),
                        in.integer("advmss", 0, max),
                        in.integer("priority", 0, max),
                        in.integer("table", 0, max),
                        in.integer("scope", 0, 255)));
    }
}
