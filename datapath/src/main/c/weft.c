/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The two programs at the host side of a workload's interface.
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
#include "weft_maps.h"
#include "weft_neighbour.h"
#include "weft_packet.h"
#include "weft_policy.h"
#include "weft_report.h"
#include "weft_service.h"

#define PACKET_HOST 0 /* skb->pkt_type: sent to the MAC of the interface */

/* No look-up without it: 0 while there is no state, as in an empty map. */
__inline __u32 revision(void)
{
	__u32 zero = 0;
	struct weft_state *state = bpf_map_lookup_elem(&weft_state, &zero);

	return state ? state->revision : 0;
}

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

__inline int in_place(struct __sk_buff *skb)
{
	return (void *)(long)skb->data + ETH_HEADER + sizeof(struct ip4_header) <=
	       (void *)(long)skb->data_end;
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
	if (p->flags & PACKET_IP6) {
		((__u8 *)data)[ETH_HEADER + 7] -= 1;
	} else {
		struct ip4_header *ip = data + ETH_HEADER;
		__u32 sum = ip->checksum + htons(0x0100); /* RFC 1624 */

		ip->ttl -= 1;
		ip->checksum = sum + (sum >> 16);
	}
	return bpf_redirect_peer(to->ifindex, 0);
}

SEC("tc/from_workload")
int from_workload(struct __sk_buff *skb)
{
	struct packet p = { .direction = WEFT_FROM_WORKLOAD, .slot = WEFT_NO_SLOT };
	struct weft_workload *workload;
	struct weft_address *to;
	__u32 ifindex = skb->ifindex;
	int reason, common, direct = 0;

	p.revision = revision();
	workload = bpf_map_lookup_elem(&weft_workloads, &ifindex);
	common = parse_common(skb, &p);
	if (!workload) {
		p.length = skb->len;
		return drop(&p, WEFT_DROP_NO_WORKLOAD);
	}
	p.slot = workload->slot;
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

	to = bpf_map_lookup_elem(&weft_addresses, p.destination);
	if (to && to->ifindex != ifindex) {
		direct = p.hop_limit > 1 && skb->pkt_type == PACKET_HOST &&
			 !(p.flags & (PACKET_TAGGED | PACKET_OPTIONS)) && in_place(skb);
		if (!direct)
			p.flags |= PACKET_UNCOUNTED;
	}
	if (!common || !track_open(&p)) {
		reason = verdict(skb, &p);
		if (reason)
			return drop(&p, reason);
	}
	return direct && to ? deliver(skb, &p, to) : TC_ACT_OK;
}

SEC("tc/to_workload")
int to_workload(struct __sk_buff *skb)
{
	struct packet p = { .direction = WEFT_TO_WORKLOAD, .slot = WEFT_NO_SLOT };
	struct weft_workload *workload;
	__u32 ifindex = skb->ifindex;
	int reason, common, on_link;

	p.ingress = skb->ingress_ifindex;
	p.revision = revision();
	workload = bpf_map_lookup_elem(&weft_workloads, &ifindex);
	common = parse_common(skb, &p);
	if (!workload) {
		p.length = skb->len;
		return drop(&p, WEFT_DROP_NO_WORKLOAD);
	}
	p.slot = workload->slot;
	/* from the node itself, or an answer that from_workload made */
	on_link = !p.ingress || p.ingress == ifindex;
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
	if (!common || !track_open(&p)) {
		reason = verdict(skb, &p);
		if (reason)
			return drop(&p, reason);
	}
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
