package io.weft.model;

import java.util.List;

/**
 * A k8s.cni.cncf.io/v1alpha1 IPAMClaim: the addresses of one interface of a pod or virtual machine
 * in one network are kept until the claim is deleted.
 *
 * @param network the network config's name
 * @param ifname the interface in the pod
 * @param ips that it is to have: {@code spec.ipRequests}, else {@code status.ips}, as they were
 *     given elsewhere; at most one of each family, IPv4 first; empty: any
 */
public record IpamClaim(Ref ref, String network, String ifname, List<Ip> ips, Source source)
        implements Resource {
    public IpamClaim {
        ips = List.copyOf(ips);
    }
}
