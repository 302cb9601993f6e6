package io.weft.agent;

import io.weft.cni.CniCode;
import io.weft.cni.CniException;
import io.weft.cni.CniRequest;
import io.weft.ipam.Claim;
import io.weft.ipam.ClaimKey;
import io.weft.ipam.Ipam;
import io.weft.ipam.IpamException;
import io.weft.ipam.Lease;
import io.weft.model.Ip;
import io.weft.model.IpamClaim;
import io.weft.model.Kind;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Snapshot;
import io.weft.model.Spelling;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which addresses are kept when their containers go: those that a manifest says, as long as it
 * says. So there are never more of them than manifests, and no clock takes one away.
 *
 * <p>A claim is made by the ADD that first needs it, in the batch of the lease. It goes when its
 * manifest went: whoever changes manifests calls {@link #settle()} afterwards, whoever wrote a
 * batch that uses a claim calls {@link #settle(Lease)} then; so of a change and an ADD at the same
 * time the later one deletes it.
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

    /**
     * Something that keeps addresses.
     *
     * @param ips that it is to have, when they are not known yet; empty: any
     */
    record Kept(ClaimKey key, List<Ip> ips) {}

    /**
     * {@return what keeps the addresses of a pod's interface: the IPAMClaim that its runtime names
     * in {@code args.cni}, else the one that its annotation names, else it is sticky itself;
     * nothing: they rest after DEL}
     *
     * @throws CniException when that IPAMClaim is not there, or another interface's
     */
    Optional<Kept> of(CniRequest request, Ref ref) {
        Snapshot now = declared.get();
        Optional<Pod> pod = Optional.ofNullable(now.pods().get(ref));
        String ifname = request.attachment().ifname();
        Optional<String> named =
                request.config()
                        .args()
                        .ipamClaim()
                        .or(() ->
                                pod.stream()
                                        .flatMap(p -> p.addressing().claims().stream())
                                        .filter(c -> c.isOf(request.config().name(), ifname))
                                        .map(Pod.ClaimReference::claim)
                                        .findFirst());
        if (named.isPresent()) {
            return Optional.of(claim(now, request, named.get()));
        }
        return pod.filter(p -> p.addressing().sticky())
                .map(p -> new ClaimKey(ClaimKey.Kind.POD, ref.namespace(), ref.name(), ifname))
                .map(key -> new Kept(key, List.of()));
    }

    private static Kept claim(Snapshot now, CniRequest request, String name) {
        IpamClaim claim = now.ipamClaims().get(new Ref(Kind.IPAM_CLAIM, request.namespace(), name));
        if (claim == null) {
            List<String> there =
                    now.ipamClaims().keySet().stream()
                            .filter(ref -> ref.namespace().equals(request.namespace()))
                            .map(Ref::name)
                            .toList();
            throw wrong(
                    "there is no IPAMClaim "
                            + request.namespace()
                            + "/"
                            + name
                            + Spelling.nearest(name, there)
                                    .map(near -> "; did you mean \"" + near + "\"?")
                                    .orElse(": apply it first"));
        }
        String network = request.config().name();
        String ifname = request.attachment().ifname();
        if (!claim.network().equals(network) || !claim.ifname().equals(ifname)) {
            throw wrong(
                    claim.ref()
                            + " is of interface "
                            + claim.ifname()
                            + " in network "
                            + claim.network()
                            + ", and this is "
                            + ifname
                            + " in "
                            + network);
        }
        if (!request.requestedIps().isEmpty()) {
            throw new CniException(
                    CniCode.BAD_CONFIG,
                    "ips: must be absent with ipam-claim-reference: "
                            + claim.ref()
                            + " says which");
        }
        return new Kept(key(claim), claim.ips());
    }

    private static CniException wrong(String what) {
        return new CniException(CniCode.BAD_CONFIG, "ipam-claim-reference: " + what);
    }

    /** {@return what the addresses of a claim are kept by} */
    static ClaimKey key(IpamClaim claim) {
        return new ClaimKey(
                ClaimKey.Kind.IPAM_CLAIM,
                claim.ref().namespace(),
                claim.ref().name(),
                claim.ifname());
    }

    private boolean isDeclared(ClaimKey key) {
        Snapshot now = declared.get();
        return switch (key.kind()) {
            case POD -> {
                Pod pod = now.pods().get(Ref.pod(key.namespace(), key.name()));
                yield pod != null && pod.addressing().sticky();
            }
            case IPAM_CLAIM -> {
                IpamClaim claim =
                        now.ipamClaims().get(new Ref(Kind.IPAM_CLAIM, key.namespace(), key.name()));
                yield claim != null && key(claim).equals(key);
            }
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
