package io.weft.cni;

import io.weft.model.Ip;
import io.weft.model.Mac;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the runtime asks for this one attachment, by the capabilities that the config declares
 * (CONVENTIONS.md of containernetworking/cni).
 *
 * @param ips addresses asked for; one without a length has that of its family
 * @param aliases more names for the container
 * @param cgroupPath empty when not said
 */
public record RuntimeConfig(
        List<PortMapping> portMappings,
        Optional<Bandwidth> bandwidth,
        List<List<IpRange>> ipRanges,
        List<IpNet> ips,
        Optional<Mac> mac,
        Optional<Dns> dns,
        List<String> aliases,
        String cgroupPath) {
    /** What a runtime that asks for nothing asks for. */
    public static final RuntimeConfig EMPTY =
            new RuntimeConfig(
                    List.of(),
                    Optional.empty(),
                    List.of(),
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    "");

    /** Capabilities that Weft serves, as a conflist declares them. */
    public static final List<String> CAPABILITIES =
            List.of("portMappings", "bandwidth", "ipRanges", "ips", "mac", "dns", "aliases");

    /** IP protocols that a port can be of. */
    public enum Transport {
        TCP,
        UDP,
        SCTP;

        static Optional<Transport> tryParse(String text) {
            for (Transport transport : values()) {
                if (transport.name().equals(text.toUpperCase(Locale.ROOT))) {
                    return Optional.of(transport);
                }
            }
            return Optional.empty();
        }
    }

    /**
     * @param hostIp the node's address that it is at; nothing means all of both families
     */
    public record PortMapping(
            int hostPort, int containerPort, Transport protocol, Optional<Ip> hostIp) {}

    /**
     * Limits as seen by the container: ingress is what it receives. 0 means none.
     *
     * @param ingressRate bits per second
     * @param ingressBurst bits; 0 with a rate lets the plugin choose
     */
    public record Bandwidth(
            long ingressRate, long ingressBurst, long egressRate, long egressBurst) {}

    /**
     * A part of a pool that addresses may come from.
     *
     * @param start first address that may be given
     * @param end last address that may be given
     */
    public record IpRange(
            IpNet subnet, Optional<Ip> start, Optional<Ip> end, Optional<Ip> gateway) {}

    public record Dns(List<String> servers, List<String> searches, List<String> options) {}

    private static final long MAX_RATE = 1L << 50; // bit/s, a petabit

    /** Reads {@code runtimeConfig}; {@code network} chooses among aliases by network. */
    static RuntimeConfig read(Section in, String network) {
        List<PortMapping> ports = new ArrayList<>();
        in.sections("portMappings").forEach(s -> port(s).ifPresent(ports::add));
        List<List<IpRange>> ranges = new ArrayList<>();
        for (List<Section> set : in.sectionLists("ipRanges")) {
            List<IpRange> read = new ArrayList<>();
            set.forEach(s -> range(s).ifPresent(read::add));
            ranges.add(List.copyOf(read));
        }
        return new RuntimeConfig(
                List.copyOf(ports),
                in.section("bandwidth").map(RuntimeConfig::bandwidth),
                List.copyOf(ranges),
                in.values("ips", IpNet::tryParseAddress, "an address like 10.0.0.5/24"),
                in.value("mac", Values::mac, "like 0a:58:0a:00:00:01"),
                in.section("dns")
                        .map(s ->
                                new Dns(
                                        s.texts("servers"),
                                        s.texts("searches"),
                                        s.texts("options"))),
                aliases(in, network),
                in.text("cgroupPath").orElse(""));
    }

    /** A list, or as podman has it an object of lists by network. */
    private static List<String> aliases(Section in, String network) {
        if (in.map().get("aliases") instanceof Map<?, ?>) {
            return in.section("aliases").map(s -> s.texts(network)).orElse(List.of());
        }
        return in.texts("aliases");
    }

    /** {@return nothing when it is wrong, or asks for no port of the host} */
    private static Optional<PortMapping> port(Section in) {
        int before = in.problems().size();
        int host = in.integer("hostPort", 0, 65535).orElse(0);
        int container = in.integer("containerPort", 1, 65535).orElse(0);
        Transport protocol =
                in.value("protocol", Transport::tryParse, "tcp, udp or sctp").orElse(Transport.TCP);
        Optional<Ip> hostIp = in.value("hostIP", Ip::tryParse, "an address");
        if (!in.has("containerPort")) {
            in.wrong("containerPort", "missing: must be a port from 1 to 65535");
        }
        boolean any =
                hostIp.filter(ip -> ip.equals(Ip.v4(0)) || ip.equals(new Ip(0, 0))).isPresent();
        return in.problems().size() > before || host == 0
                ? Optional.empty()
                : Optional.of(
                        new PortMapping(
                                host, container, protocol, any ? Optional.empty() : hostIp));
    }

    private static Bandwidth bandwidth(Section in) {
        return new Bandwidth(
                rate(in, "ingressRate"),
                rate(in, "ingressBurst"),
                rate(in, "egressRate"),
                rate(in, "egressBurst"));
    }

    private static long rate(Section in, String key) {
        OptionalLong rate = in.number(key, 0, MAX_RATE);
        return rate.orElse(0);
    }

    /** Also read in the section {@code ipam}. */
    static Optional<IpRange> range(Section in) {
        Optional<IpNet> subnet = in.value("subnet", IpNet::tryParse, "a network like 10.0.0.0/24");
        Optional<Ip> start = inside(in, "rangeStart", subnet);
        Optional<Ip> end = inside(in, "rangeEnd", subnet);
        Optional<Ip> gateway = in.value("gateway", Ip::tryParse, "an address");
        if (!in.has("subnet")) {
            in.wrong("subnet", "missing: must be a network like 10.0.0.0/24");
        }
        if (start.isPresent() && end.isPresent() && start.get().compareTo(end.get()) > 0) {
            in.wrong("rangeEnd", end.get() + ": must not be before rangeStart, " + start.get());
        }
        return subnet.map(s -> new IpRange(s, start, end, gateway));
    }

    private static Optional<Ip> inside(Section in, String key, Optional<IpNet> subnet) {
        Optional<Ip> ip = in.value(key, Ip::tryParse, "an address");
        if (ip.isPresent() && subnet.isPresent() && !subnet.get().prefix().contains(ip.get())) {
            in.wrong(key, ip.get() + ": must be in " + subnet.get());
        }
        return ip;
    }
}
