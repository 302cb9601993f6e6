/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Workloads that are seen outside with the node's address. from_workload has judged the packet, and
 * the stack has chosen the way out; here it gets an address and a port of the node, or the
 * identifier of an ICMP echo. Its answers come to from_uplink, like all that the node masquerades.
 *
 * What a workload answers to somebody outside stays as it is.
 */
#ifndef WEFT_MASQUERADE_H
#define WEFT_MASQUERADE_H

#include "weft_abi.h"
#include "weft_bpf.h"
#include "weft_conntrack.h"
#include "weft_maps.h"
#include "weft_packet.h"
#include "weft_report.h"
#include "weft_rewrite.h"
#include "weft_translate.h"
#include "weft_translation.h"

/* Whether p is of a connection that its sender has not opened. */
__inline int answers(struct packet *p)
{
	struct weft_connection_key key __aligned8;
	struct weft_connection *conn;
	__u32 from_b = make_key(p, &key);

	conn = bpf_map_lookup_elem(&weft_connections, &key);
	return conn && from_b != (conn->flags & WEFT_CONN_FROM_B);
}

/* A first packet. Returns 0, enum weft_reason, or NOT_TRACKED: it goes on as it is. */
__global int open_masquerade(struct packet *p)
{
	struct translating *t = translating();
	struct weft_translation_key key __aligned8;
	struct weft_translation *there;
	int reason;

	if (!p || !t)
		return WEFT_DROP_MASQUERADE;
	if (p->protocol == PROTO_TCP && (p->tcp_flags & (TCP_SYN | TCP_ACK)) != TCP_SYN)
		return NOT_TRACKED; /* opened from outside, or before its workload masqueraded */
	if (is_direct(p->destination) || answers(p))
		return NOT_TRACKED;
	if (p->flags & PACKET_NO_OPEN ||
	    (p->protocol != PROTO_TCP && p->protocol != PROTO_UDP && p->protocol != PROTO_SCTP &&
	     !is_icmp(p)))
		return WEFT_DROP_MASQUERADE;
	copy16(t->now.destination, p->destination);
	t->now.source_port = p->source_port;
	t->now.destination_port = p->destination_port;
	t->now.last_seen = bpf_ktime_get_coarse_ns();
	t->now.set = t->now.backend = t->now.place = t->now.generation = 0;
	t->now.ifindex = 0;
	t->now.flags = 0;
	t->now.zero = 0;
	reason = masquerade(p);
	if (reason)
		return reason;
	translation_key(&key, p, 0);
	if (bpf_map_update_elem(&weft_translations, &key, &t->now, BPF_ANY))
		return WEFT_DROP_CONNECTIONS_FULL;
	there = bpf_map_lookup_elem(&weft_translations, &key);
	if (!there)
		return WEFT_DROP_CONNECTIONS_FULL;
	take(p, t, there);
	return 0;
}

/* What the node forwards to an uplink. Returns the TC action. */
__global int leave(struct __sk_buff *skb)
{
	struct packet p = { .direction = WEFT_FROM_WORKLOAD, .slot = WEFT_NO_SLOT };
	struct translating *t = translating();
	struct weft_workload *workload;
	struct weft_translation *there;
	__u32 ingress = skb->ingress_ifindex;
	int reason = 0, parsed;

	workload = bpf_map_lookup_elem(&weft_workloads, &ingress);
	if (!workload || !(workload->flags & WEFT_WORKLOAD_MASQUERADE) || !t)
		return TC_ACT_UNSPEC;
	p.revision = revision();
	p.slot = workload->slot;
	parsed = parse_addresses(skb, &p);
	if (!parsed ||
	    !same16(p.source, p.flags & PACKET_IP6 ? workload->ip6 : workload->ip4))
		return TC_ACT_UNSPEC;
	if (parsed == 2) {
		reason = parse_transport(skb, &p);
		if (reason)
			return drop(&p, reason);
	}
	if (p.flags & PACKET_ERROR) {
		if (!take_quoted(skb, &p))
			return TC_ACT_UNSPEC;
		reason = rewrite_error(skb, &p);
		return reason ? drop(&p, reason) : TC_ACT_UNSPEC;
	}
	there = find_translation(&p, 0);
	if (there && !(there->flags & WEFT_TRANSLATION_CLOSING &&
		       (p.tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN))
		take(&p, t, there);
	else
		reason = open_masquerade(&p);
	if (reason == NOT_TRACKED)
		return TC_ACT_UNSPEC;
	if (!reason)
		reason = rewrite(skb, &p);
	return reason ? drop(&p, reason) : TC_ACT_UNSPEC;
}

#endif
