package io.weft.agent;

import io.weft.cni.AttachmentId;
import io.weft.cni.CniCode;
import io.weft.cni.CniException;
import io.weft.cni.CniRequest;
import io.weft.cni.CniResult;
import io.weft.kernel.NetNs;
import io.weft.model.Bandwidth;
import io.weft.model.Ip;
import io.weft.model.Pod;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.netlink.Netlink;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What an ADD is to make. What is asked for and cannot be had is refused when the plan is made:
 * before anything else is.
 */
final class AddPlan {
    private final CniRequest request;
    private final Node node;
    private final NetNs namespace;
    private final Optional<ChainedPlace> chained;
    private final InterfaceKind kind;

    private AddPlan(
            CniRequest request,
            Node node,
            NetNs namespace,
            InterfaceKind kind,
            Optional<ChainedPlace> chained) {
        this.request = request;
        this.node = node;
        this.namespace = namespace;
        this.kind = kind;
        this.chained = chained;
    }

    /**
     * @throws CniException when it cannot be done, with the key and what would be right
     */
    static AddPlan of(CniRequest request, Node node) {
        requireServed(request, node);
        NetNs namespace =
                request.netns()
                        .orElseThrow(() ->
                                new CniException(CniCode.BAD_ENVIRONMENT, "CNI_NETNS: missing"));
        if (request.config().prevResult().isPresent()) {
            requireBehind(request, "behind another plugin");
            ChainedPlace place = chained(request, node, namespace);
            return new AddPlan(request, node, namespace, InterfaceKind.CHAINED, Optional.of(place));
        }
        InterfaceKind kind =
                switch (request.config().weft().interfaceType()) {
                    case VETH -> InterfaceKind.VETH;
                    case BRIDGE -> {
                        requireBridge(request, node);
                        yield InterfaceKind.BRIDGE;
                    }
                    case HOST -> {
                        requireNothingElse(request);
                        yield InterfaceKind.HOST;
                    }
                    case MACVLAN -> {
                        macvlan(request, node, namespace).require();
                        yield InterfaceKind.MACVLAN;
                    }
                    case TAP -> InterfaceKind.TAP;
                };
        return new AddPlan(request, node, namespace, kind, Optional.empty());
    }

    private static Macvlan macvlan(CniRequest request, Node node, NetNs namespace) {
        return new Macvlan(
                request,
                namespace,
                node.config(),
                request.environment().ifname(),
                linkName(request, node));
    }

    /** {@return a name that is the attachment's alone} */
    private static String linkName(CniRequest request, Node node) {
        AttachmentId id = request.attachment();
        return Sandbox.linkName(
                node.config().instance() + "/" + id.containerId() + "/" + id.ifname());
    }

    private static void requireBridge(CniRequest request, Node node) {
        Bridge bridge = bridge(request, node);
        try (Netlink host = Wiring.host(node.config())) {
            bridge.inTheWay(host)
                    .ifPresent(link -> {
                        throw new CniException(
                                CniCode.BAD_CONFIG,
                                "bridge: "
                                        + link
                                        + " is no bridge: name another one, or one that is to be"
                                        + " made");
                    });
        }
    }

    private static Bridge bridge(CniRequest request, Node node) {
        return Bridge.named(request.config().weft().bridge().orElseThrow(), node.config());
    }

    /** The node's interfaces are what they are. */
    private static void requireNothingElse(CniRequest request) {
        for (String key : List.of("mtu", "pool", "ipam", "ipMasq")) {
            if (request.config().raw().get(key) != null) {
                throw new CniException(
                        CniCode.BAD_CONFIG,
                        key + ": must be absent with interface host, which has the node's own");
            }
        }
        if (request.config().runtime().bandwidth().isPresent()
                || !request.config().runtime().portMappings().isEmpty()) {
            throw new CniException(
                    CniCode.BAD_CONFIG,
                    "runtimeConfig: portMappings and bandwidth must be absent with interface host,"
                            + " which has the node's own ports");
        }
    }

    private static void requireServed(CniRequest request, Node node) {
        if (request.config().weft().ipMasq() && node.config().services().uplinks().isEmpty()) {
            throw new CniException(
                    CniCode.BAD_CONFIG,
                    "ipMasq: true is done at uplinks, and the agent has none: name one in"
                            + " spec.uplinks of its configuration, or leave ipMasq out");
        }
    }

    /**
     * Refuses what another plugin's interface could not be, before that plugin is called.
     *
     * @throws CniException with the key and what would be right
     */
    static void requireDelegable(CniRequest request, Node node) {
        if (request.config().prevResult().isPresent()) {
            throw new CniException(
                    CniCode.BAD_CONFIG,
                    "delegate: must be absent behind another plugin, which has made the interface");
        }
        requireServed(request, node);
        requireBehind(request, "with a delegate");
    }

    private static void requireBehind(CniRequest request, String where) {
        for (String key : List.of("interface", "bridge", "master", "mode", "mtu", "pool", "ipam")) {
            if (request.config().raw().get(key) != null) {
                throw new CniException(
                        CniCode.BAD_CONFIG,
                        key
                                + ": must be absent "
                                + where
                                + ", which makes the interface and gives it addresses");
            }
        }
    }

    private static ChainedPlace chained(CniRequest request, Node node, NetNs namespace) {
        try (Netlink host = Wiring.host(node.config())) {
            ChainedPlace place =
                    ChainedPlace.find(request, namespace, host, Sandbox.groupOf(node.config()));
            node.state().endpoints().values().stream()
                    .filter(endpoint -> endpoint.ifindex() == place.there().host())
                    .findFirst()
                    .ifPresent(endpoint -> {
                        throw new CniException(
                                CniCode.EXISTS,
                                "interface "
                                        + place.hostInterface()
                                        + " is under the policies of "
                                        + endpoint.pod()
                                        + " already: call DEL for that one first");
                    });
            return place;
        }
    }

    NetNs namespace() {
        return namespace;
    }

    InterfaceKind kind() {
        return kind;
    }

    /** {@return the addresses that the container has; empty: it is to be given some} */
    Optional<List<CniResult.Address>> addresses() {
        return chained.map(ChainedPlace::addresses);
    }

    /**
     * @param pod a name that nobody has
     * @param leased whether {@code ips} are of the agent's own pools
     * @param delegated other plugins that took part
     */
    Attachment attachment(
            Ref pod,
            List<Ip> ips,
            boolean leased,
            String bootId,
            List<Attachment.Delegated> delegated) {
        AttachmentId id = request.attachment();
        return new Attachment(
                id,
                request.config().name(),
                pod,
                request.environment().args().podUid().orElse(""),
                request.labels(),
                ips,
                kind(),
                leased,
                hostInterface(),
                request.environment().netns(),
                request.config().weft().mtu().orElse(0),
                bandwidth(),
                hostPorts(),
                bootId,
                delegated);
    }

    /** {@return empty: there is none; of a macvlan its alias} */
    private String hostInterface() {
        return switch (kind) {
            case CHAINED -> chained.orElseThrow().hostInterface();
            case HOST -> "";
            case VETH, BRIDGE, TAP, MACVLAN -> linkName(request, node);
        };
    }

    private Bandwidth bandwidth() {
        try {
            return request.config()
                    .runtime()
                    .bandwidth()
                    .map(b ->
                            Bandwidth.ofCni(
                                    b.ingressRate(),
                                    b.ingressBurst(),
                                    b.egressRate(),
                                    b.egressBurst()))
                    .orElse(Bandwidth.UNLIMITED);
        } catch (IllegalArgumentException e) {
            throw new CniException(CniCode.BAD_CONFIG, "runtimeConfig.bandwidth." + e.getMessage());
        }
    }

    private List<Pod.HostPort> hostPorts() {
        return request.config().runtime().portMappings().stream()
                .map(port ->
                        new Pod.HostPort(
                                port.hostIp(),
                                port.hostPort(),
                                Protocol.valueOf(port.protocol().name()),
                                port.containerPort()))
                .toList();
    }

    /**
     * {@return who is to come, and where to}
     *
     * @param network of {@link #network}
     * @param inside in the container's namespace
     */
    Node.Guest guest(Attachment attachment, InnerNetwork network, Netlink inside) {
        return new Node.Guest(CniAgent.pod(attachment), place(attachment, network), inside);
    }

    /**
     * {@return what the container's interface is to be given: routes that whoever gives the
     * addresses says, else default routes; but none that the container has already, over whichever
     * interface}
     *
     * @param addresses with what they have beside them
     * @param ipam of another plugin that gave the addresses
     * @param inside in the container's namespace
     */
    InnerNetwork network(
            List<CniResult.Address> addresses, Optional<CniResult> ipam, Netlink inside) {
        List<CniResult.Route> said =
                ipam.map(CniResult::routes).orElseGet(() -> request.config().ipam().routes());
        return switch (kind) {
            case VETH -> routed(addresses, said).missingIn(inside);
            case TAP -> routed(addresses, said); // routes are the virtual machine's
            case BRIDGE, MACVLAN -> InnerNetwork.onLink(addresses, said).missingIn(inside);
            case CHAINED, HOST -> new InnerNetwork(addresses, List.of());
        };
    }

    private InnerNetwork routed(List<CniResult.Address> addresses, List<CniResult.Route> said) {
        return InnerNetwork.routed(
                addresses.stream().map(address -> address.address().ip()).toList(),
                ip -> node.gateway(ip.isV4()),
                said);
    }

    /** {@return what is to be made of {@link InterfaceKind#MACVLAN}} */
    Macvlan macvlan() {
        return macvlan(request, node, namespace);
    }

    private Place place(Attachment attachment, InnerNetwork network) {
        if (chained.isPresent()) {
            return chained.get();
        }
        VethPlace pair =
                new VethPlace(
                        namespace,
                        Path.of(attachment.namespace()),
                        attachment.id().ifname(),
                        attachment.hostInterface(),
                        request.requestedMac(),
                        attachment.mtu(),
                        Sandbox.groupOf(node.config()),
                        false,
                        request.config().weft().ipMasq(),
                        network);
        if (kind == InterfaceKind.TAP) {
            return new TapPlace(pair, request.config().weft().tap(), node.datapath());
        }
        if (kind != InterfaceKind.BRIDGE) {
            return pair;
        }
        Bridge bridge = bridge(request, node);
        try (Netlink host = Wiring.host(node.config())) {
            return new BridgePlace(pair, bridge, bridge.gateways(host, network.addresses()));
        }
    }

    /**
     * {@return what ADD answers}
     *
     * @param ipam of another plugin that gave the addresses
     */
    CniResult result(
            Attachment attachment,
            Endpoint endpoint,
            InnerNetwork network,
            Optional<CniResult> ipam,
            Place place) {
        return kind == InterfaceKind.CHAINED
                ? request.config().prevResult().orElseThrow()
                : CniResults.of(request, attachment, endpoint, node, network, ipam, place);
    }
}
