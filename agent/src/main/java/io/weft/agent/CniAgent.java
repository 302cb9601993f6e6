package io.weft.agent;

import io.weft.cni.AttachmentId;
import io.weft.cni.CniCode;
import io.weft.cni.CniCommand;
import io.weft.cni.CniException;
import io.weft.cni.CniLatency;
import io.weft.cni.CniLatency.Step;
import io.weft.cni.CniPlugin;
import io.weft.cni.CniRequest;
import io.weft.cni.CniResult;
import io.weft.datapath.DatapathException;
import io.weft.ipam.Lease;
import io.weft.ipam.LeaseKey;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Source;
import io.weft.netlink.Link;
import io.weft.netlink.Netlink;
import io.weft.netlink.NetlinkException;
import io.weft.store.Batch;
import io.weft.store.Commit;
import io.weft.store.Ledger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
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
    private static final System.Logger LOG = System.getLogger(CniAgent.class.getName());

    private final Node node;
    private final GuestQueue guests;
    private final Ledger ledger;
    private final Attachments attachments;
    private final Addressing addressing;
    private final Delegates delegates;
    private final UnseenWorkloads unseen;
    private final String bootId;
    private final CniLatency latency;

    CniAgent(
            Node node,
            GuestQueue guests,
            Ledger ledger,
            Attachments attachments,
            Addressing addressing,
            Delegates delegates,
            UnseenWorkloads unseen,
            String bootId,
            CniLatency latency) {
        this.node = node;
        this.guests = guests;
        this.ledger = ledger;
        this.attachments = attachments;
        this.addressing = addressing;
        this.delegates = delegates;
        this.unseen = unseen;
        this.bootId = bootId;
        this.latency = latency;
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
        if (request.config().weft().delegate().isEmpty()) {
            return attach(request);
        }
        AddPlan.requireDelegable(request, node);
        CniRequest behind = request.behind(delegates.make(request));
        boolean answered = false;
        try {
            CniResult result = attach(behind);
            answered = true;
            return result;
        } finally {
            if (!answered) {
                delegates.giveBack(behind);
            }
        }
    }

    private CniResult attach(CniRequest request) {
        long start = System.nanoTime();
        AddPlan plan = AddPlan.of(request, node);
        if (plan.kind() == InterfaceKind.HOST) {
            return addToHost(request, plan);
        }
        latency.record(Step.PLAN, start);
        Optional<CniResult> foreign = delegates.addresses(request);
        long planned = System.nanoTime();
        boolean answered = false;
        try (Batch batch = new Batch()) {
            Optional<List<CniResult.Address>> there =
                    plan.addresses().or(() -> foreign.map(CniAgent::addressesOf));
            Optional<Addressing.Given> given =
                    there.isPresent()
                            ? Optional.empty()
                            : Optional.of(addressing.give(request, batch));
            List<CniResult.Address> addresses =
                    there.orElseGet(() -> given.orElseThrow().addresses());
            List<Ip> ips = addresses.stream().map(address -> address.address().ip()).toList();
            Attachment attachment =
                    plan.attachment(
                            freeName(request),
                            ips,
                            given.isPresent(),
                            bootId,
                            delegates.of(request));
            attachments.put(attachment, batch);
            Commit commit =
                    attachment.kind().isPoliced()
                            ? ledger.write(batch)
                            : unseen.admit(attachment, () -> ledger.write(batch));
            given.map(Addressing.Given::lease).ifPresent(addressing::settle);
            long written = latency.record(Step.LEASE, planned);
            try {
                CniResult result =
                        attachment.kind().isPoliced()
                                ? join(plan, attachment, addresses, foreign)
                                : addUnseen(plan, request, attachment, addresses, foreign);
                long wired = latency.record(Step.WIRE, written);
                commit.await();
                latency.record(Step.SYNC, wired);
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
        } catch (NetlinkException | DatapathException e) {
            throw new CniException(CniCode.IO, String.valueOf(e.getMessage()));
        } finally {
            if (!answered && foreign.isPresent()) {
                delegates.giveBack(request);
            }
        }
    }

    private CniResult join(
            AddPlan plan,
            Attachment attachment,
            List<CniResult.Address> addresses,
            Optional<CniResult> foreign) {
        try (Netlink inside = Netlink.open(plan.namespace())) {
            InnerNetwork network = plan.network(addresses, foreign, inside);
            Node.Guest guest = plan.guest(attachment, network, inside);
            Endpoint endpoint = guests.join(guest);
            return plan.result(attachment, endpoint, network, foreign, guest.place());
        }
    }

    private CniResult addUnseen(
            AddPlan plan,
            CniRequest request,
            Attachment attachment,
            List<CniResult.Address> addresses,
            Optional<CniResult> foreign) {
        InnerNetwork network;
        Link link;
        try (Netlink inside = Netlink.open(plan.namespace())) {
            network = plan.network(addresses, foreign, inside);
            link = plan.macvlan().make(network, inside);
        }
        LOG.log(
                Level.INFO,
                attachment.id()
                        + " of "
                        + attachment.pod()
                        + " is a macvlan: no program of the node sees its traffic, and no policy"
                        + " may select it");
        return CniResults.ofMacvlan(request, attachment, link, network, foreign);
    }

    /**
     * A container in the node's namespace has the node's interfaces, and its traffic is the node's.
     */
    private CniResult addToHost(CniRequest request, AddPlan plan) {
        Attachment attachment =
                plan.attachment(freeName(request), List.of(), false, bootId, List.of());
        CniResult result = CniResults.ofHost(node.config());
        try (Batch batch = new Batch()) {
            attachments.put(attachment, batch);
            ledger.write(batch).await();
        }
        LOG.log(
                Level.INFO,
                attachment.id()
                        + " of "
                        + attachment.pod()
                        + " is in the node's namespace: its traffic is the node's, and under no"
                        + " policy of pods");
        return result;
    }

    private static List<CniResult.Address> addressesOf(CniResult ipam) {
        return ipam.ips().stream()
                .sorted(Comparator.comparing(address -> !address.address().ip().isV4()))
                .toList();
    }

    /**
     * {@return the pod's name, as the runtime says it, else the container's; when a living one has
     * it, with the interface's or the container's behind it}
     */
    private Ref freeName(CniRequest request) {
        AttachmentId id = request.attachment();
        Ref pod = Addressing.pod(request);
        Optional<Attachment> there = attachments.of(pod);
        if (there.isEmpty()) {
            return pod;
        }
        String more =
                there.get().id().containerId().equals(id.containerId())
                        ? id.ifname()
                        : id.containerId() + "." + id.ifname();
        return Ref.pod(pod.namespace(), pod.name() + "." + more);
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
        String namespace = request.netns().isPresent() ? request.environment().netns() : "";
        undo(attachment.get(), request.netns(), namespace);
        Commit commit = forget(attachment.get());
        long forgotten = System.nanoTime();
        commit.await();
        latency.record(Step.SYNC, forgotten);
    }

    /**
     * Undoes what was made; when a plugin fails at that, the record stays for the next DEL. A
     * delegate's interface is under policy until the delegate has deleted it.
     *
     * @param namespace of the container, when it is known to be there
     * @param path of it; empty: it is not known to be there
     */
    private void undo(Attachment attachment, Optional<NetNs> namespace, String path) {
        boolean delegated = attachment.kind() == InterfaceKind.CHAINED;
        if (delegated) {
            delegates.giveBack(attachment, path);
        }
        leave(attachment);
        InnerLink.remove(attachment, namespace);
        if (!delegated) {
            delegates.giveBack(attachment, path);
        }
    }

    /**
     * Has it go soon; at once when its interface is another plugin's, which is not to find programs
     * there, and is not to be found by its name once the record is gone.
     */
    private void leave(Attachment attachment) {
        if (!attachment.kind().isPoliced()) {
            return;
        }
        if (attachment.kind().isOwn()) {
            guests.leave(attachment.pod());
        } else {
            guests.leaveNow(attachment.pod());
        }
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
            Optional<Lease> lease =
                    attachment.leased()
                            ? addressing.release(key(attachment), batch)
                            : Optional.empty();
            Commit commit = ledger.write(batch);
            lease.ifPresent(addressing::settle);
            if (attachment.kind().isPoliced()) {
                guests.leave(attachment.pod());
            }
            return commit;
        }
    }

    /** {@return the path of its namespace, when it leads to the one of its interface still} */
    private String namespaceOf(Attachment attachment) {
        try (Netlink host = Wiring.host(node.config())) {
            return ChainedPlace.isStillAt(
                            host, attachment.hostInterface(), Path.of(attachment.namespace()))
                    ? attachment.namespace()
                    : "";
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
                undo(attachment, Optional.empty(), namespaceOf(attachment));
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
        if (attachment.kind() == InterfaceKind.HOST) {
            if (CniResults.ofHost(node.config()).ips().isEmpty()) {
                wrong.add("the node has no address");
            }
        } else if (attachment.kind() == InterfaceKind.MACVLAN) {
            wrong.addAll(
                    Macvlan.check(
                            attachment,
                            request.netns().orElseThrow(),
                            answered(attachment, request)));
        } else if (endpoint == null) {
            wrong.add(attachment.pod() + " is not wired");
        } else {
            wrong.addAll(
                    new WiringCheck(
                                    node,
                                    endpoint,
                                    request.config().weft().bridge(),
                                    answered(attachment, request))
                            .of(request.netns().orElseThrow()));
        }
        if (!wrong.isEmpty()) {
            throw new CniException(
                    CniCode.NOT_AS_ADDED, id + " is not as ADD left it", String.join("; ", wrong));
        }
        delegates.pass(CniCommand.CHECK, request);
    }

    /** {@return what ADD gave; routes are known by what it answered, which the runtime tells} */
    private static InnerNetwork answered(Attachment attachment, CniRequest request) {
        boolean others = attachment.kind() == InterfaceKind.CHAINED; // which check their routes
        return InnerNetwork.answered(
                attachment.ips(),
                others
                        ? List.of()
                        : request.config().prevResult().map(CniResult::routes).orElse(List.of()));
    }

    @Override
    public void status(CniRequest request) {
        if (request.config().weft().delegate().isPresent() || delegates.giveAddresses(request)) {
            delegates.pass(CniCommand.STATUS, request);
        } else {
            addressing.status(request);
        }
    }
}
