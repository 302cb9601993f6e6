/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Direct server return. What comes from outside for a backend elsewhere goes there as it is, inside
 * of a packet of this node to the backend (RFC 2003, RFC 2473). The backend's node takes it out,
 * finds which of its backends is meant, and answers the client in the service's name.
 *
 *   client --> service                                from_uplink here: hand_on()
 *   [this node --> backend [client --> service]]
 *   client --> service                                from_uplink there: take_handed()
 *   client --> backend
 *
 * What is inside is believed no more than if it had come by itself: the service must be one that is
 * answered directly, here as well, or a node port of a node; the backend must be one of its
 * backends here; source ranges hold; and the client is nobody of this node.
 */
#ifndef WEFT_DIRECT_H
#define WEFT_DIRECT_H

#include "weft_abi.h"
#include "weft_bpf.h"
#include "weft_forward.h"
#include "weft_maps.h"
#include "weft_packet.h"
#include "weft_refuse.h"
#include "weft_report.h"
#include "weft_rewrite.h"
#include "weft_translate.h"

#define ICMP_FRAGMENTATION_NEEDED 4
#define ICMP6_TOO_BIG 2
#define IP6_LEAST_MTU 1280 /* RFC 8200, 5: nobody need believe in less */
#define QUOTED_WITH_CHECKSUM 32 /* more than a device needs that is to fill in one of TCP */
#define OUTER_HOP_LIMIT 64
#define MAX_TOTAL 0xffff
#define NOT_HANDED 0x100 /* beside TC actions */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WEFT_MAX_HANDED);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct weft_handed_key);
	__type(value, __u32);
} weft_handed SEC(".maps");

/* ---- at the node that chooses ------------------------------------------ */

/* Bytes on the wire of the longest packet that p becomes. */
__inline __u32 longest(struct __sk_buff *skb, const struct packet *p)
{
	__u32 length = p->length;
	__u8 offset;

	if (skb->gso_size) {
		length = p->l4 - p->l3 + skb->gso_size;
		if (p->protocol != PROTO_TCP)
			length += 8; /* of UDP */
		else if (!bpf_skb_load_bytes(skb, p->l4 + 12, &offset, 1))
			length += (offset >> 4) * 4;
	}
	return length;
}

/* As it stands in a header: what is longer, and will be segmented, has none (iph_totlen() of Linux). */
__inline __be16 stated(__u32 length)
{
	return length > MAX_TOTAL ? 0 : htons(length);
}

__global int answer_too_big4(struct __sk_buff *skb, struct packet *p, __u32 mtu)
{
	struct {
		struct icmp_header icmp;
		__u8 quoted[sizeof(struct ip4_header) + QUOTED_WITH_CHECKSUM];
	} m __aligned8 = { .icmp = { .type = ICMP_UNREACHABLE, .code = ICMP_FRAGMENTATION_NEEDED } };

	m.icmp.unused = htonl(mtu);
	if (!p || bpf_skb_load_bytes(skb, p->l3, m.quoted, sizeof(m.quoted)))
		return -1;
	m.icmp.checksum = fold(sum(&m, sizeof(m)));
	if (bpf_skb_change_tail(skb, p->l3 + sizeof(m.quoted), 0) ||
	    bpf_skb_adjust_room(skb, sizeof(struct ip4_header) + ICMP_HEADER, ROOM_AT_MAC, 0) ||
	    bpf_skb_store_bytes(skb, p->l3 + sizeof(struct ip4_header), &m, sizeof(m), 0))
		return -1;
	return answer_ip(skb, p, PROTO_ICMP, sizeof(m));
}

__global int answer_too_big6(struct __sk_buff *skb, struct packet *p, __u32 mtu)
{
	struct {
		struct icmp_header icmp;
		__u8 quoted[IP6_HEADER + QUOTED_WITH_CHECKSUM];
	} m __aligned8 = { .icmp = { .type = ICMP6_TOO_BIG } };

	m.icmp.unused = htonl(mtu < IP6_LEAST_MTU ? IP6_LEAST_MTU : mtu);
	if (!p || bpf_skb_load_bytes(skb, p->l3, m.quoted, sizeof(m.quoted)))
		return -1;
	m.icmp.checksum = fold(sum(&m, sizeof(m)) + pseudo_header(p, PROTO_ICMP6, sizeof(m)));
	if (bpf_skb_change_tail(skb, p->l3 + sizeof(m.quoted), 0) ||
	    bpf_skb_adjust_room(skb, IP6_HEADER + ICMP_HEADER, ROOM_AT_MAC, 0) ||
	    bpf_skb_store_bytes(skb, p->l3 + IP6_HEADER, &m, sizeof(m), 0))
		return -1;
	return answer_ip(skb, p, PROTO_ICMP6, sizeof(m));
}

/*
 * Drops a packet that does not fit, and tells its sender what does. So it is with one that could be
 * fragmented, too: the pieces would be of the outer packet, and nobody could put them together.
 */
__global int too_big(struct __sk_buff *skb, struct packet *p, __u32 mtu)
{
	struct translating *t = translating();

	if (!p || !t)
		return TC_ACT_SHOT;
	drop(p, WEFT_DROP_TOO_BIG);
	if (p->flags & (PACKET_ERROR | PACKET_LATER))
		return TC_ACT_SHOT; /* RFC 1122, 3.2.2 */
	copy16(p->destination, t->destination); /* the answer is from there */
	if (p->flags & PACKET_IP6 ? answer_too_big6(skb, p, mtu) : answer_too_big4(skb, p, mtu))
		return TC_ACT_SHOT;
	return return_frame(skb) ? bpf_redirect(skb->ifindex, 0) : TC_ACT_SHOT;
}

/* Puts the frame's packet into one of t->now. The outer header does not speak of congestion (RFC 6040). */
__global int put_inside(struct __sk_buff *skb, struct packet *p)
{
	struct translating *t = translating();
	__u8 class[4];

	if (!p || !t || bpf_skb_load_bytes(skb, p->l3, class, sizeof(class)))
		return -1;
	if (p->flags & PACKET_IP6) {
		struct ip6_header ip __aligned8 = {
			.payload = stated(p->length),
			.next = PROTO_IP6,
			.hop_limit = OUTER_HOP_LIMIT,
		};

		class[1] &= ~0x30;
		ip.version_flow = *(__u32 *)class; /* the flow label, too */
		copy16(ip.source, t->now.source);
		copy16(ip.destination, t->now.destination);
		if (bpf_skb_adjust_room(skb, sizeof(ip), ROOM_AT_MAC,
					BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 | BPF_F_ADJ_ROOM_FIXED_GSO))
			return -1;
		return bpf_skb_store_bytes(skb, p->l3, &ip, sizeof(ip), 0);
	}

	struct ip4_header ip __aligned8 = {
		.version_length = 0x45,
		.tos = class[1] & ~3,
		.total = stated(sizeof(ip) + p->length),
		.offset = htons(0x4000), /* do not fragment */
		.ttl = OUTER_HOP_LIMIT,
		.protocol = PROTO_IP4,
		.source = ((__u32 *)t->now.source)[3],
		.destination = ((__u32 *)t->now.destination)[3],
	};

	ip.checksum = fold(sum(&ip, sizeof(ip)));
	if (bpf_skb_adjust_room(skb, sizeof(ip), ROOM_AT_MAC,
				BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_FIXED_GSO))
		return -1;
	return bpf_skb_store_bytes(skb, p->l3, &ip, sizeof(ip), 0);
}

/* Hands a PACKET_DIRECT to the node of its backend. Returns the TC action. */
__global int hand_on(struct __sk_buff *skb, struct packet *p)
{
	struct translating *t = translating();
	struct weft_service_state *state;
	struct bpf_fib_lookup way = {};
	__u32 zero = 0, outer, length;
	void *data, *end;
	long failed;

	state = bpf_map_lookup_elem(&weft_service_state, &zero);
	if (!p || !t || !state)
		return TC_ACT_SHOT;
	copy16_by_4(t->now.source, p->flags & PACKET_IP6 ? state->ip6 : state->ip4);
	if (zero16(t->now.source))
		return drop(p, WEFT_DROP_MASQUERADE);
	if (p->flags & PACKET_FIRST)
		remember_as_it_came(p, t);
	outer = p->flags & PACKET_IP6 ? IP6_HEADER : sizeof(struct ip4_header);
	ask_the_way(&way, p, t, skb->ifindex);
	way.l4_protocol = p->flags & PACKET_IP6 ? PROTO_IP6 : PROTO_IP4;
	way.sport = 0;
	way.dport = 0;
	length = longest(skb, p) + outer;
	way.tot_len = length > MAX_TOTAL ? MAX_TOTAL : length;
	failed = bpf_fib_lookup(skb, &way, sizeof(way), 0);
	if (failed == BPF_FIB_LKUP_RET_FRAG_NEEDED)
		return too_big(skb, p, way.mtu_result - outer);
	if (failed && failed != BPF_FIB_LKUP_RET_NO_NEIGH)
		return drop(p, WEFT_DROP_DESTINATION);
	data = (void *)(long)skb->data;
	end = (void *)(long)skb->data_end;
	if (data + ETH_HEADER + sizeof(struct ip4_header) > end)
		return drop(p, WEFT_DROP_TRANSLATION);
	count_hop(data, p);
	if (put_inside(skb, p))
		return drop(p, WEFT_DROP_TRANSLATION);
	return bpf_redirect_neigh(way.ifindex, 0, 0, 0);
}

/* ---- at the backend's node --------------------------------------------- */

__inline int has_packet_inside(const struct packet *p)
{
	return p->protocol == (p->flags & PACKET_IP6 ? PROTO_IP6 : PROTO_IP4) &&
	       !(p->flags & (PACKET_OPTIONS | PACKET_FIRST | PACKET_LATER));
}

/* Has p be read from its beginning again. */
__inline void forget_inside(struct packet *p)
{
	p->flags = 0;
	p->source_port = 0;
	p->destination_port = 0;
	p->icmp_type = 0;
	p->tcp_flags = 0;
}

/* Whose address it is, of those that a packet inside of another may go to: as in weft_service_addresses. */
__inline __u32 service_of(const struct packet *p)
{
	__u32 *of = bpf_map_lookup_elem(&weft_service_addresses, p->destination);

	if (of)
		return *of;
	return in_range(WEFT_RANGE_NODES, p->destination) ? WEFT_ADDRESS_NODE : 0;
}

/*
 * A first packet that another node has handed to this one: fills t->now. Returns 0 or enum
 * weft_reason, or NOT_TRACKED: it is of no service that is answered directly.
 */
__global int choose_handed(struct packet *p, __u32 of)
{
	struct weft_handed_key key __aligned8;
	struct translating *t = translating();
	struct weft_frontend *frontend;
	struct choice *c;
	__u32 *port;
	int kept;

	if (!p || !t)
		return WEFT_DROP_TRANSLATION;
	c = &t->choice;
	copy16(c->client, p->source);
	copy16(c->ip, p->destination);
	c->port = p->destination_port;
	c->protocol = p->protocol;
	frontend = find_frontend(c, of);
	if (!frontend || !(frontend->flags & WEFT_FRONTEND_DIRECT))
		return NOT_TRACKED;
	if (p->flags & PACKET_NO_OPEN)
		return WEFT_DROP_TRANSLATION;
	if (!is_elsewhere(p->source, p->revision))
		return WEFT_DROP_SPOOFED;
	if (frontend->flags & WEFT_FRONTEND_RANGES && !in_source_ranges(c, frontend->inside))
		return WEFT_DROP_SOURCE_RANGE;
	copy16(key.ip, t->outer);
	key.set = frontend->outside;
	port = bpf_map_lookup_elem(&weft_handed, &key);
	if (!port)
		return WEFT_DROP_NO_LOCAL_ENDPOINT;
	if (p->protocol == PROTO_SCTP && htons(*port) != p->destination_port)
		return WEFT_DROP_TRANSLATION;
	copy16(t->now.source, p->source);
	copy16(t->now.destination, t->outer);
	t->now.source_port = p->source_port;
	t->now.destination_port = htons(*port);
	t->now.last_seen = bpf_ktime_get_coarse_ns();
	t->now.set = key.set;
	t->now.backend = t->now.place = t->now.generation = 0;
	t->now.ifindex = 0;
	t->now.flags = WEFT_TRANSLATION_DIRECT; /* of the answers */
	t->now.zero = 0;
	kept = !speaks_directly(p) && keep_source(p);
	if (!kept) {
		int reason = masquerade(p);

		if (reason)
			return reason;
	}
	t->now.flags &= ~WEFT_TRANSLATION_DIRECT;
	return 0;
}

/* Takes or makes the translation of a packet that another node has handed to this one; as choose_handed(). */
__global int translate_handed(struct packet *p, __u32 of)
{
	struct translating *t = translating();
	struct weft_translation_key key __aligned8;
	struct weft_translation *there;
	int opens, reason;

	if (!p || !t)
		return WEFT_DROP_TRANSLATION;
	if (p->protocol != PROTO_TCP && p->protocol != PROTO_UDP && p->protocol != PROTO_SCTP)
		return NOT_TRACKED;
	there = find_translation(p, 0);
	opens = p->protocol == PROTO_TCP && (p->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	if (there && same16_by_4(there->destination, t->outer) &&
	    !(opens && there->flags & WEFT_TRANSLATION_CLOSING)) {
		take(p, t, there);
		return 0;
	}
	if (there && p->protocol == PROTO_TCP && !opens)
		return WEFT_DROP_TRANSLATION; /* it would tear the connection that there is */
	reason = choose_handed(p, of);
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

/*
 * Takes a packet out of p, if another node has handed it to a backend of this one, and sends it on.
 * Returns the TC action, or NOT_HANDED: it is somebody's tunnel, and p is to be read again.
 */
__global int take_handed(struct __sk_buff *skb, struct packet *p)
{
	struct translating *t = translating();
	__u32 outer, of;
	int reason;

	if (!p || !t || is_elsewhere(p->destination, p->revision))
		return NOT_HANDED;
	copy16(t->outer, p->destination);
	outer = p->l4 - p->l3;
	p->l3 = p->l4;
	reason = p->flags & PACKET_IP6 ? parse_ip6(skb, p) : parse_ip4(skb, p);
	if (reason)
		return drop(p, reason);
	of = service_of(p);
	if (!of)
		return NOT_HANDED;
	reason = parse_transport(skb, p);
	if (reason)
		return drop(p, reason);
	if (p->flags & PACKET_ERROR)
		reason = take_quoted(skb, p) ? 0 : NOT_TRACKED;
	else
		reason = translate_handed(p, of);
	if (reason == NOT_TRACKED)
		return NOT_HANDED;
	if (!reason && (p->hop_limit <= 1 || !same16_by_4(t->now.destination, t->outer)))
		reason = WEFT_DROP_TRANSLATION;
	if (!reason && bpf_skb_adjust_room(skb, -(int)outer, ROOM_AT_MAC, BPF_F_ADJ_ROOM_FIXED_GSO))
		reason = WEFT_DROP_TRANSLATION;
	if (reason)
		return drop(p, reason);
	p->l3 -= outer;
	p->l4 -= outer;
	t->quoted_l4 -= outer;
	return bring(skb, p);
}

#endif
