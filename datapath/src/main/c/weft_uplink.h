/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The two tc programs at an interface that leads outside. They translate what is for services, and
 * let all else go on. What xdp_uplink has done already, from_uplink only sends on.
 *
 *   outside --> from_uplink --> a local workload
 *                          \-> out again, to a backend elsewhere; or to its client, an answer
 *                          \-> as it is, inside of another, to the node of a backend elsewhere
 *                          \-> the node's stack, to a backend of its own; or with an answer to it
 *
 *   the node's own sockets, workloads that masquerade --> to_uplink --> outside
 *                                       \-> to_workload --> a local workload
 */
#ifndef WEFT_UPLINK_H
#define WEFT_UPLINK_H

#include "weft_abi.h"
#include "weft_bpf.h"
#include "weft_conntrack.h"
#include "weft_forward.h"
#include "weft_maps.h"
#include "weft_packet.h"
#include "weft_refuse.h"
#include "weft_report.h"
#include "weft_rewrite.h"
#include "weft_translate.h"
#include "weft_xdp.h"

__inline void remember_as_it_came(struct packet *p, const struct translating *t)
{
	__u8 true_end[16] __aligned8;
	__be16 true_port;

	copy16(true_end, p->destination);
	true_port = p->destination_port;
	copy16(p->destination, t->destination);
	p->destination_port = t->destination_port;
	remember_fragment(p);
	copy16(p->destination, true_end);
	p->destination_port = true_port;
}

/*
 * Makes a packet, let through, what it is to be. Later fragments ask by the addresses that their
 * frames have. Returns 0 or enum weft_reason.
 */
__global int pass_translated(struct __sk_buff *skb, struct packet *p)
{
	struct translating *t = translating();

	if (!p || !t)
		return WEFT_DROP_TRANSLATION;
	if (p->flags & PACKET_FIRST)
		remember_as_it_came(p, t);
	return p->flags & PACKET_ERROR ? rewrite_error(skb, p) : rewrite(skb, p);
}

/* The verdict on a translated packet, then as pass_translated(). */
__inline int judge_translated(struct __sk_buff *skb, struct packet *p)
{
	int reason;

	if (!p)
		return WEFT_DROP_TRANSLATION;
	if (p->flags & PACKET_ERROR)
		reason = track_quoted(skb, p);
	else
		reason = track(p);
	if (reason == NOT_TRACKED)
		return WEFT_DROP_TRANSLATION;
	if (reason)
		return reason;
	return pass_translated(skb, p);
}

/* Headers as far as the addresses. Returns 1: common ones, 2: others, 0: not for us. */
__inline int parse_addresses(struct __sk_buff *skb, struct packet *p)
{
	if (parse_common(skb, p))
		return 1;
	p->flags = 0;
	p->length = skb->len;
	if (parse_ethernet(skb, p) || p->flags & PACKET_TAGGED)
		return 0;
	if (p->ethertype == ETH_IP4)
		return parse_ip4(skb, p) ? 0 : 2;
	return p->ethertype != ETH_IP6 || parse_ip6(skb, p) ? 0 : 2;
}

#define NOT_MARKED 0x100 /* beside TC actions */

/* Sends on what xdp_uplink has judged and rewritten. Returns the TC action, or NOT_MARKED. */
__global int send_marked(struct __sk_buff *skb, struct packet *p)
{
	struct xdp_mark *mark = (void *)(long)skb->data_meta;
	struct translating *t = translating();
	__u32 ifindex = skb->ifindex;
	struct weft_uplink *uplink;

	if (!p || !t || (void *)(mark + 1) > (void *)(long)skb->data)
		return NOT_MARKED;
	uplink = bpf_map_lookup_elem(&weft_uplinks, &ifindex);
	if (!uplink || mark->mark != uplink->mark)
		return NOT_MARKED;
	mark->mark = 0; /* it is known to nobody, and good for once */
	t->now.flags = mark->flags;
	t->now.ifindex = mark->ifindex;
	if (!parse_common(skb, p))
		return drop(p, WEFT_DROP_MALFORMED);
	copy16(t->now.source, p->source);
	copy16(t->now.destination, p->destination);
	t->now.source_port = p->source_port;
	t->now.destination_port = p->destination_port;
	return send_on(skb, p);
}

/* Judges a packet from outside, rewrites it and sends it on. Returns the TC action. */
__inline int bring(struct __sk_buff *skb, struct packet *p)
{
	struct weft_address *to = bpf_map_lookup_elem(&weft_addresses, p->destination);
	int reason;

	if (to) {
		p->slot = to->slot;
		reason = judge_translated(skb, p);
	} else {
		reason = pass_translated(skb, p);
	}
	return reason ? drop(p, reason) : send_on(skb, p);
}

#include "weft_direct.h"
#include "weft_masquerade.h" /* by parse_addresses() */

SEC("tc/from_uplink")
int from_uplink(struct __sk_buff *skb)
{
	struct packet p = { .direction = WEFT_TO_WORKLOAD, .slot = WEFT_NO_SLOT };
	int reason, parsed;
	__u32 *of;

	if (skb->pkt_type != PACKET_HOST)
		return TC_ACT_UNSPEC;
	if (skb->data_meta != skb->data) {
		reason = send_marked(skb, &p);
		if (reason != NOT_MARKED)
			return reason;
	}
	p.ingress = skb->ifindex;
	p.revision = revision();
	parsed = parse_addresses(skb, &p);
	if (!parsed)
		return TC_ACT_UNSPEC;
	if (parsed == 2 && has_packet_inside(&p)) {
		reason = take_handed(skb, &p);
		if (reason != NOT_HANDED)
			return reason;
		forget_inside(&p);
		if (!parse_addresses(skb, &p))
			return TC_ACT_UNSPEC;
	}
	of = bpf_map_lookup_elem(&weft_service_addresses, p.destination);
	if (!of) {
		if (!bpf_map_lookup_elem(&weft_addresses, p.destination) && is_reserved(&p))
			return drop(&p, WEFT_DROP_NO_SERVICE);
		return TC_ACT_UNSPEC;
	}
	if (parsed == 2) {
		reason = parse_transport(skb, &p);
		if (reason)
			return *of == WEFT_ADDRESS_CLUSTER_IP ? drop(&p, reason) : TC_ACT_UNSPEC;
	}
	if (p.flags & PACKET_ERROR)
		reason = take_quoted(skb, &p) ? 0 : NOT_TRACKED;
	else if (!may_concern(&p, *of))
		reason = NOT_TRACKED;
	else
		reason = translate(&p, CLIENT_OUTSIDE, *of);
	if (reason == NOT_TRACKED)
		return TC_ACT_UNSPEC;
	if (reason == WEFT_DROP_NO_ENDPOINT) {
		drop(&p, reason);
		return refuse(skb, &p) ? bpf_redirect(skb->ifindex, 0) : TC_ACT_SHOT;
	}
	if (!reason && p.hop_limit <= 1)
		reason = WEFT_DROP_TRANSLATION;
	if (reason)
		return drop(&p, reason);
	return p.flags & PACKET_DIRECT ? hand_on(skb, &p) : bring(skb, &p);
}

SEC("tc/to_uplink")
int to_uplink(struct __sk_buff *skb)
{
	struct packet p = {
		.direction = WEFT_TO_WORKLOAD,
		.slot = WEFT_NO_SLOT,
		.flags = PACKET_FROM_NODE,
	};
	int reason, parsed;
	__u32 *of;

	if (skb->ingress_ifindex) /* forwarded: to services it was translated when it came in */
		return leave(skb);
	p.revision = revision();
	parsed = parse_addresses(skb, &p);
	if (!parsed || (parsed == 2 && parse_transport(skb, &p)))
		return TC_ACT_UNSPEC;
	p.flags |= PACKET_FROM_NODE;
	of = bpf_map_lookup_elem(&weft_service_addresses, p.destination);
	if (p.flags & PACKET_ERROR)
		reason = take_quoted(skb, &p) ? 0 : NOT_TRACKED;
	else if (of)
		reason = translate(&p, CLIENT_NODE, *of);
	else
		reason = take_answer(&p) ? 0 : NOT_TRACKED;
	if (reason == NOT_TRACKED)
		return TC_ACT_UNSPEC;
	if (reason == WEFT_DROP_NO_ENDPOINT) {
		drop(&p, reason);
		return refuse(skb, &p) ? bpf_redirect(skb->ifindex, BPF_F_INGRESS) : TC_ACT_SHOT;
	}
	if (!reason)
		reason = pass_translated(skb, &p);
	return reason ? drop(&p, reason) : send_own(skb, &p);
}

#endif
