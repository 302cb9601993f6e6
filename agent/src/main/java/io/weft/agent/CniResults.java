package io.weft.agent;

import io.weft.cni.CniRequest;
import io.weft.cni.CniResult;
import io.weft.cni.IpNet;
import io.weft.dns.ResolvConf;
import io.weft.model.Ip;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What ADD answers. */
final class CniResults {
    private static final int DEFAULT_MTU = 1500; // of a veth
    private static final int CONTAINER = 1; // index of its interface in the result
    private static final IpNet ALL_V4 = new IpNet(Ip.v4(0), 0);
    private static final IpNet ALL_V6 = new IpNet(new Ip(0, 0), 0);

    private CniResults() {}

    /**
     * {@return the result of a routed pair}
     *
     * @param ipam of another plugin, whose addresses these are; its routes and DNS go along
     */
    static CniResult of(
            CniRequest request,
            Attachment attachment,
            Endpoint endpoint,
            Node node,
            Optional<CniResult> ipam) {
        int mtu = attachment.mtu() == 0 ? DEFAULT_MTU : attachment.mtu();
        List<CniResult.Interface> interfaces =
                List.of(
                        CniResult.Interface.onHost(
                                endpoint.hostInterface(), endpoint.gateway().toString(), mtu),
                        CniResult.Interface.inSandbox(
                                endpoint.podInterface(),
                                endpoint.mac().toString(),
                                mtu,
                                attachment.namespace()));
        List<CniResult.Address> ips = new ArrayList<>();
        List<CniResult.Route> routes = new ArrayList<>();
        for (Ip ip : attachment.ips()) {
            Ip gateway = node.gateway(ip.isV4());
            ips.add(
                    new CniResult.Address(
                            new IpNet(ip, ip.bits()),
                            Optional.of(gateway),
                            OptionalInt.of(CONTAINER)));
            routes.add(CniResult.Route.via(ip.isV4() ? ALL_V4 : ALL_V6, Optional.of(gateway)));
        }
        CniResult.Dns dns =
                request.config()
                        .runtime()
                        .dns()
                        .map(d -> new CniResult.Dns(d.servers(), "", d.searches(), d.options()))
                        .or(() -> ipam.map(CniResult::dns).filter(d -> !d.nameservers().isEmpty()))
                        .orElseGet(() -> dns(node, attachment));
        return new CniResult(interfaces, ips, routes, dns);
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
