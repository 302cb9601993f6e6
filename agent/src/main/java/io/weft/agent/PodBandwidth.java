package io.weft.agent;

import io.weft.datapath.Datapath;
import io.weft.model.Bandwidth;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Snapshot;
import io.weft.netlink.Link;
import io.weft.netlink.Netlink;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How fast wired pods may be. */
final class PodBandwidth {
    private final Datapath datapath;
    private final Netlink netlink;

    /**
     * @param netlink where the pods' interfaces are
     */
    PodBandwidth(Datapath datapath, Netlink netlink) {
        this.datapath = datapath;
        this.netlink = netlink;
    }

    void set(int ifindex, Bandwidth bandwidth) {
        datapath.shape(netlink, ifindex, bandwidth);
    }

    /** Takes away what shapes at an interface that stays. */
    void leave(int ifindex) {
        datapath.unshape(netlink, ifindex);
    }

    /**
     * Has the pods among {@code put} be as fast as they say, those that are wired: all or, when one
     * cannot be, none.
     */
    void change(Snapshot before, List<Resource> put, Map<Ref, Endpoint> wired) {
        List<Runnable> back = new ArrayList<>();
        try {
            for (Resource resource : put) {
                Endpoint endpoint = wired.get(resource.ref());
                Pod old = before.pods().get(resource.ref());
                if (resource instanceof Pod pod
                        && endpoint != null
                        && old != null
                        && !old.bandwidth().equals(pod.bandwidth())) {
                    back.add(() -> set(endpoint.ifindex(), old.bandwidth()));
                    set(endpoint.ifindex(), pod.bandwidth());
                }
            }
        } catch (RuntimeException e) {
            for (Runnable undo : back.reversed()) {
                try {
                    undo.run();
                } catch (RuntimeException second) {
                    e.addSuppressed(second);
                }
            }
            throw e;
        }
    }

    /** {@return the node's ends of these pods' interfaces, and of what shapes them} */
    List<String> links(List<Ref> pods, Map<Ref, Endpoint> wired) {
        List<String> links = new ArrayList<>();
        for (Ref pod : pods) {
            Endpoint endpoint = wired.get(pod);
            if (endpoint != null && endpoint.kind().isOwn()) {
                links.add(endpoint.hostInterface());
                datapath.shaperOf(endpoint.ifindex()).ifPresent(links::add);
            }
        }
        return links;
    }

    /** Detaches the workloads at other interfaces than these, and deletes what shapes nobody. */
    void forgetOthers(List<Integer> known) {
        for (int ifindex : datapath.workloads().keySet()) {
            if (!known.contains(ifindex)) {
                datapath.shaperOf(ifindex)
                        .flatMap(netlink.links()::get)
                        .ifPresent(link -> netlink.links().delete(link.index()));
                datapath.detach(ifindex);
            }
        }
        removeAbandoned(netlink);
    }

    /** Deletes what shaped workloads that are gone, of whatever node. */
    static void removeAbandoned(Netlink netlink) {
        for (String name : Datapath.abandonedShapers(netlink)) {
            netlink.links().get(name).map(Link::index).ifPresent(netlink.links()::delete);
        }
    }
}
