/**
 * The node: it makes the machine equal to what is declared, and says what happens there.
 *
 * <pre>
 *   apply, delete ──▶ Node ── one owner thread ──┬─▶ Sandbox   namespace, veth, processes of a pod
 *                      │                         └─▶ Datapath  programs and maps
 *                      ▼
 *                 NodeState (immutable) ──▶ NodeApi, Prober, why, status
 * </pre>
 *
 * <p>{@link io.weft.agent.Node} is the only writer: every change runs on its thread, in order, and
 * publishes a new {@link io.weft.agent.NodeState}. Readers take the state they find and never wait.
 *
 * <p>Order is safety. A pod's programs and policy are in the kernel before its interface is up, and
 * its interface before its first process. What the node makes outside its own memory it writes into
 * the {@link io.weft.agent.Journal} first, so that the next start can take back what a crash left.
 */
@NullMarked
package io.weft.agent;

import org.jspecify.annotations.NullMarked;
