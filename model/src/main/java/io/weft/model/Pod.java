package io.weft.model;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A workload with one network namespace.
 *
 * @param ips at most one of each family; empty until assigned
 * @param ports of all containers, in order
 * @param containers what to run; empty for pods that only stand in a world file
 * @param hostNetwork shares the node's namespace: such a pod is node traffic, not a policy subject
 * @param finished phase Succeeded or Failed: it no longer counts for policy
 * @param terminating asked to stop, and still running: it counts for policy until it is gone
 * @param node the node that it runs on
 * @param hostIps addresses of that node, as {@code status.hostIPs} gives them
 * @param audit whether traffic that its policies deny goes on all the same and is told of, as its
 *     annotation {@code weft.io/audit} says; empty: as its namespace says
 * @param ready whether services may send it connections
 * @param naming how it is called, and how it asks for names
 * @param bandwidth as its annotations say, or who made its interface
 * @param hostPorts of all containers, in order: where its node leads connections to it
 * @param addressing how it comes by its addresses
 */
public record Pod(
        Ref ref,
        Labels labels,
        List<Ip> ips,
        List<ContainerPort> ports,
        List<Container> containers,
        boolean hostNetwork,
        boolean finished,
        boolean terminating,
        Optional<String> node,
        List<Ip> hostIps,
        Optional<Boolean> audit,
        boolean ready,
        Naming naming,
        Bandwidth bandwidth,
        List<HostPort> hostPorts,
        Addressing addressing,
        Source source)
        implements Resource {

    /**
     * @param name empty when the port has none
     * @param number 1–65535
     */
    public record ContainerPort(String name, Protocol protocol, int number) {}

    /**
     * A port of the node that leads to one of the pod.
     *
     * @param ip the address of the node; empty: every one; {@code 0.0.0.0} or {@code ::}: every one
     *     of this family
     * @param number 1–65535
     * @param target the pod's own port
     */
    public record HostPort(Optional<Ip> ip, int number, Protocol protocol, int target) {
        /** {@return whether it is one at an address of this family} */
        public boolean isOf(boolean v4) {
            return ip.isEmpty() || ip.get().isV4() == v4;
        }

        /** {@return whether it is one at every address of its family} */
        public boolean isEverywhere() {
            return ip.isEmpty() || ip.get().isUnspecified();
        }

        /** {@return whether no two pods can have both} */
        public boolean collidesWith(HostPort other) {
            return number == other.number
                    && protocol == other.protocol
                    && ((isOf(true) && other.isOf(true)) || (isOf(false) && other.isOf(false)))
                    && (isEverywhere() || other.isEverywhere() || ip.equals(other.ip));
        }

        /** {@return {@code 8080/tcp}, {@code 10.0.0.1:8080/tcp}} */
        @Override
        public String toString() {
            String port = number + "/" + protocol.name().toLowerCase(Locale.ROOT);
            return ip.map(a -> (a.isV4() ? a.toString() : "[" + a + "]") + ":").orElse("") + port;
        }
    }

    /**
     * @param command program and arguments, run with the host's programs; never empty
     */
    public record Container(
            String name,
            List<String> command,
            Map<String, String> environment,
            Optional<Probe> readiness) {}

    /** A readiness probe: ready when a TCP connection to {@code port} opens. */
    public record Probe(int port, Duration period, Duration timeout) {}

    /**
     * Names.
     *
     * @param hostname its DNS label; empty: the pod's name
     * @param subdomain the headless service whose domain it has; empty: none
     * @param policy {@code dnsPolicy}
     * @param nameservers {@code dnsConfig}: more name servers
     * @param searches {@code dnsConfig}: more domains to search
     * @param options {@code dnsConfig}: as in resolv.conf, {@code ndots:2}
     * @param serviceLinks whether services are in its environment
     */
    public record Naming(
            String hostname,
            String subdomain,
            DnsPolicy policy,
            List<Ip> nameservers,
            List<String> searches,
            List<String> options,
            boolean serviceLinks) {
        /** What a manifest means that says nothing. */
        public static final Naming DEFAULT =
                new Naming("", "", DnsPolicy.CLUSTER_FIRST, List.of(), List.of(), List.of(), true);

        public Naming {
            nameservers = List.copyOf(nameservers);
            searches = List.copyOf(searches);
            options = List.copyOf(options);
        }
    }

    /**
     * How a pod comes by its addresses, as its annotations say.
     *
     * @param pools names, as {@code weft.io/ip-pool} lists them: the first that has a free address;
     *     empty: as its namespace says
     * @param sticky whether its addresses are kept for the next pod of its name
     * @param claims that keep those of some of its interfaces
     */
    public record Addressing(List<String> pools, boolean sticky, List<ClaimReference> claims) {
        /** What a manifest means that says nothing. */
        public static final Addressing DEFAULT = new Addressing(List.of(), false, List.of());

        public Addressing {
            pools = List.copyOf(pools);
            claims = List.copyOf(claims);
        }
    }

    /**
     * The claim of one interface, as {@code k8s.v1.cni.cncf.io/networks} names it.
     *
     * @param ifname empty: every interface in that network
     * @param claim an {@link IpamClaim} of the pod's namespace
     */
    public record ClaimReference(String network, Optional<String> ifname, String claim) {
        public boolean isOf(String itsNetwork, String itsIfname) {
            return network.equals(itsNetwork) && ifname.orElse(itsIfname).equals(itsIfname);
        }
    }

    /** {@code dnsPolicy}; ClusterFirstWithHostNet is CLUSTER_FIRST. */
    public enum DnsPolicy {
        CLUSTER_FIRST,
        /** As its node. */
        DEFAULT,
        /** Only what {@code dnsConfig} says. */
        NONE
    }

    public Pod {
        ips = List.copyOf(ips);
        ports = List.copyOf(ports);
        containers = List.copyOf(containers);
        hostIps = List.copyOf(hostIps);
        hostPorts = List.copyOf(hostPorts);
    }

    /** Makes a pod without bandwidth, host ports and wishes about addresses. */
    public Pod(
            Ref ref,
            Labels labels,
            List<Ip> ips,
            List<ContainerPort> ports,
            List<Container> containers,
            boolean hostNetwork,
            boolean finished,
            boolean terminating,
            Optional<String> node,
            List<Ip> hostIps,
            Optional<Boolean> audit,
            boolean ready,
            Naming naming,
            Source source) {
        this(
                ref,
                labels,
                ips,
                ports,
                containers,
                hostNetwork,
                finished,
                terminating,
                node,
                hostIps,
                audit,
                ready,
                naming,
                Bandwidth.UNLIMITED,
                List.of(),
                Addressing.DEFAULT,
                source);
    }

    /** Makes a pod that is on no node yet. */
    public Pod(
            Ref ref,
            Labels labels,
            List<Ip> ips,
            List<ContainerPort> ports,
            List<Container> containers,
            boolean hostNetwork,
            boolean finished,
            Source source) {
        this(
                ref,
                labels,
                ips,
                ports,
                containers,
                hostNetwork,
                finished,
                false,
                Optional.empty(),
                List.of(),
                Optional.empty(),
                true,
                Naming.DEFAULT,
                source);
    }

    public String namespace() {
        return ref.namespace();
    }

    public String name() {
        return ref.name();
    }

    public Pod withIps(List<Ip> changed) {
        return new Pod(
                ref,
                labels,
                changed,
                ports,
                containers,
                hostNetwork,
                finished,
                terminating,
                node,
                hostIps,
                audit,
                ready,
                naming,
                bandwidth,
                hostPorts,
                addressing,
                source);
    }

    public Pod withLabels(Labels changed) {
        return new Pod(
                ref,
                changed,
                ips,
                ports,
                containers,
                hostNetwork,
                finished,
                terminating,
                node,
                hostIps,
                audit,
                ready,
                naming,
                bandwidth,
                hostPorts,
                addressing,
                source);
    }

    public Pod withAudit(Optional<Boolean> changed) {
        return new Pod(
                ref,
                labels,
                ips,
                ports,
                containers,
                hostNetwork,
                finished,
                terminating,
                node,
                hostIps,
                changed,
                ready,
                naming,
                bandwidth,
                hostPorts,
                addressing,
                source);
    }

    public Pod withReady(boolean changed) {
        return new Pod(
                ref,
                labels,
                ips,
                ports,
                containers,
                hostNetwork,
                finished,
                terminating,
                node,
                hostIps,
                audit,
                changed,
                naming,
                bandwidth,
                hostPorts,
                addressing,
                source);
    }

    public Pod withBandwidth(Bandwidth changed) {
        return new Pod(
                ref,
                labels,
                ips,
                ports,
                containers,
                hostNetwork,
                finished,
                terminating,
                node,
                hostIps,
                audit,
                ready,
                naming,
                changed,
                hostPorts,
                addressing,
                source);
    }

    public Pod withHostPorts(List<HostPort> changed) {
        return new Pod(
                ref,
                labels,
                ips,
                ports,
                containers,
                hostNetwork,
                finished,
                terminating,
                node,
                hostIps,
                audit,
                ready,
                naming,
                bandwidth,
                changed,
                addressing,
                source);
    }

    public Pod withAddressing(Addressing changed) {
        return new Pod(
                ref,
                labels,
                ips,
                ports,
                containers,
                hostNetwork,
                finished,
                terminating,
                node,
                hostIps,
                audit,
                ready,
                naming,
                bandwidth,
                hostPorts,
                changed,
                source);
    }

    /** {@return whether policy counts this pod, as subject and as peer} */
    public boolean counts() {
        return !hostNetwork && !finished;
    }

    /** {@return the number of the port with this name and protocol} */
    public OptionalInt namedPort(String name, Protocol protocol) {
        for (ContainerPort port : ports) {
            if (port.protocol() == protocol && port.name().equals(name)) {
                return OptionalInt.of(port.number());
            }
        }
        return OptionalInt.empty();
    }
}
