/**
 * The Container Network Interface, versions 0.3.0 to 1.1.0: what every plugin does alike, so that
 * one has to say only what ADD, DEL, CHECK, GC and STATUS do ({@link io.weft.cni.CniPlugin}, {@link
 * io.weft.cni.IpamPlugin}).
 *
 * <pre>
 *   runtime ──exec──▶ weft-cni.c ──unix socket──▶ CniServer ──▶ CniDispatcher ──▶ CniPlugin
 *                          │                                          │
 *                          └─▶ tombstone, when no agent is there      └─▶ CniEnvironment, NetworkConfig
 * </pre>
 *
 * <p><b>The config.</b> Besides the specification's keys Weft reads these. Unknown keys are
 * tolerated; {@code null} is as absent. All are checked before anything is made, and every problem
 * is named. DEL takes what it can use.
 *
 * <table>
 *   <caption>Weft's own keys</caption>
 *   <tr><th>key</th><th>value</th><th>default</th></tr>
 *   <tr><td>interface</td><td>veth, bridge, macvlan, host, tap: how the container is attached; absent behind another plugin</td><td>veth</td></tr>
 *   <tr><td>bridge</td><td>the bridge's name; needed with interface bridge; made when missing</td><td></td></tr>
 *   <tr><td>master</td><td>the host's interface; needed with interface macvlan</td><td></td></tr>
 *   <tr><td>mode</td><td>bridge, private, vepa, passthru: of macvlan</td><td>bridge</td></tr>
 *   <tr><td>multiQueue, owner, group</td><td>whether a tap has several queues; uid and gid that may open it</td><td>false; all</td></tr>
 *   <tr><td>mtu</td><td>bytes, 68 to 65535</td><td>the node's</td></tr>
 *   <tr><td>ipMasq</td><td>whether what leaves the node has the node's address</td><td>false</td></tr>
 *   <tr><td>pool</td><td>the pool that addresses come from</td><td>the node's</td></tr>
 *   <tr><td>namespace</td><td>whose policies hold, unless CNI_ARGS names a pod's</td><td>default</td></tr>
 *   <tr><td>labels</td><td>object of texts: what policies select by; args.cni.labels go over them</td><td></td></tr>
 *   <tr><td>ipam.type</td><td>weft, or another plugin, which is called</td><td>weft</td></tr>
 *   <tr><td>ipam.pool</td><td>as pool, and before it</td><td></td></tr>
 *   <tr><td>ipam.addresses, ipam.ips</td><td>list of addresses asked for</td><td></td></tr>
 *   <tr><td>ipam.ranges</td><td>as host-local's: a set of ranges for each address</td><td></td></tr>
 *   <tr><td>ipam.routes</td><td>as host-local's: routes over the interface; through the node where it is a routed pair's, whatever their gw</td><td>default routes, unless the container has some</td></tr>
 *   <tr><td>delegate</td><td>config of another plugin that makes the interface; without interface</td><td></td></tr>
 * </table>
 *
 * <p>With a {@code prevResult} at ADD the interface is there already, and its plugin's: Weft adds
 * policy to it, and passes the result on. A plugin that has none of a kind refuses it with code 2.
 *
 * <p><b>The wire.</b> A unix stream socket, one request for each connection:
 *
 * <ol>
 *   <li>The client opens CNI_NETNS and passes the descriptor (SCM_RIGHTS) with its first byte, so
 *       that client and agent may have different mount namespaces. When it cannot open it, there is
 *       a variable {@code WEFT_CNI_NETNS_ERROR} with the errno.
 *   <li>It sends {@code WEFTCNI1}, then for each variable that begins with {@code CNI_}, and for
 *       TRACEPARENT, TRACESTATE and BAGGAGE, {@code NAME=VALUE} and a zero byte, then one more zero
 *       byte; all that is at most 64 KiB. Then what it read from stdin, at most 1 MiB, and the end
 *       of the stream.
 *   <li>It gets one byte, the exit code, then what to write to stdout, to the end of the stream. No
 *       byte at all means that the agent went away.
 * </ol>
 *
 * <p>A tombstone is a file of the same bytes as the second step. {@code weft-cni.c} says which
 * variables of the environment lead it elsewhere.
 */
@NullMarked
package io.weft.cni;

import org.jspecify.annotations.NullMarked;
