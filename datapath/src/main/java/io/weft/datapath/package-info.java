/**
 * The datapath: two small eBPF programs at the host side of every workload's interface, and the
 * Java that puts them there and makes the kernel's maps equal to {@link io.weft.tables.Tables}.
 *
 * <pre>{@code
 * try (Datapath datapath = Datapath.open(Path.of("/sys/fs/bpf/weft"), Limits.DEFAULT);
 *         EventReader events = datapath.events(event -> System.out.println(event))) {
 *     datapath.tables().apply(tables, Map.of(Ref.pod("shop", "web"), 0)); // slot 0
 *     datapath.attach(netlink, hostIfindex, new Workload(0, mac, gatewayMac, ips));
 *     netlink.links().setUp(hostIfindex);
 *     ...
 * }
 * }</pre>
 *
 * <p>What lives where:
 *
 * <ul>
 *   <li>The C is in {@code src/main/c}; {@code weft_abi.h} there is the seam, {@code weft.c} the
 *       place to begin. {@code build-object.sh} makes the committed {@code weft.o}.
 *   <li>{@link io.weft.datapath.Datapath} loads and pins it, or adopts what an earlier process
 *       left: programs go on forwarding and enforcing when this process dies.
 *   <li>{@link io.weft.datapath.KernelTables} changes policy without a gap: a packet sees one
 *       revision of everything, or the next one, and never a mixture.
 *   <li>{@link io.weft.datapath.Connections} ends what has been silent too long; {@link
 *       io.weft.datapath.EventReader} delivers what the programs report.
 * </ul>
 *
 * <p>Everything fails closed: an interface whose workload is unknown, and a workload whose policy
 * is not there yet, get nothing through but ARP and neighbour discovery for the latter.
 */
@NullMarked
package io.weft.datapath;

import org.jspecify.annotations.NullMarked;
