/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a packet goes: to a local workload, or out of the node without its stack. */
#ifndef WEFT_FORWARD_H
#define WEFT_FORWARD_H

#include "weft_abi.h"
#include "weft_bpf.h"
#include "weft_maps.h"
#include "weft_packet.h"
#include "weft_report.h"
#include "weft_shape.h"
#include "weft_translation.h"

#define MACS 12
#define FAMILY_IP4 2 /* AF_INET */
#define FAMILY_IP6 10

__inline int in_place(struct __sk_buff *skb)
{
	return (void *)(long)skb->data + ETH_HEADER + sizeof(struct ip4_header) <=
	       (void *)(long)skb->data_end;
}

/* Takes one hop off; the caller has seen to in_place(). */
__inline void count_hop(void *data, const struct packet *p)
{
	if (p->flags & PACKET_IP6) {
		((__u8 *)data)[ETH_HEADER + 7] -= 1;
	} else {
		struct ip4_header *ip = data + ETH_HEADER;
		__u32 sum = ip->checksum + htons(0x0100); /* RFC 1624 */

		ip->ttl -= 1;
		ip->checksum = sum + (sum >> 16);
	}
}

/* To a local workload, over its host-side interface and into its namespace. */
__inline int deliver(struct __sk_buff *skb, struct packet *p, struct weft_address *to)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	__u16 *mac = (__u16 *)to->mac, *ethernet = data;

	if (data + ETH_HEADER + sizeof(struct ip4_header) > end)
		return TC_ACT_SHOT; /* in_place() has seen to it */
	ethernet[0] = mac[0];
	ethernet[1] = mac[1];
	ethernet[2] = mac[2];
	ethernet[3] = mac[3]; /* gateway */
	ethernet[4] = mac[4];
	ethernet[5] = mac[5];
	count_hop(data, p);
	return to->flags & WEFT_ADDRESS_SHAPED ? queue(skb, to) : bpf_redirect_peer(to->ifindex, 0);
}

/* Which interface leads from p's source, as it becomes, to its destination; 0: none. */
__global int route_of(struct __sk_buff *skb, struct packet *p)
{
	struct translating *t = translating();
	struct bpf_fib_lookup way = {};
	long failed;

	if (!p || !t)
		return 0;
	way.ifindex = skb->ifindex;
	way.l4_protocol = p->protocol;
	way.sport = t->now.source_port;
	way.dport = t->now.destination_port;
	if (p->flags & PACKET_IP6) {
		way.family = FAMILY_IP6;
		copy16_by_4(way.ipv6_src, t->now.source);
		copy16_by_4(way.ipv6_dst, t->now.destination);
	} else {
		way.family = FAMILY_IP4;
		way.ipv4_src = ((__u32 *)t->now.source)[3];
		way.ipv4_dst = ((__u32 *)t->now.destination)[3];
	}
	failed = bpf_fib_lookup(skb, &way, sizeof(way), 0);
	return failed && failed != BPF_FIB_LKUP_RET_NO_NEIGH ? 0 : way.ifindex;
}

/*
 * Sends a rewritten packet on. The stack would take one that comes in with an address of the node
 * for forged, so such a packet goes out by itself. Returns the TC action.
 */
__global int send_on(struct __sk_buff *skb, struct packet *p)
{
	struct translating *t = translating();
	__u8 destination[16] __aligned8;
	struct weft_address *to;
	void *data, *end;
	__u32 ifindex;

	if (!p || !t)
		return TC_ACT_SHOT;
	copy16(destination, p->destination);
	to = bpf_map_lookup_elem(&weft_addresses, destination);
	if (to)
		return deliver(skb, p, to);
	if (!(t->now.flags & (WEFT_TRANSLATION_REVERSE | WEFT_TRANSLATION_MASQUERADED)) ||
	    t->now.flags & WEFT_TRANSLATION_NODE)
		return TC_ACT_OK;
	ifindex = t->now.ifindex;
	if (!ifindex && !(t->now.flags & WEFT_TRANSLATION_REVERSE))
		ifindex = route_of(skb, p);
	if (!ifindex)
		return drop(p, WEFT_DROP_DESTINATION);
	data = (void *)(long)skb->data;
	end = (void *)(long)skb->data_end;
	if (data + ETH_HEADER + sizeof(struct ip4_header) > end)
		return TC_ACT_SHOT;
	count_hop(data, p);
	return bpf_redirect_neigh(ifindex, 0, 0, 0);
}

/* Sends on what the node itself has sent and was rewritten. Returns the TC action. */
__global int send_own(struct __sk_buff *skb, struct packet *p)
{
	struct weft_address *to;
	__u8 destination[16] __aligned8;

	if (!p)
		return TC_ACT_SHOT;
	copy16(destination, p->destination);
	to = bpf_map_lookup_elem(&weft_addresses, destination);
	if (!to)
		return TC_ACT_UNSPEC;
	if (bpf_skb_store_bytes(skb, 0, to->mac, MACS, 0))
		return TC_ACT_SHOT;
	return bpf_redirect(to->ifindex, 0);
}

#endif
