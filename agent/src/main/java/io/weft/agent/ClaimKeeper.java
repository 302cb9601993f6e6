package io.weft.agent;

import io.weft.ipam.Claim;
import io.weft.ipam.ClaimKey;
import io.weft.ipam.Ipam;
import io.weft.ipam.IpamException;
import io.weft.ipam.Lease;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Snapshot;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which addresses are kept when their containers go: those that a manifest says, as long as it
 * says. So there are never more of them than manifests, and no clock takes one away.
 *
 * <p>A claim is made by the ADD that first needs it, in the batch of the lease. It goes when its
 * manifest went: whoever changes manifests calls {@link #settle()} afterwards, whoever wrote a batch
 * that uses a claim calls {@link #settle(Lease)} then; so of a change and an ADD at the same time
 * the later one deletes it.
 */
final class ClaimKeeper {
    private final Ipam ipam;
    private final Supplier<Snapshot> declared;

    /**
     * @param declared what manifests say now
     */
    ClaimKeeper(Ipam ipam, Supplier<Snapshot> declared) {
        this.ipam = ipam;
        this.declared = declared;
    }

    /** {@return what keeps the addresses of this interface of a pod; nothing: they rest after DEL} */
    Optional<ClaimKey> of(Ref pod, String ifname) {
        return isSticky(pod)
                ? Optional.of(
                        new ClaimKey(ClaimKey.Kind.POD, pod.namespace(), pod.name(), ifname))
                : Optional.empty();
    }

    private boolean isSticky(Ref ref) {
        Pod pod = declared.get().pods().get(ref);
        return pod != null && pod.addressing().sticky();
    }

    private boolean isDeclared(ClaimKey key) {
        return switch (key.kind()) {
            case POD -> isSticky(Ref.pod(key.namespace(), key.name()));
            case IPAM_CLAIM -> false;
        };
    }

    /** Deletes the claims that no manifest declares any longer. */
    void settle() {
        for (Claim claim : ipam.claims()) {
            settle(claim.key());
        }
    }

    /** Deletes the claim of a lease that came or went, if no manifest declares it any longer. */
    void settle(Lease lease) {
        lease.claim().ifPresent(this::settle);
    }

    private void settle(ClaimKey key) {
        if (isDeclared(key)) {
            return;
        }
        try {
            ipam.deleteClaim(key);
        } catch (IpamException e) {
            if (e.code() != IpamException.Code.CONFLICT) {
                throw e;
            }
            // a batch under way uses it, and whoever writes that one calls again
        }
    }
}
