/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Joins two interfaces of one namespace whose ifindexes differ in the last bit: what comes in at
 * one goes out at the other, and the namespace's own stack sees none of it. So a virtual
 * machine's tap is the inner end of its workload's pair.
 */
#ifndef WEFT_CROSS_H
#define WEFT_CROSS_H

#include "weft_bpf.h"

SEC("tc/cross")
int cross(struct __sk_buff *skb)
{
	return bpf_redirect(skb->ifindex ^ 1, 0);
}

#endif
