package io.weft.netlink;

import java.util.ArrayList;
import java.util.List;

/**
 * Changes that are sent together: one system call for up to 64 of them, where each would cost one.
 * The kernel works through them in order and, when it refuses one, goes on with the next; nothing
 * is undone. Namespaces and programs that it names must stay open until it is sent. Not safe for
 * several threads. Made by {@link Netlink#batch}.
 *
 * <pre>{@code
 * netlink.batch()
 *         .change(host, new LinkChange.Up(true))
 *         .add(LinkAddress.of(host, Cidr.parse("10.0.0.1/32")))
 *         .replace(Route.to(pod).dev(host).build())
 *         .replace(Neighbour.permanent(host, pod.address(), mac))
 *         .send();
 * }</pre>
 */
public final class Batch {
    private final NetlinkSocket socket;
    private final List<Request> requests = new ArrayList<>();

    Batch(NetlinkSocket socket) {
        this.socket = socket;
    }

    private Batch queue(Request request) {
        requests.add(request);
        return this;
    }

    /**
     * Creates a link whose settings fit into one message: no tap, no alias, an fe80:: address.
     * Later changes can name it when it was given an index; when it cannot be created, they meet
     * whatever link has that index.
     */
    public Batch create(LinkSpec spec) {
        if (!LinkMessages.afterwards(spec.link()).isEmpty()) {
            throw new IllegalArgumentException(
                    "alias and addr_gen_mode of " + spec.link().name() + " take a second message");
        }
        return queue(LinkMessages.create(spec));
    }

    /** Applies several changes to one link. */
    public Batch change(int link, LinkChange... changes) {
        return queue(LinkMessages.change(link, List.of(changes)));
    }

    /** Likewise, to the link of that name. */
    public Batch change(String link, LinkChange... changes) {
        return queue(LinkMessages.change(link, List.of(changes)));
    }

    /** Deletes a link. */
    public Batch delete(Link link) {
        return queue(LinkMessages.delete(link.index()));
    }

    public Batch add(LinkAddress address) {
        return queue(Addresses.addRequest(address));
    }

    public Batch delete(LinkAddress address) {
        return queue(Addresses.deleteRequest(address));
    }

    public Batch add(Route route) {
        return queue(Routes.addRequest(route));
    }

    public Batch replace(Route route) {
        return queue(Routes.replaceRequest(route));
    }

    public Batch delete(Route route) {
        return queue(Routes.deleteRequest(route));
    }

    public Batch add(Neighbour neighbour) {
        return queue(Neighbours.addRequest(neighbour));
    }

    public Batch replace(Neighbour neighbour) {
        return queue(Neighbours.replaceRequest(neighbour));
    }

    public Batch delete(Neighbour neighbour) {
        return queue(Neighbours.deleteRequest(neighbour));
    }

    public Batch add(Rule rule) {
        return queue(Rules.addRequest(rule));
    }

    public Batch delete(Rule rule) {
        return queue(Rules.deleteRequest(rule));
    }

    /** Gives a link the clsact qdisc. */
    public Batch addClsact(int link) {
        return queue(TrafficMessages.addClsact(link));
    }

    /** Attaches or replaces a program; see {@link Traffic#attach}. */
    public Batch attach(BpfFilter filter) {
        return queue(TrafficMessages.attach(filter));
    }

    public int size() {
        return requests.size();
    }

    /**
     * Sends all and empties the batch.
     *
     * @throws NetlinkException the first failure; the others are its suppressed exceptions
     */
    public void send() {
        List<NetlinkException> failures = trySend();
        if (!failures.isEmpty()) {
            NetlinkException first = failures.getFirst();
            failures.stream().skip(1).forEach(first::addSuppressed);
            throw first;
        }
    }

    /** Sends all and empties the batch. {@return the failures, in order} */
    public List<NetlinkException> trySend() {
        List<Request> all = List.copyOf(requests);
        requests.clear();
        return socket.exchange(all).stream()
                .flatMap(outcome -> outcome.failure().stream())
                .toList();
    }
}
