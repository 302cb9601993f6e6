/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The two programs at the host side of a workload's interface; those at uplinks are in weft_uplink.h.
 *
 *   workload --> from_workload --> redirect_peer --> another local workload
 *                              \-> the node's stack --> elsewhere
 *                                                  \--> to_workload --> workload
 *
 * A packet between two local workloads is judged for both of them in from_workload. When it
 * has to go through the stack all the same (hop limit, IP options, VLAN tag), to_workload
 * finds the connection and counts it.
 *
 * Multicast and broadcast are judged like any other destination, by the identity of the
 * group's address, and go to the stack.
 *
 * A VLAN tag hides nothing: what is inside is judged. Tagged frames go to the stack, which
 * takes priority tags (VID 0) off and drops the others, as it has no VLAN interface there.
 */
#include "weft_abi.h"
#include "weft_bpf.h"
#include "weft_conntrack.h"
#include "weft_cross.h"
#include "weft_forward.h"
#include "weft_maps.h"
#include "weft_neighbour.h"
#include "weft_packet.h"
#include "weft_policy.h"
#include "weft_refuse.h"
#include "weft_report.h"
#include "weft_rewrite.h"
#include "weft_service.h"
#include "weft_shape.h"
#include "weft_translate.h"
#include "weft_translation.h"
#include "weft_uplink.h"

/* Returns 0 or enum weft_reason. */
__inline int verdict(struct __sk_buff *skb, struct packet *p)
{
	int reason = NOT_TRACKED;

	if (p->flags & PACKET_ERROR)
		reason = track_quoted(skb, p);
	if (reason == NOT_TRACKED)
		reason = track(p);
	if (!reason && p->flags & PACKET_FIRST)
		remember_fragment(p);
	return reason;
}

/*
 * Judges an ICMP error about what was translated, and turns it. Returns 0 or enum weft_reason, or
 * NOT_TRACKED: it is about something else.
 */
__inline int turn_error(struct __sk_buff *skb, struct packet *p)
{
	return p && take_quoted(skb, p) ? judge_translated(skb, p) : NOT_TRACKED;
}

/* An answer of a backend, judged: its client is to see the service. Returns 0 or enum weft_reason. */
__global int show_service(struct __sk_buff *skb, struct packet *p)
{
	if (!p || (!(p->flags & PACKET_TRANSLATED) && !take_answer(p)))
		return WEFT_DROP_TRANSLATION;
	return rewrite(skb, p);
}

#define NOT_A_SERVICE 0x100 /* beside TC actions */

/* To an address that is a service's or the node's. Returns the TC action, or NOT_A_SERVICE. */
__global int to_service(struct __sk_buff *skb, struct packet *p, __u32 of)
{
	int reason;

	if (!p)
		return TC_ACT_SHOT;
	if (p->flags & PACKET_TAGGED || skb->pkt_type != PACKET_HOST)
		return NOT_A_SERVICE;
	reason = translate(p, CLIENT_POD, of);
	if (reason == NOT_TRACKED)
		return NOT_A_SERVICE;
	if (reason == WEFT_DROP_NO_ENDPOINT) {
		drop(p, reason);
		return refuse(skb, p) ? bpf_redirect_peer(skb->ifindex, 0) : TC_ACT_SHOT;
	}
	if (!reason && p->hop_limit <= 1)
		reason = WEFT_DROP_TRANSLATION;
	if (!reason)
		reason = track(p);
	if (!reason)
		reason = pass_translated(skb, p);
	return reason ? drop(p, reason) : send_on(skb, p);
}

SEC("tc/from_workload")
int from_workload(struct __sk_buff *skb)
{
	struct packet p = { .direction = WEFT_FROM_WORKLOAD, .slot = WEFT_NO_SLOT };
	struct weft_connection *conn = 0;
	struct weft_workload *workload;
	struct weft_address *to;
	__u32 ifindex = skb->ifindex, *of = 0, from_b;
	int reason, common, action, direct = 0;

	p.revision = revision();
	common = parse_common(skb, &p);
	if (common)
		conn = find_open(&p, &from_b);
	if (conn) {
		action = take_shortcut(skb, &p, conn, from_b);
		if (action != NO_SHORTCUT)
			return action;
	}
	workload = bpf_map_lookup_elem(&weft_workloads, &ifindex);
	if (!workload) {
		p.length = skb->len;
		return drop(&p, WEFT_DROP_NO_WORKLOAD);
	}
	if (workload->shaper && !is_due(skb))
		return await_turn(skb, workload);
	skb->mark = 0;
	p.slot = workload->slot;
	if (workload->flags & WEFT_WORKLOAD_SWITCHED && !has_own_mac(skb, workload)) {
		p.length = skb->len;
		return drop(&p, WEFT_DROP_SPOOFED);
	}
	if (!common) {
		p.flags = 0;
		p.length = skb->len;
		reason = parse_ethernet(skb, &p);
		if (reason)
			return drop(&p, reason);
		if (p.ethertype == ETH_ARP)
			return arp_from_workload(skb, &p);
		reason = parse_ip(skb, &p);
		if (reason)
			return drop(&p, reason);
	}
	if (!same16(p.source, p.flags & PACKET_IP6 ? workload->ip6 : workload->ip4) ||
	    zero16(p.source)) {
		if (!(p.flags & PACKET_NEIGHBOUR) ||
		    !(zero16(p.source) || is_link_local(p.source)))
			return drop(&p, WEFT_DROP_SPOOFED);
	}
	if (p.flags & PACKET_NEIGHBOUR)
		return neighbour_from_workload(skb, &p);
	if (p.flags & PACKET_ERROR && p.hop_limit > 1) {
		reason = turn_error(skb, &p);
		if (reason != NOT_TRACKED)
			return reason ? drop(&p, reason) : send_on(skb, &p);
	}

	to = bpf_map_lookup_elem(&weft_addresses, p.destination);
	if (to && to->ifindex != ifindex) {
		direct = p.hop_limit > 1 && skb->pkt_type == PACKET_HOST &&
			 !(p.flags & (PACKET_TAGGED | PACKET_OPTIONS)) && in_place(skb);
		if (!direct)
			p.flags |= PACKET_UNCOUNTED;
	}
	if (!to) {
		of = bpf_map_lookup_elem(&weft_service_addresses, p.destination);
		if (of && may_concern(&p, *of)) {
			action = to_service(skb, &p, *of);
			if (action != NOT_A_SERVICE)
				return action;
		}
	}
	if (conn) {
		go_on(&p, conn, from_b);
		if (direct && to) {
			conn->slots[!!from_b] = workload->slot;
			conn->slots[!from_b] = to->slot;
		}
	} else {
		reason = !to && !of && is_reserved(&p) ? WEFT_DROP_NO_SERVICE : verdict(skb, &p);
		if (reason)
			return drop(&p, reason);
	}
	if (p.flags & PACKET_ANSWER) {
		reason = p.hop_limit > 1 ? show_service(skb, &p) : WEFT_DROP_TRANSLATION;
		return reason ? drop(&p, reason) : send_on(skb, &p);
	}
	return direct && to ? deliver(skb, &p, to) : TC_ACT_OK;
}

SEC("tc/to_workload")
int to_workload(struct __sk_buff *skb)
{
	struct packet p = { .direction = WEFT_TO_WORKLOAD, .slot = WEFT_NO_SLOT };
	struct weft_workload *workload;
	struct weft_connection *conn;
	__u32 ifindex = skb->ifindex, from_b;
	int reason, common, on_link;

	p.ingress = skb->ingress_ifindex;
	if (is_queued(skb))
		return TC_ACT_OK;
	p.revision = revision();
	workload = bpf_map_lookup_elem(&weft_workloads, &ifindex);
	common = parse_common(skb, &p);
	if (!workload) {
		p.length = skb->len;
		return drop(&p, WEFT_DROP_NO_WORKLOAD);
	}
	p.slot = workload->slot;
	/* from the node itself, or an answer that from_workload made, or others on its link */
	on_link = !p.ingress || p.ingress == ifindex ||
		  workload->flags & WEFT_WORKLOAD_SWITCHED;
	if (!common) {
		p.flags = 0;
		p.length = skb->len;
		reason = parse_ethernet(skb, &p);
		if (reason)
			return drop(&p, reason);
		if (p.ethertype == ETH_ARP)
			return on_link ? TC_ACT_OK : drop(&p, WEFT_DROP_NEIGHBOUR);
		reason = parse_ip(skb, &p);
		if (reason)
			return drop(&p, reason);
	}
	if (p.flags & PACKET_NEIGHBOUR)
		return on_link ? TC_ACT_OK : drop(&p, WEFT_DROP_NEIGHBOUR);
	if (!same16(p.destination, p.flags & PACKET_IP6 ? workload->ip6 : workload->ip4))
		return drop(&p, WEFT_DROP_DESTINATION);
	if (!p.ingress)
		p.flags |= PACKET_FROM_NODE;
	if (p.flags & PACKET_ERROR) {
		reason = turn_error(skb, &p);
		if (reason != NOT_TRACKED)
			return reason ? drop(&p, reason) : TC_ACT_OK;
	}
	conn = common ? find_open(&p, &from_b) : 0;
	if (conn) {
		go_on(&p, conn, from_b);
	} else {
		reason = verdict(skb, &p);
		if (reason)
			return drop(&p, reason);
	}
	if (p.flags & PACKET_ANSWER) {
		reason = show_service(skb, &p);
		if (reason)
			return drop(&p, reason);
	}
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
