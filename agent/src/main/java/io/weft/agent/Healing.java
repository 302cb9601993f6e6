package io.weft.agent;

import io.weft.datapath.Datapath;
import io.weft.datapath.Workload;
import io.weft.ipam.Ipam;
import io.weft.ipam.Lease;
import io.weft.ipam.LeaseKey;
import io.weft.model.Pod;
import io.weft.netlink.Link;
import io.weft.netlink.Netlink;
import io.weft.store.Batch;
import io.weft.store.Ledger;
import io.weft.tables.WorkloadValue;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Compares what the ledger says with the machine, at the start of an agent: what did not outlive
 * the last run of the machine, or went without a word, is given back; what the kernel has and the
 * ledger does not know is taken away.
 */
final class Healing {
    private static final System.Logger LOG = System.getLogger(Healing.class.getName());
    private static final String BOOT = "boot";

    private final Ledger ledger;
    private final Ipam ipam;
    private final Attachments attachments;
    private final Delegates delegates;
    private final String bootId;
    private final List<Attachment> dead = new ArrayList<>();

    /**
     * @param bootId of this run of the machine
     */
    Healing(Ledger ledger, Ipam ipam, Attachments attachments, Delegates delegates, String bootId) {
        this.ledger = ledger;
        this.ipam = ipam;
        this.attachments = attachments;
        this.delegates = delegates;
        this.bootId = bootId;
    }

    /** {@return the guests that live} */
    List<Adoption.Guest> adoptable(Machine machine) {
        Map<String, Link> links = new HashMap<>();
        machine.wiring().netlink().links().list().forEach(link -> links.put(link.name(), link));
        Map<Integer, WorkloadValue> workloads = machine.datapath().workloads();
        List<Adoption.Guest> adopted = new ArrayList<>();
        for (Attachment attachment : attachments.all()) {
            if (!attachment.kind().isPoliced()) {
                if (!attachment.bootId().equals(bootId) || !isThere(attachment)) {
                    dead.add(attachment);
                }
                continue;
            }
            Link link = links.get(attachment.hostInterface());
            WorkloadValue workload = link == null ? null : workloads.get(link.index());
            if (link == null || workload == null || !attachment.bootId().equals(bootId)) {
                if (link != null && !attachment.kind().isOwn()) {
                    Datapath.release(machine.wiring().netlink(), link.index());
                }
                dead.add(attachment);
                continue;
            }
            Endpoint endpoint =
                    new Endpoint(
                            attachment.pod(),
                            workload.slot(),
                            attachment.ips(),
                            attachment.kind(),
                            Workload.Link.of(workload),
                            workload.mac(),
                            workload.gateway(),
                            attachment.hostInterface(),
                            link.index(),
                            attachment.id().ifname(),
                            Path.of(attachment.namespace()));
            Pod pod = CniAgent.pod(attachment);
            OptionalLong cookie = machine.services().cookieOf(attachment.ips());
            adopted.add(new Adoption.Guest(pod, endpoint, cookie));
        }
        return adopted;
    }

    private static boolean isThere(Attachment attachment) {
        return !attachment.kind().hasInnerLink() || InnerLink.isThere(attachment);
    }

    /** Gives back what those held that {@link #adoptable} did not find. */
    void forgetTheDead() {
        for (Attachment attachment : dead) {
            LOG.log(Level.INFO, attachment.id() + " of " + attachment.pod() + " is gone");
            try {
                InnerLink.remove(attachment, Optional.empty());
                delegates.giveBack(attachment, "");
            } catch (io.weft.cni.CniException e) {
                LOG.log(Level.WARNING, attachment.id() + ": " + e.getMessage());
            }
            try (Batch batch = new Batch()) {
                attachments.remove(attachment, batch);
                if (attachment.leased()) {
                    ipam.release(CniAgent.key(attachment), batch);
                }
                ledger.write(batch);
            }
        }
        forgetLeasesOfAnotherBoot();
    }

    /** Leases of containers that other plugins attach end with the machine's run, as those do. */
    private void forgetLeasesOfAnotherBoot() {
        byte[] now = bootId.getBytes(StandardCharsets.UTF_8);
        String before =
                ledger.get(BOOT).map(id -> new String(id, StandardCharsets.UTF_8)).orElse(bootId);
        if (!before.equals(bootId)) {
            Set<LeaseKey> held =
                    attachments.all().stream().map(CniAgent::key).collect(Collectors.toSet());
            for (Lease lease : ipam.leases()) {
                if (!held.contains(lease.key())) {
                    try (Batch batch = new Batch()) {
                        ipam.release(lease.key(), batch);
                        ledger.write(batch);
                    }
                }
            }
        }
        try (Batch batch = new Batch()) {
            batch.put(BOOT, now);
            ledger.write(batch).await();
        }
    }

    /** {@return those whose interface is there, by their records and its name} */
    static List<Attachment> attached(NodeConfig config, Attachments attachments) {
        try (Netlink netlink = Wiring.host(config)) {
            int group = Sandbox.groupOf(config);
            return attachments.all().stream()
                    .filter(attachment -> attachment.kind() != InterfaceKind.HOST)
                    .filter(attachment ->
                            attachment.kind() == InterfaceKind.MACVLAN
                                    ? InnerLink.isThere(attachment)
                                    : netlink.links()
                                            .get(attachment.hostInterface())
                                            .filter(link ->
                                                    !attachment.kind().isOwn()
                                                            || link.group() == group)
                                            .isPresent())
                    .toList();
        }
    }

    /** Takes the programs away from interfaces that others own, and links inside containers. */
    static void release(NodeConfig config, List<Attachment> attached) {
        try (Netlink netlink = Wiring.host(config)) {
            for (Attachment attachment : attached) {
                InnerLink.remove(attachment, Optional.empty());
                if (!attachment.kind().isOwn()) {
                    netlink.links()
                            .get(attachment.hostInterface())
                            .ifPresent(link -> Datapath.release(netlink, link.index()));
                }
            }
        }
    }

    /** {@return links of this node's guests that no attachment has} */
    static List<String> orphans(NodeConfig config, Attachments attachments) {
        Set<String> known = new HashSet<>();
        attachments.all().forEach(attachment -> known.add(attachment.hostInterface()));
        return links(config).stream().filter(name -> !known.contains(name)).toList();
    }

    /** {@return the links of this node's guests} */
    static List<String> links(NodeConfig config) {
        try (Netlink netlink = Wiring.host(config)) {
            int group = Sandbox.groupOf(config);
            return netlink.links().list().stream()
                    .filter(link -> link.group() == group)
                    .map(Link::name)
                    .toList();
        }
    }
}
