package io.weft.agent;

import io.weft.cni.AttachmentId;
import io.weft.cni.CniCode;
import io.weft.cni.CniException;
import io.weft.cni.CniRequest;
import io.weft.cni.CniResult;
import io.weft.cni.WeftSettings.InterfaceType;
import io.weft.kernel.NetNs;
import io.weft.model.Bandwidth;
import io.weft.model.Ip;
import io.weft.model.Pod;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.netlink.Netlink;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
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

    private AddPlan(
            CniRequest request, Node node, NetNs namespace, Optional<ChainedPlace> chained) {
        this.request = request;
        this.node = node;
        this.namespace = namespace;
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
        return new AddPlan(
                request,
                node,
                namespace,
                request.config().prevResult().isPresent()
                        ? Optional.of(chained(request, node, namespace))
                        : Optional.empty());
    }

    private static void requireServed(CniRequest request, Node node) {
        InterfaceType type = request.config().weft().interfaceType();
        if (type != InterfaceType.VETH) {
            throw new CniException(
                    CniCode.UNSUPPORTED_FIELD,
                    "interface: \""
                            + type.name().toLowerCase(Locale.ROOT)
                            + "\" is not served by this version: must be \"veth\"");
        }
        if (request.config().weft().ipMasq() && node.config().services().uplinks().isEmpty()) {
            throw new CniException(
                    CniCode.BAD_CONFIG,
                    "ipMasq: true is done at uplinks, and the agent has none: name one in"
                            + " spec.uplinks of its configuration, or leave ipMasq out");
        }
        if (request.config().weft().delegate().isPresent()) {
            throw new CniException(
                    CniCode.UNSUPPORTED_FIELD,
                    "delegate is not served by this version: put the other plugin before Weft in a"
                            + " chain, or into ipam");
        }
        if (!request.config().runtime().ipRanges().isEmpty()
                || !request.config().ipam().ranges().isEmpty()) {
            throw new CniException(
                    CniCode.UNSUPPORTED_FIELD,
                    "ranges and ipRanges are not served by this version: name a pool of the agent's"
                            + " configuration with \"pool\"");
        }
    }

    private static ChainedPlace chained(CniRequest request, Node node, NetNs namespace) {
        for (String key : List.of("interface", "bridge", "master", "mode", "mtu", "pool", "ipam")) {
            if (request.config().raw().get(key) != null) {
                throw new CniException(
                        CniCode.BAD_CONFIG,
                        key
                                + ": must be absent behind another plugin, which has made the"
                                + " interface and given it addresses");
            }
        }
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

    InterfaceKind kind() {
        return chained.isPresent() ? InterfaceKind.CHAINED : InterfaceKind.VETH;
    }

    /** {@return the addresses that the container has; empty: it is to be given some} */
    Optional<List<Ip>> ips() {
        return chained.map(ChainedPlace::ips);
    }

    /**
     * @param pod a name that nobody has
     * @param leased whether {@code ips} are of the agent's own pools
     */
    Attachment attachment(Ref pod, List<Ip> ips, boolean leased, String bootId) {
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
                chained.map(ChainedPlace::hostInterface)
                        .orElseGet(() ->
                                Sandbox.linkName(
                                        node.config().instance()
                                                + "/"
                                                + id.containerId()
                                                + "/"
                                                + id.ifname())),
                request.environment().netns(),
                request.config().weft().mtu().orElse(0),
                bandwidth(),
                hostPorts(),
                bootId,
                Delegates.of(request));
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

    Node.Guest guest(Attachment attachment) {
        Pod pod = CniAgent.pod(attachment);
        return new Node.Guest(
                pod,
                chained.<Place>map(place -> place)
                        .orElseGet(() ->
                                new VethPlace(
                                        namespace,
                                        Path.of(attachment.namespace()),
                                        attachment.id().ifname(),
                                        attachment.hostInterface(),
                                        request.requestedMac(),
                                        attachment.mtu(),
                                        Sandbox.groupOf(node.config()),
                                        false,
                                        request.config().weft().ipMasq())));
    }

    /**
     * {@return what ADD answers}
     *
     * @param ipam of another plugin that gave the addresses
     */
    CniResult result(Attachment attachment, Endpoint endpoint, Optional<CniResult> ipam) {
        return kind() == InterfaceKind.CHAINED
                ? request.config().prevResult().orElseThrow()
                : CniResults.of(request, attachment, endpoint, node, ipam);
    }
}
