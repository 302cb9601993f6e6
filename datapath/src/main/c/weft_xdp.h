/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The program at an uplink's driver, before there is an sk_buff. It does for common packets to
 * services what from_uplink does for all, by the same functions; whatever it does not finish goes
 * up as it came, and from_uplink looks again.
 *
 *   outside --> xdp_uplink --> dropped
 *                         \-> out again, to a backend elsewhere; or to its client, an answer
 *                         \-> rewritten and marked, to from_uplink, which sends it on
 *                         \-> as it came, to from_uplink
 */
#ifndef WEFT_XDP_H
#define WEFT_XDP_H

#include "weft_abi.h"
#include "weft_bpf.h"
#include "weft_conntrack.h"
#include "weft_forward.h"
#include "weft_maps.h"
#include "weft_packet.h"
#include "weft_refuse.h"
#include "weft_report.h"
#include "weft_translate.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WEFT_MAX_UPLINKS);
	__type(key, __u32);
	__type(value, struct weft_uplink);
} weft_uplinks SEC(".maps");

/* in front of a rewritten frame; Documentation/networking/xdp-rx-metadata.rst: 4 n bytes, up to 32 */
struct xdp_mark {
	__u64 mark;    /* of the uplink */
	__u32 flags;   /* of the translation */
	__u32 ifindex; /* likewise */
};

#define TCP_CHECKSUM 16 /* in the header */
#define UDP_CHECKSUM 6

/*
 * Whether a sender on this machine has left the checksum to a device: then the field has the sum of
 * the pseudo header, and only an sk_buff says so. One complete checksum in 65536 looks like it.
 */
__inline int is_unfinished(const struct packet *p, __u16 checksum)
{
	__u32 length = p->l3 + p->length - p->l4;
	__u16 partial = ~fold(pseudo_header(p, p->protocol, length));

	return checksum == partial;
}

/* Offset of the transport's checksum. */
__inline __u32 checksum_at(const struct packet *p)
{
	return p->l4 + (p->protocol == PROTO_TCP ? TCP_CHECKSUM : UDP_CHECKSUM);
}

/* Headers of a frame for this node that can be rewritten here. Returns whether p is filled. */
__global int parse_xdp(struct xdp_md *xdp, struct packet *p)
{
	void *data = (void *)(long)xdp->data, *end = (void *)(long)xdp->data_end;
	__u32 ifindex = xdp->ingress_ifindex;
	struct weft_uplink *uplink;
	__u16 *checksum;

	uplink = bpf_map_lookup_elem(&weft_uplinks, &ifindex);
	if (!p || !uplink || data + ETH_HEADER > end || !same_mac(data, uplink->mac))
		return 0;
	if (!parse_frame(data, end, end - data - ETH_HEADER, p) || p->hop_limit <= 1)
		return 0;
	checksum = data + (p->flags & PACKET_IP6 ? ETH_HEADER + IP6_HEADER
						 : ETH_HEADER + sizeof(struct ip4_header));
	checksum = (void *)checksum + (p->protocol == PROTO_TCP ? TCP_CHECKSUM : UDP_CHECKSUM);
	return (void *)(checksum + 1) <= end && !is_unfinished(p, *checksum);
}

/* A checksum after `more`, a one's complement sum, was added to what it covers; RFC 1624. */
__inline __u16 adjust(__u16 checksum, __u64 more)
{
	return fold((__u16)~checksum + more);
}

/* rewrite() of a frame that parse_xdp() has read. Returns 0 or enum weft_reason. */
__global int rewrite_xdp(struct xdp_md *xdp, struct packet *p)
{
	void *data = (void *)(long)xdp->data, *end = (void *)(long)xdp->data_end;
	struct translating *t = translating();
	struct ends old __aligned8, now __aligned8;
	__u32 *ports, ports_now;
	__u16 *checksum;
	__u64 more;
	int v6;

	if (!p || !t || data + ETH_HEADER + IP6_HEADER > end)
		return WEFT_DROP_TRANSLATION;
	v6 = !!(p->flags & PACKET_IP6);
	put_ends(&now, v6, t->now.source, t->now.destination);
	if (v6) {
		struct ip6_header *ip = data + ETH_HEADER;

		copy16(old.source, ip->source);
		copy16(old.destination, ip->destination);
		copy16(ip->source, now.source);
		copy16(ip->destination, now.destination);
		more = bpf_csum_diff(&old, 32, &now, 32, 0);
		ports = data + ETH_HEADER + IP6_HEADER;
	} else {
		struct ip4_header *ip = data + ETH_HEADER;

		((__u32 *)&old)[0] = ip->source;
		((__u32 *)&old)[1] = ip->destination;
		ip->source = ((__u32 *)&now)[0];
		ip->destination = ((__u32 *)&now)[1];
		more = bpf_csum_diff(&old, 8, &now, 8, 0);
		ip->checksum = adjust(ip->checksum, more);
		ports = data + ETH_HEADER + sizeof(*ip);
	}
	checksum = (void *)ports + (p->protocol == PROTO_TCP ? TCP_CHECKSUM : UDP_CHECKSUM);
	if ((void *)(checksum + 1) > end)
		return WEFT_DROP_TRANSLATION;
	ports_now = t->now.source_port | (__u32)t->now.destination_port << 16;
	more += (__u32)~*ports;
	more += ports_now;
	*ports = ports_now;
	if (p->protocol == PROTO_UDP && !*checksum)
		return 0;
	*checksum = adjust(*checksum, more);
	if (p->protocol == PROTO_UDP && !*checksum)
		*checksum = 0xffff;
	return 0;
}

/* Whether a packet, not for this node, leaves over the interface that it came in at; fills way. */
__inline int turns_back(struct xdp_md *xdp, const struct packet *p, struct bpf_fib_lookup *way)
{
	struct translating *t = translating();
	__u32 ifindex = xdp->ingress_ifindex;
	struct weft_uplink *uplink;

	if (!t || is_for_the_stack(t) || (t->now.ifindex && t->now.ifindex != ifindex))
		return 0;
	uplink = bpf_map_lookup_elem(&weft_uplinks, &ifindex);
	if (!uplink || !(uplink->flags & WEFT_UPLINK_TX))
		return 0;
	ask_the_way(way, p, t, ifindex);
	way->tot_len = p->length;
	return !bpf_fib_lookup(xdp, way, sizeof(*way), 0) && way->ifindex == ifindex;
}

/* Sends a packet back out. Returns the XDP action, or XDP_PASS: it does not go that way. */
__global int turn_back(struct xdp_md *xdp, struct packet *p)
{
	struct bpf_fib_lookup way = {};
	void *data, *end;

	if (!p || !turns_back(xdp, p, &way))
		return XDP_PASS;
	if (rewrite_xdp(xdp, p)) {
		drop(p, WEFT_DROP_TRANSLATION);
		return XDP_DROP;
	}
	data = (void *)(long)xdp->data;
	end = (void *)(long)xdp->data_end;
	if (data + ETH_HEADER + sizeof(struct ip4_header) > end)
		return XDP_DROP; /* parse_frame() has seen to it */
	copy_mac(data, way.dmac);
	copy_mac(data + 6, way.smac);
	count_hop(data, p);
	return XDP_TX;
}

/* Makes room for a mark, and writes it. Returns whether there is room. */
__global int mark_frame(struct xdp_md *xdp)
{
	__u32 ifindex = xdp->ingress_ifindex;
	struct translating *t = translating();
	struct weft_uplink *uplink;
	struct xdp_mark *mark;

	uplink = bpf_map_lookup_elem(&weft_uplinks, &ifindex);
	if (!t || !uplink || bpf_xdp_adjust_meta(xdp, -(int)sizeof(*mark)))
		return 0;
	mark = (void *)(long)xdp->data_meta;
	if ((void *)(mark + 1) > (void *)(long)xdp->data)
		return 0;
	mark->mark = uplink->mark;
	mark->flags = t->now.flags;
	mark->ifindex = t->now.ifindex;
	return 1;
}

SEC("xdp")
int xdp_uplink(struct xdp_md *xdp)
{
	struct packet p = { .direction = WEFT_TO_WORKLOAD, .slot = WEFT_NO_SLOT };
	struct weft_address *to;
	int reason, action;
	__u32 *of;

	p.ingress = xdp->ingress_ifindex;
	if (!parse_xdp(xdp, &p))
		return XDP_PASS;
	p.revision = revision();
	of = bpf_map_lookup_elem(&weft_service_addresses, p.destination);
	if (!of) {
		if (bpf_map_lookup_elem(&weft_addresses, p.destination) || !is_reserved(&p))
			return XDP_PASS;
		drop(&p, WEFT_DROP_NO_SERVICE);
		return XDP_DROP;
	}
	if (!may_concern(&p, *of))
		return XDP_PASS;
	reason = translate(&p, CLIENT_OUTSIDE, *of);
	if (reason == NOT_TRACKED || reason == WEFT_DROP_NO_ENDPOINT)
		return XDP_PASS; /* an answer, if any, is from_uplink's */
	if (reason) {
		drop(&p, reason);
		return XDP_DROP;
	}
	if (p.flags & PACKET_DIRECT)
		return XDP_PASS; /* so it does what is handed on */
	to = bpf_map_lookup_elem(&weft_addresses, p.destination);
	if (!to) {
		action = turn_back(xdp, &p);
		if (action != XDP_PASS)
			return action;
	}
	if (!mark_frame(xdp))
		return XDP_PASS; /* from_uplink finds the translation */
	if (to) {
		p.slot = to->slot;
		reason = track(&p);
	}
	if (!reason)
		reason = rewrite_xdp(xdp, &p);
	if (!reason)
		return XDP_PASS;
	drop(&p, reason);
	return XDP_DROP;
}

#endif
