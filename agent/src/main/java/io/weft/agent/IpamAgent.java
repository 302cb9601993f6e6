package io.weft.agent;

import io.weft.cni.AttachmentId;
import io.weft.cni.CniCode;
import io.weft.cni.CniException;
import io.weft.cni.CniRequest;
import io.weft.cni.CniResult;
import io.weft.cni.IpamPlugin;
import io.weft.ipam.Ipam;
import io.weft.ipam.Lease;
import io.weft.ipam.LeaseKey;
import io.weft.store.Batch;
import io.weft.store.Commit;
import io.weft.store.Ledger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Addresses for containers that other plugins attach: {@code "ipam": {"type": "weft"}}. */
final class IpamAgent implements IpamPlugin {
    private final Ledger ledger;
    private final Ipam ipam;
    private final Addressing addressing;
    private final Attachments attachments;

    IpamAgent(Ledger ledger, Ipam ipam, Addressing addressing, Attachments attachments) {
        this.ledger = ledger;
        this.ipam = ipam;
        this.addressing = addressing;
        this.attachments = attachments;
    }

    @Override
    public CniResult ipamAdd(CniRequest request) {
        try (Batch batch = new Batch()) {
            Addressing.Given given = addressing.give(request, batch);
            Commit commit = ledger.write(batch);
            addressing.settle(given.lease());
            commit.await();
            return CniResult.ofIpam(
                    given.addresses(), request.config().ipam().routes(), CniResult.Dns.EMPTY);
        }
    }

    @Override
    public void ipamDelete(CniRequest request) {
        release(Addressing.key(request)).await();
    }

    private Commit release(LeaseKey key) {
        try (Batch batch = new Batch()) {
            Optional<Lease> lease = addressing.release(key, batch);
            Commit commit = ledger.write(batch);
            lease.ifPresent(addressing::settle);
            return commit;
        }
    }

    @Override
    public void ipamCheck(CniRequest request) {
        LeaseKey key = Addressing.key(request);
        if (ipam.find(key).isEmpty()) {
            throw new CniException(
                    CniCode.NOT_AS_ADDED, key + " has no lease", "call DEL, then ADD");
        }
    }

    @Override
    public void ipamGc(CniRequest request, List<AttachmentId> valid) {
        Set<AttachmentId> living = new HashSet<>(valid);
        List<Commit> commits = new ArrayList<>();
        for (Lease lease : ipam.leases()) {
            AttachmentId id = new AttachmentId(lease.key().containerId(), lease.key().ifname());
            boolean attachedByUs = attachments.find(id).filter(Attachment::leased).isPresent();
            if (lease.key().network().equals(request.config().name())
                    && !living.contains(id)
                    && !attachedByUs) {
                commits.add(release(lease.key()));
            }
        }
        commits.forEach(Commit::await);
    }

    @Override
    public void ipamStatus(CniRequest request) {
        addressing.status(request);
    }
}
