package io.weft.agent;

import io.weft.cni.CniRequest;
import io.weft.cni.CniResult;
import io.weft.cni.IpNet;
import io.weft.dns.ResolvConf;
import io.weft.model.Ip;
import io.weft.netlink.HardwareAddress;
import io.weft.netlink.Link;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.Netlink;
import io.weft.netlink.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** What ADD answers. */
final class CniResults {
    private static final int DEFAULT_MTU = 1500; // of a veth
    private static final int CONTAINER = 1; // index of its interface in the result

    private CniResults() {}

    /**
     * {@return the result of an interface that was made}
     *
     * @param ipam of another plugin, whose addresses these are; its DNS goes along
     */
    static CniResult of(
            CniRequest request,
            Attachment attachment,
            Endpoint endpoint,
            Node node,
            InnerNetwork network,
            Optional<CniResult> ipam,
            Place place) {
        int mtu = attachment.mtu() == 0 ? DEFAULT_MTU : attachment.mtu();
        List<CniResult.Interface> interfaces = new ArrayList<>();
        interfaces.add(
                CniResult.Interface.onHost(
                        endpoint.hostInterface(), endpoint.gateway().toString(), mtu));
        interfaces.add(
                CniResult.Interface.inSandbox(
                        endpoint.podInterface(),
                        endpoint.mac().toString(),
                        mtu,
                        attachment.namespace()));
        if (place instanceof BridgePlace port) {
            interfaces.add(bridge(port.bridge().name(), node)); // last: indexes stay
        }
        if (place instanceof TapPlace) { // the pair's inner end
            interfaces.add(
                    CniResult.Interface.inSandbox(
                            endpoint.hostInterface(),
                            endpoint.mac().toString(),
                            mtu,
                            attachment.namespace()));
        }
        CniResult.Dns dns = saidDns(request, ipam).orElseGet(() -> dns(node, attachment));
        return new CniResult(interfaces, at(CONTAINER, network), network.routes(), dns);
    }

    /** {@return DNS as somebody says: the runtime, else the config, else who gave the addresses} */
    private static Optional<CniResult.Dns> saidDns(CniRequest request, Optional<CniResult> ipam) {
        return request.config()
                .runtime()
                .dns()
                .map(d -> new CniResult.Dns(d.servers(), "", d.searches(), d.options()))
                .or(() -> request.config().dns())
                .or(() -> ipam.map(CniResult::dns).filter(d -> !d.nameservers().isEmpty()));
    }

    /** {@return the result of an interface that is past the node, whose DNS it may not reach} */
    static CniResult ofMacvlan(
            CniRequest request,
            Attachment attachment,
            Link link,
            InnerNetwork network,
            Optional<CniResult> ipam) {
        return new CniResult(
                List.of(
                        CniResult.Interface.inSandbox(
                                link.name(),
                                link.mac().map(HardwareAddress::toString).orElse(""),
                                link.mtu(),
                                attachment.namespace())),
                at(0, network),
                network.routes(),
                saidDns(request, ipam).orElse(CniResult.Dns.EMPTY));
    }

    private static List<CniResult.Address> at(int interfaceIndex, InnerNetwork network) {
        return network.addresses().stream()
                .map(address ->
                        new CniResult.Address(
                                address.address(),
                                address.gateway(),
                                OptionalInt.of(interfaceIndex)))
                .toList();
    }

    private static CniResult.Interface bridge(String name, Node node) {
        try (Netlink host = Wiring.host(node.config())) {
            return onHost(host.links().require(name));
        }
    }

    private static CniResult.Interface onHost(Link link) {
        return CniResult.Interface.onHost(
                link.name(), link.mac().map(HardwareAddress::toString).orElse(""), link.mtu());
    }

    /**
     * {@return the result of a container in the node's own namespace: the interfaces that lead
     * outside, with their addresses}
     */
    static CniResult ofHost(NodeConfig config) {
        List<CniResult.Interface> interfaces = new ArrayList<>();
        List<CniResult.Address> ips = new ArrayList<>();
        Set<Integer> ours = Set.of(Sandbox.groupOf(config), Bridge.groupOf(config));
        try (Netlink host = Wiring.host(config)) {
            for (Link link : host.links().list()) {
                if (link.index() == Wiring.LOOPBACK_INDEX
                        || !link.up()
                        || link.master() != 0
                        || ours.contains(link.group())) {
                    continue;
                }
                List<LinkAddress> addresses =
                        host.addresses().list(link.index()).stream()
                                .filter(address -> address.scope() == Scope.UNIVERSE)
                                .toList();
                if (addresses.isEmpty()) {
                    continue;
                }
                for (LinkAddress address : addresses) {
                    ips.add(
                            new CniResult.Address(
                                    new IpNet(
                                            Wiring.ip(address.address().address()),
                                            address.address().length()),
                                    Optional.empty(),
                                    OptionalInt.of(interfaces.size())));
                }
                interfaces.add(onHost(link));
            }
        }
        return new CniResult(interfaces, ips, List.of(), CniResult.Dns.EMPTY);
    }

    private static CniResult.Dns dns(Node node, Attachment attachment) {
        ResolvConf settings = node.services().names().settings(CniAgent.pod(attachment));
        return new CniResult.Dns(
                settings.nameservers().stream().map(Ip::toString).toList(),
                "",
                settings.searches(),
                settings.options());
    }
}
