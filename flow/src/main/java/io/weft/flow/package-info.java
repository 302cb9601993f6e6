/**
 * The flow log: what the datapath saw, in words. It answers "who talked to whom, and which rule let
 * them or stopped them".
 *
 * <pre>
 *   ring buffer ──EventRecord──▶ FlowDecoder ──Flow──┬──▶ FlowLog ──▶ recent(query)
 *                                  ▲      ▲          │       └──────▶ Follower ──▶ FlowPrinter
 *                          FlowClock      │          └──▶ FlowCounters
 *                                      NameBook
 *                                         ▲
 *   pods, slots, rules, ──────────▶ RecentNames
 *   as they come and go
 * </pre>
 *
 * <p><b>A node's side.</b> One thread reads the ring buffer and appends; everything else may be
 * called from any thread.
 *
 * <pre>{@code
 * RecentNames names = new RecentNames(Duration.ofMinutes(1), 10_000);
 * FlowDecoder decoder = new FlowDecoder(FlowClock.of(monotonicNanos, Instant.now()), names);
 * FlowLog log = new FlowLog(65_536, 64);
 * FlowCounters counters = new FlowCounters(10_000, 10_000);
 *
 * names.put(pod, now);                       // a pod came, or changed
 * names.wire(slot, pod.ref(), now);          // it is local
 * names.rules(tables.rules(), now);          // a new policy is in force
 *
 * Flow flow = decoder.flow(EventRecord.read(bytes, 0));
 * log.append(flow);
 * counters.add(flow);
 * }</pre>
 *
 * <p><b>A reader's side.</b> Flags are those of {@code hubble observe}; {@link
 * io.weft.flow.FlowFlag} lists them with their help.
 *
 * <pre>{@code
 * FlowQuery query = FlowQuery.parse(List.of("--to-pod", "shop/api", "--last", "20"), now);
 * FlowPrinter printer = FlowPrinter.compact(ZoneId.systemDefault(), true);
 * try (Follower follower = log.follow(query, 1024)) {
 *     for (Optional<Item> item = follower.next(timeout);
 *             item.isPresent();
 *             item = follower.next(timeout)) {
 *         switch (item.get()) {
 *             case Item.Seen seen -> out.println(printer.print(seen.flow()));
 *             case Item.Lost lost -> out.println(printer.lost(lost.count()));
 *             case Item.End _ -> { return; }
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p><b>What holds.</b>
 *
 * <ul>
 *   <li>The source of a flow is the end that opened the connection, also in events of its replies.
 *   <li>{@link io.weft.flow.Flow#rule} is the rule of the side that denied: egress at the source,
 *       ingress at the destination. An allowed flow names a policy's rule before one that always
 *       holds, the destination's before the source's.
 *   <li>CLOSED comes when both ends said FIN, one said RST, or both were silent too long; the node
 *       finds that out within seconds. The kernel's table of connections is an LRU: at its limit
 *       the kernel forgets those unused for longest, and tells nobody. Such a connection has no
 *       CLOSED and its counts are lost; to report them a reader would have to keep a copy of the
 *       whole table. Its next packet, from whichever end, is judged as a first one, and is OPENED
 *       or DENIED. {@code weft status} shows how full the table is.
 *   <li>Names are those of the moment of decoding, and stay in the flow. Pods, slots and rules that
 *       went away are known a while longer, since their last events come after them.
 *   <li>The owner of a forged source address is not named; the workload that sent the packet is, as
 *       {@link io.weft.flow.Flow#observer}.
 *   <li>Nothing grows without a bound, and nothing else is lost in silence: the ring counts what it
 *       overwrote, a follower is told how many flows it missed and where, counters that make room
 *       are added to {@code others}.
 * </ul>
 *
 * <p><b>Out of scope.</b> Layer 7, names from DNS, and flows of other nodes.
 */
@NullMarked
package io.weft.flow;

import org.jspecify.annotations.NullMarked;
