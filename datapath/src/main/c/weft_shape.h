/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Workloads that may not send or get as fast as they like. What such a one sends waits in front of
 * a pair of interfaces of its own, before anything is looked at; then it is judged as ever:
 *
 *   workload --> from_workload --> [tbf] pair --> from_shaper --> from_workload --> ...
 *
 * What goes to it waits at the root qdisc of its interface. No packet is put past that one by
 * bpf_redirect_peer:
 *
 *   from_workload, from_uplink, judged --> to_workload, let through --> [tbf] --> workload
 *   the node's stack --> to_workload, judged --> [tbf] --> workload
 *
 * Marks say what is behind a packet. from_workload takes off what a workload may have made, and a
 * process of the node cannot have a packet come in at an interface.
 */
#ifndef WEFT_SHAPE_H
#define WEFT_SHAPE_H

#include "weft_abi.h"
#include "weft_bpf.h"

#define MARK_JUDGED 0x77656674 /* beside ifindexes */

/* Whether a workload's packet has waited. */
__inline int is_due(struct __sk_buff *skb)
{
	return skb->mark == skb->ifindex;
}

__inline int await_turn(struct __sk_buff *skb, const struct weft_workload *workload)
{
	skb->mark = skb->ifindex;
	return bpf_redirect(workload->shaper, 0);
}

/* Sends what is judged to a workload by way of its qdisc. */
__inline int queue(struct __sk_buff *skb, const struct weft_address *to)
{
	skb->mark = MARK_JUDGED;
	return bpf_redirect(to->ifindex, 0);
}

/* Whether queue() has sent it. */
__inline int is_queued(struct __sk_buff *skb)
{
	if (skb->mark != MARK_JUDGED || !skb->ingress_ifindex)
		return 0;
	skb->mark = 0;
	return 1;
}

/* At the far end of the pair. */
SEC("tc/from_shaper")
int from_shaper(struct __sk_buff *skb)
{
	return skb->mark ? bpf_redirect(skb->mark, BPF_F_INGRESS) : TC_ACT_SHOT;
}

#endif
