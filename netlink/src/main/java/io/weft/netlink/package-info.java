/**
 * rtnetlink and sock_diag for Java: links, addresses, routes, neighbours, rules, traffic control
 * and the sockets of any network namespace, without a subprocess.
 *
 * <p>A pod's wire, from nothing:
 *
 * <pre>{@code
 * try (NetNs pod = NetNs.named("pod-a");
 *         Netlink host = Netlink.open();
 *         Netlink inside = Netlink.open(pod)) {
 *     Link end = host.links().create(new LinkSpec.Veth(
 *             LinkSettings.named("weft1a2b").mtu(1500).group(77),
 *             LinkSettings.named("eth0").mtu(1500).in(pod)));
 *     int eth0 = inside.links().require("eth0").index();
 *     inside.batch()
 *             .change(eth0, new LinkChange.Up(true))
 *             .add(LinkAddress.of(eth0, Cidr.parse("10.0.0.5/32")))
 *             .add(Route.to(Cidr.ALL_V4).via(Address.parse("169.254.1.1")).dev(eth0).onLink().build())
 *             .send();
 *     host.links().setUp(end.index());
 * }
 * }</pre>
 *
 * <p>Four layers, each in its own files:
 *
 * <ul>
 *   <li>bytes: {@code MessageWriter} and {@code Attributes} write and read attributes, bounded;
 *   <li>messages: {@code Request}, {@code Reply} and {@code LinkMessages}, {@code TrafficMessages},
 *       {@code SocketMessages};
 *   <li>the socket: {@code NetlinkSocket} sends requests, several at once, gives each its own
 *       answer, and repeats a dump that a change interrupted;
 *   <li>services: {@link io.weft.netlink.Links}, {@link io.weft.netlink.Addresses}, {@link
 *       io.weft.netlink.Routes}, {@link io.weft.netlink.Neighbours}, {@link io.weft.netlink.Rules},
 *       {@link io.weft.netlink.Traffic}, and {@link io.weft.netlink.Batch} for many changes in one
 *       system call.
 * </ul>
 *
 * <p>{@link io.weft.netlink.SocketDiag} uses the same layers on a socket of its own kind
 * (NETLINK_SOCK_DIAG): it lists the TCP and UDP sockets of a namespace and ends those that are
 * connected to a peer that went away.
 *
 * <p>What the kernel refuses throws {@link io.weft.netlink.NetlinkException}: what was tried on
 * what, the errno, the kernel's own words (extended ack) and the attribute that it blames.
 *
 * <p>Out of scope: notifications (multicast groups), generic netlink, nftables.
 */
@NullMarked
package io.weft.netlink;

import org.jspecify.annotations.NullMarked;
