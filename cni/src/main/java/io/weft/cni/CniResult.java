package io.weft.cni;

import io.weft.model.Ip;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The result of ADD, in no version: {@link #toJson} gives it the shape of one, {@link #parse} reads
 * any. What a version has no key for is left out.
 */
public record CniResult(
        List<Interface> interfaces, List<Address> ips, List<Route> routes, Dns dns) {
    public static final CniResult EMPTY = new CniResult(List.of(), List.of(), List.of(), Dns.EMPTY);

    public CniResult {
        interfaces = List.copyOf(interfaces);
        ips = List.copyOf(ips);
        routes = List.copyOf(routes);
    }

    /**
     * An interface that ADD made or the container has; texts are empty when not said.
     *
     * @param mtu bytes, since 1.1.0
     * @param sandbox the namespace's path; empty: on the host
     * @param socketPath since 1.1.0
     * @param pciId since 1.1.0
     */
    public record Interface(
            String name,
            String mac,
            OptionalInt mtu,
            String sandbox,
            String socketPath,
            String pciId) {
        public static Interface onHost(String name, String mac, int mtu) {
            return new Interface(name, mac, OptionalInt.of(mtu), "", "", "");
        }

        public static Interface inSandbox(String name, String mac, int mtu, String sandbox) {
            return new Interface(name, mac, OptionalInt.of(mtu), sandbox, "", "");
        }
    }

    /**
     * @param interfaceIndex into {@link CniResult#interfaces}; nothing in a result of IPAM
     */
    public record Address(IpNet address, Optional<Ip> gateway, OptionalInt interfaceIndex) {}

    /** A route in the container; all numbers since 1.1.0. */
    public record Route(
            IpNet destination,
            Optional<Ip> gateway,
            OptionalInt mtu,
            OptionalInt advmss,
            OptionalInt priority,
            OptionalInt table,
            OptionalInt scope) {
        public static Route via(IpNet destination, Optional<Ip> gateway) {
            return new Route(
                    destination,
                    gateway,
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    OptionalInt.empty());
        }
    }

    /**
     * @param domain empty when not said
     */
    public record Dns(
            List<String> nameservers, String domain, List<String> search, List<String> options) {
        public static final Dns EMPTY = new Dns(List.of(), "", List.of(), List.of());

        public Dns {
            nameservers = List.copyOf(nameservers);
            search = List.copyOf(search);
            options = List.copyOf(options);
        }
    }

    /** {@return the result of an IPAM plugin: addresses of no interface} */
    public static CniResult ofIpam(List<Address> ips, List<Route> routes, Dns dns) {
        return new CniResult(
                List.of(),
                ips.stream()
                        .map(a -> new Address(a.address(), a.gateway(), OptionalInt.empty()))
                        .toList(),
                routes,
                dns);
    }

    public Map<String, Object> toMap(CniVersion version) {
        return ResultWriter.write(this, version);
    }

    public String toJson(CniVersion version) {
        return Json.text(toMap(version));
    }

    /**
     * @param fallback the version of a result that does not say its own: the config's
     * @throws CniException code 6 or 7, with every problem
     */
    public static CniResult parse(String json, CniVersion fallback) {
        List<String> problems = new ArrayList<>();
        Optional<CniResult> result;
        try {
            result =
                    ResultReader.read(
                            Section.of(
                                    Json.object(json.getBytes(StandardCharsets.UTF_8)), problems),
                            fallback);
        } catch (IOException e) {
            throw new CniException(
                    CniCode.BAD_JSON, "result: not a JSON object: " + e.getMessage());
        }
        if (!problems.isEmpty() || result.isEmpty()) {
            throw new CniException(CniCode.BAD_CONFIG, "result: " + String.join("; ", problems));
        }
        return result.get();
    }
}
