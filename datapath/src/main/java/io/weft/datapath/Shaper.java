package io.weft.datapath;

import io.weft.bpf.BpfProgram;
import io.weft.model.Bandwidth.Limit;
import io.weft.netlink.Link;
import io.weft.netlink.LinkChange;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The token buckets of workloads: what one gets waits at the root qdisc of its host-side interface,
 * what it sends at that of a pair of interfaces of its own.
 */
final class Shaper {
    private static final String NEAR = "weftq"; // and the workload's ifindex
    private static final String FAR = "weftr";
    private static final Pattern ANY_NEAR = Pattern.compile(NEAR + "([1-9][0-9]{0,9})");

    private static final String TBF = "tbf";
    private static final int HEADER = 18; // Ethernet's, and a VLAN tag
    private static final int BITS = 8;

    /** A sender is stopped by its losses alone: the longer it waits, the more it has under way. */
    private static final double LATENCY_SECONDS = 0.025;

    /** Slow links hold this many frames all the same: TCP needs some to notice a single loss. */
    private static final int LEAST_FRAMES = 4;

    /** What the timer may be late by, times the rate, must not be lost. */
    private static final double BURST_SECONDS = 0.01;

    private static final int MAX_BYTES = 1 << 28;

    private Shaper() {}

    /** {@return the link whose end ends the pair} */
    static String linkOf(int workload) {
        return NEAR + workload;
    }

    private static int mtu(Netlink netlink, int ifindex) {
        return netlink.links()
                .get(ifindex)
                .map(Link::mtu)
                .orElseThrow(() ->
                        new DatapathException("shape interface " + ifindex + ": it is not there"));
    }

    static void limitIngress(Netlink netlink, int workload, Limit limit) {
        setTbf(netlink, workload, mtu(netlink, workload), limit);
    }

    static void freeIngress(Netlink netlink, int workload) {
        if (netlink.traffic().qdiscs(workload).stream().anyMatch(q -> q.kind().equals(TBF))) {
            netlink.traffic().deleteRoot(workload);
        }
    }

    /** {@return the ifindex to send to} */
    static int limitEgress(Netlink netlink, int workload, Limit limit, BpfProgram fromShaper) {
        int mtu = mtu(netlink, workload);
        String near = NEAR + workload;
        String far = FAR + workload;
        int link =
                netlink.links()
                        .get(near)
                        .orElseGet(() ->
                                netlink.links()
                                        .create(
                                                new LinkSpec.Veth(
                                                        LinkSettings.named(near).queues(1),
                                                        LinkSettings.named(far).queues(1))))
                        .index();
        int end = netlink.links().require(far).index();
        setTbf(netlink, link, mtu, limit);
        Filters.attachIngress(netlink, end, fromShaper);
        LinkChange quiet = new LinkChange.Ipv6LinkLocal(false);
        LinkChange up = new LinkChange.Up(true);
        netlink.batch()
                .change(end, new LinkChange.Mtu(mtu), quiet, up)
                .change(link, new LinkChange.Mtu(mtu), quiet, up)
                .send();
        return link;
    }

    static void freeEgress(Netlink netlink, int workload) {
        netlink.links()
                .get(linkOf(workload))
                .ifPresent(link -> netlink.links().delete(link.index()));
    }

    /** {@return name → workload's ifindex of each pair that is there} */
    static Map<String, Integer> all(Netlink netlink) {
        return netlink.links().list().stream()
                .filter(link -> workloadOf(link.name()).isPresent())
                .collect(Collectors.toMap(Link::name, link -> workloadOf(link.name()).getAsInt()));
    }

    private static OptionalInt workloadOf(String name) {
        Matcher matcher = ANY_NEAR.matcher(name);
        return matcher.matches() && Long.parseLong(matcher.group(1)) <= Integer.MAX_VALUE
                ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
                : OptionalInt.empty();
    }

    private static void setTbf(Netlink netlink, int link, int mtu, Limit limit) {
        int frame = mtu + HEADER;
        long rate = limit.rate() / BITS;
        double wanted = limit.burst() == 0 ? rate * BURST_SECONDS : limit.burst() / (double) BITS;
        int burst = bytes(wanted, 2 * frame);
        int latency = bytes(rate * LATENCY_SECONDS, LEAST_FRAMES * frame);
        netlink.traffic().setTbf(link, rate, burst, Math.min(MAX_BYTES, burst + latency));
    }

    private static int bytes(double wanted, int least) {
        return (int) Math.clamp(wanted, least, MAX_BYTES);
    }
}
