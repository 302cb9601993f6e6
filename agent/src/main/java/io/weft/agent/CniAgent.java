package io.weft.agent;

import io.weft.cni.AttachmentId;
import io.weft.cni.CniCode;
import io.weft.cni.CniCommand;
import io.weft.cni.CniException;
import io.weft.cni.CniPlugin;
import io.weft.cni.CniRequest;
import io.weft.cni.CniResult;
import io.weft.cni.WeftSettings.InterfaceType;
import io.weft.ipam.LeaseKey;
import io.weft.kernel.NetNs;
import io.weft.model.Bandwidth;
import io.weft.model.Ip;
import io.weft.model.Pod;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Source;
import io.weft.store.Batch;
import io.weft.store.Commit;
import io.weft.store.Ledger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The CNI plugin of a node: containers come as guests, with addresses and a record of each in the
 * ledger.
 *
 * <p>The record and the lease are one batch, written before anything is made in the kernel and
 * durable before the answer goes out: whatever moment ends this process, what exists is known. DEL
 * is answered when its record is durable; links go soon after, many at once.
 */
final class CniAgent implements CniPlugin {
    private final Node node;
    private final GuestQueue guests;
    private final Ledger ledger;
    private final Attachments attachments;
    private final Addressing addressing;
    private final Delegates delegates;
    private final String bootId;

    CniAgent(
            Node node,
            GuestQueue guests,
            Ledger ledger,
            Attachments attachments,
            Addressing addressing,
            Delegates delegates,
            String bootId) {
        this.node = node;
        this.guests = guests;
        this.ledger = ledger;
        this.attachments = attachments;
        this.addressing = addressing;
        this.delegates = delegates;
        this.bootId = bootId;
    }

    // ---- ADD

    @Override
    public CniResult add(CniRequest request) {
        AttachmentId id = request.attachment();
        attachments
                .find(id)
                .ifPresent(there -> {
                    throw new CniException(
                            CniCode.EXISTS,
                            id
                                    + " is attached already, to network "
                                    + there.network()
                                    + " with "
                                    + there.ips()
                                    + ": call DEL first");
                });
        requireServed(request);
        NetNs namespace =
                request.netns()
                        .orElseThrow(() ->
                                new CniException(CniCode.BAD_ENVIRONMENT, "CNI_NETNS: missing"));
        Optional<CniResult> foreign = delegates.addresses(request);
        boolean answered = false;
        try (Batch batch = new Batch()) {
            List<Ip> ips =
                    foreign.map(CniAgent::addressesOf)
                            .orElseGet(() -> addressing.acquire(request, batch));
            Attachment attachment = attachment(request, ips, foreign.isEmpty());
            attachments.put(attachment, batch);
            Commit commit = ledger.write(batch);
            try {
                Endpoint endpoint = guests.join(guest(attachment, request, namespace));
                commit.await();
                CniResult result = CniResults.of(request, attachment, endpoint, node, foreign);
                answered = true;
                return result;
            } finally {
                if (!answered) {
                    forget(attachment).await();
                }
            }
        } catch (NodeException e) {
            throw new CniException(
                    e.cause() == NodeException.Cause.INPUT ? CniCode.BAD_CONFIG : CniCode.IO,
                    String.valueOf(e.getMessage()));
        } finally {
            if (!answered && foreign.isPresent()) {
                delegates.giveBack(request);
            }
        }
    }

    /** What is asked for and not there is refused before anything is made. */
    private void requireServed(CniRequest request) {
        InterfaceType type = request.config().weft().interfaceType();
        if (type != InterfaceType.VETH) {
            throw new CniException(
                    CniCode.UNSUPPORTED_FIELD,
                    "interface: \""
                            + type.name().toLowerCase(java.util.Locale.ROOT)
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
                    "delegate is not served by this version: put the other plugin into ipam, or"
                            + " leave it out");
        }
        if (!request.config().runtime().ipRanges().isEmpty()
                || !request.config().ipam().ranges().isEmpty()) {
            throw new CniException(
                    CniCode.UNSUPPORTED_FIELD,
                    "ranges and ipRanges are not served by this version: name a pool of the agent's"
                            + " configuration with \"pool\"");
        }
        if (request.config().prevResult().isPresent()) {
            throw new CniException(
                    CniCode.UNSUPPORTED_FIELD,
                    "prevResult: Weft cannot follow another plugin in a chain yet: make it the"
                            + " first");
        }
    }

    private static List<Ip> addressesOf(CniResult ipam) {
        return ipam.ips().stream()
                .map(address -> address.address().ip())
                .sorted((a, b) -> Boolean.compare(b.isV4(), a.isV4()))
                .toList();
    }

    private Attachment attachment(CniRequest request, List<Ip> ips, boolean leased) {
        AttachmentId id = request.attachment();
        return new Attachment(
                id,
                request.config().name(),
                freeName(request),
                request.environment().args().podUid().orElse(""),
                request.labels(),
                ips,
                leased,
                Sandbox.linkName(
                        node.config().instance() + "/" + id.containerId() + "/" + id.ifname()),
                request.environment().netns(),
                request.config().weft().mtu().orElse(0),
                bandwidth(request),
                hostPorts(request),
                bootId,
                Delegates.of(request));
    }

    /**
     * {@return the pod's name, as the runtime says it, else the container's; when a living one has
     * it, with the interface's or the container's behind it}
     */
    private Ref freeName(CniRequest request) {
        AttachmentId id = request.attachment();
        String name = request.environment().args().podName().orElse(id.containerId());
        Ref pod = Ref.pod(request.namespace(), name);
        Optional<Attachment> there = attachments.of(pod);
        if (there.isEmpty()) {
            return pod;
        }
        String more =
                there.get().id().containerId().equals(id.containerId())
                        ? id.ifname()
                        : id.containerId() + "." + id.ifname();
        return Ref.pod(request.namespace(), name + "." + more);
    }

    private Node.Guest guest(Attachment attachment, CniRequest request, NetNs namespace) {
        Pod pod = pod(attachment);
        return new Node.Guest(
                pod,
                new Sandbox.Place(
                        namespace,
                        Path.of(attachment.namespace()),
                        attachment.id().ifname(),
                        attachment.hostInterface(),
                        request.requestedMac(),
                        attachment.mtu(),
                        Sandbox.groupOf(node.config()),
                        request.config().weft().ipMasq()));
    }

    private static Bandwidth bandwidth(CniRequest request) {
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

    private static List<Pod.HostPort> hostPorts(CniRequest request) {
        return request.config().runtime().portMappings().stream()
                .map(port ->
                        new Pod.HostPort(
                                port.hostIp(),
                                port.hostPort(),
                                Protocol.valueOf(port.protocol().name()),
                                port.containerPort()))
                .toList();
    }

    static Pod pod(Attachment attachment) {
        return new Pod(
                        attachment.pod(),
                        attachment.labels(),
                        attachment.ips(),
                        List.of(),
                        List.of(),
                        false,
                        false,
                        Source.NONE)
                .withBandwidth(attachment.bandwidth())
                .withHostPorts(attachment.hostPorts());
    }

    // ---- DEL, GC

    @Override
    public void delete(CniRequest request) {
        Optional<Attachment> attachment =
                attachments.find(request.attachment()).filter(there -> isOf(there, request));
        if (attachment.isEmpty()) {
            delegates.pass(CniCommand.DEL, request);
            return;
        }
        guests.leave(attachment.get().pod());
        delegates.giveBack(attachment.get()); // when it fails, the record stays for the next DEL
        forget(attachment.get()).await();
    }

    /** A DEL without config is of every network. */
    private static boolean isOf(Attachment attachment, CniRequest request) {
        String network = request.config().name();
        return network.isEmpty() || network.equals(attachment.network());
    }

    /** Forgets it, in the ledger at once and in the kernel soon. */
    private Commit forget(Attachment attachment) {
        try (Batch batch = new Batch()) {
            attachments.remove(attachment, batch);
            if (attachment.leased()) {
                addressing.release(key(attachment), batch);
            }
            Commit commit = ledger.write(batch);
            guests.leave(attachment.pod());
            return commit;
        }
    }

    static LeaseKey key(Attachment attachment) {
        return new LeaseKey(
                attachment.id().containerId(), attachment.id().ifname(), attachment.network());
    }

    @Override
    public void gc(CniRequest request, List<AttachmentId> valid) {
        Set<AttachmentId> living = new HashSet<>(valid);
        List<String> failures = new ArrayList<>();
        List<Commit> commits = new ArrayList<>();
        for (Attachment attachment : attachments.all()) {
            if (!attachment.network().equals(request.config().name())
                    || living.contains(attachment.id())) {
                continue;
            }
            try {
                guests.leave(attachment.pod());
                delegates.giveBack(attachment);
                commits.add(forget(attachment));
            } catch (CniException e) {
                failures.add(attachment.id() + ": " + e.text());
            } catch (RuntimeException e) {
                failures.add(attachment.id() + ": " + e.getMessage());
            }
        }
        commits.forEach(Commit::await);
        try {
            delegates.pass(CniCommand.GC, request);
        } catch (CniException e) {
            failures.add(e.text());
        }
        if (!failures.isEmpty()) {
            throw new CniException(
                    CniCode.IO,
                    failures.size() + " attachments are not wholly gone",
                    String.join("; ", failures));
        }
    }

    // ---- CHECK, STATUS

    @Override
    public void check(CniRequest request) {
        AttachmentId id = request.attachment();
        Attachment attachment =
                attachments
                        .find(id)
                        .filter(there -> isOf(there, request))
                        .orElseThrow(() ->
                                new CniException(
                                        CniCode.UNKNOWN_CONTAINER,
                                        id
                                                + " is not attached to network "
                                                + request.config().name()
                                                + ": call DEL, then ADD"));
        List<String> wrong = new ArrayList<>();
        if (attachment.leased()) {
            addressing.check(key(attachment), attachment.ips()).ifPresent(wrong::add);
        }
        Endpoint endpoint = node.state().endpoints().get(attachment.pod());
        if (endpoint == null) {
            wrong.add(attachment.pod() + " is not wired");
        } else {
            wrong.addAll(new WiringCheck(node, endpoint).of(request.netns().orElseThrow()));
        }
        if (!wrong.isEmpty()) {
            throw new CniException(
                    CniCode.NOT_AS_ADDED, id + " is not as ADD left it", String.join("; ", wrong));
        }
        delegates.pass(CniCommand.CHECK, request);
    }

    @Override
    public void status(CniRequest request) {
        if (Delegates.giveAddresses(request)) {
            delegates.pass(CniCommand.STATUS, request);
        } else {
            addressing.status(request);
        }
    }
}
