/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a packet goes: to a local workload, or out of the node without its stack. */
#ifndef WEFT_FORWARD_H
#define WEFT_FORWARD_H

#include "weft_abi.h"
#include "weft_bpf.h"
#include "weft_conntrack.h"
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

/* Makes it a frame to a local workload, with mac and gateway of it. */
__inline int address_frame(struct __sk_buff *skb, const struct packet *p, const __u32 *macs)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	__u32 *ethernet = data;

	if (data + ETH_HEADER + sizeof(struct ip4_header) > end)
		return 0; /* in_place() has seen to it */
	ethernet[0] = macs[0];
	ethernet[1] = macs[1];
	ethernet[2] = macs[2];
	count_hop(data, p);
	return 1;
}

/* Into a local workload's namespace, over its host-side interface. */
__inline int enter(struct __sk_buff *skb, const struct packet *p, const __u32 *macs, __u32 ifindex)
{
	return address_frame(skb, p, macs) ? bpf_redirect_peer(ifindex, 0) : TC_ACT_SHOT;
}

__inline int deliver(struct __sk_buff *skb, const struct packet *p, const struct weft_address *to)
{
	if (!address_frame(skb, p, (const __u32 *)to->mac))
		return TC_ACT_SHOT;
	return to->flags & WEFT_ADDRESS_SHAPED ? queue(skb, to) : bpf_redirect_peer(to->ifindex, 0);
}

#define NO_SHORTCUT 0x100 /* beside TC actions */

/*
 * A packet from one local workload to another, of an open connection that has gone this way before:
 * both places are asked whether all is as it was. Workloads with a bandwidth have none. Returns the
 * TC action, or NO_SHORTCUT.
 */
__inline int take_shortcut(struct __sk_buff *skb, struct packet *p, struct weft_connection *conn,
			   __u32 from_b)
{
	__u32 reply = from_b != (conn->flags & WEFT_CONN_FROM_B), v6 = p->flags & PACKET_IP6;
	__u32 own = conn->slots[0], other = conn->slots[1], own_was, other_was, ifindex, macs[3];
	struct weft_place *from, *to;

	if (own == other || p->hop_limit <= 1 || skb->pkt_type != PACKET_HOST ||
	    (reply && conn->flags & WEFT_CONN_TRANSLATED))
		return NO_SHORTCUT;
	if (from_b) {
		own = other;
		other = conn->slots[0];
	}
	from = bpf_map_lookup_elem(&weft_places, &own);
	to = bpf_map_lookup_elem(&weft_places, &other);
	if (!from || !to)
		return NO_SHORTCUT;
	own_was = *(volatile __u32 *)&from->sequence;
	other_was = *(volatile __u32 *)&to->sequence;
	barrier();
	ifindex = to->ifindex;
	macs[0] = ((__u32 *)to->mac)[0];
	macs[1] = ((__u32 *)to->mac)[1];
	macs[2] = ((__u32 *)to->mac)[2];
	if ((own_was | other_was) & 1 || !ifindex || from->ifindex != skb->ifindex ||
	    !same16(p->source, v6 ? from->ip6 : from->ip4) ||
	    !same16(p->destination, v6 ? to->ip6 : to->ip4))
		return NO_SHORTCUT;
	barrier();
	if (own_was != *(volatile __u32 *)&from->sequence ||
	    other_was != *(volatile __u32 *)&to->sequence)
		return NO_SHORTCUT;
	follow(p, conn, reply);
	return enter(skb, p, macs, ifindex);
}

/* The question how to get from p's source, as it becomes, to its destination. */
__inline void ask_the_way(struct bpf_fib_lookup *way, const struct packet *p,
			  const struct translating *t, __u32 ifindex)
{
	way->ifindex = ifindex;
	way->l4_protocol = p->protocol;
	way->sport = t->now.source_port;
	way->dport = t->now.destination_port;
	if (p->flags & PACKET_IP6) {
		way->family = FAMILY_IP6;
		copy16_by_4(way->ipv6_src, t->now.source);
		copy16_by_4(way->ipv6_dst, t->now.destination);
	} else {
		way->family = FAMILY_IP4;
		way->ipv4_src = ((__u32 *)t->now.source)[3];
		way->ipv4_dst = ((__u32 *)t->now.destination)[3];
	}
}

/* Which interface leads there; 0: none. */
__global int route_of(struct __sk_buff *skb, struct packet *p)
{
	struct translating *t = translating();
	struct bpf_fib_lookup way = {};
	long failed;

	if (!p || !t)
		return 0;
	ask_the_way(&way, p, t, skb->ifindex);
	failed = bpf_fib_lookup(skb, &way, sizeof(way), 0);
	return failed && failed != BPF_FIB_LKUP_RET_NO_NEIGH ? 0 : way.ifindex;
}

/* Whether a rewritten packet, for no local workload, is the stack's: else it leaves the node. */
__inline int is_for_the_stack(const struct translating *t)
{
	return !(t->now.flags & (WEFT_TRANSLATION_REVERSE | WEFT_TRANSLATION_MASQUERADED)) ||
	       t->now.flags & WEFT_TRANSLATION_NODE;
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
	if (is_for_the_stack(t))
		return TC_ACT_OK;
	ifindex = t->now.ifindex;
	if (!ifindex && (!(t->now.flags & WEFT_TRANSLATION_REVERSE) ||
			 t->now.flags & WEFT_TRANSLATION_DIRECT))
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
