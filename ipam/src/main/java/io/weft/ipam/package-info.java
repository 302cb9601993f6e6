/**
 * Addresses: who holds which, and when one that was given back is given out again.
 *
 * <pre>
 *   Pools ──▶ Ipam.acquire(request, batch) ──▶ Lease      ┐
 *             Ipam.release(key, batch)     ──▶ rest       ├─ durable when the batch is
 *             Ipam.deleteClaim(key, batch)                ┘
 *
 *   address:  free ─acquire─▶ used ─release─▶ resting ─cool-down over─▶ free
 *                              │  ▲
 *                              ▼  │ the claim's next holder
 *                             kept for its claim ─claim deleted─▶ resting
 * </pre>
 *
 * <p>The {@link io.weft.store.Ledger} is the truth, and holds each lease, claim and resting address
 * once. In memory there is besides a bit for each address of the blocks in use: an operation costs
 * the same among a million leases as among ten. A lease exists if and only if its batch is durable:
 * the caller puts its own records into the same batch, and says nothing before {@link
 * io.weft.store.Commit#await} returns. A batch that is closed unwritten leaves no trace.
 *
 * <p>A lease is known by container, interface and network, and is given back by that key alone;
 * nobody can free an address by naming the address or the pod.
 *
 * <p>Addresses lie in blocks of 64 (/26, /122). A block belongs to the node that took its first
 * address of it, and so does what is free in it, until no other node has anything left. On one
 * machine there is one node.
 *
 * <p>{@link io.weft.ipam.TransientPool} gives addresses that need not outlive the process, without
 * a ledger.
 */
@NullMarked
package io.weft.ipam;

import org.jspecify.annotations.NullMarked;
