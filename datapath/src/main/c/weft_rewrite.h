/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Turns a frame into what its translation says, with its checksums; and ICMP errors, inside too. */
#ifndef WEFT_REWRITE_H
#define WEFT_REWRITE_H

#include "weft_bpf.h"
#include "weft_packet.h"
#include "weft_translation.h"

#define REWRITE_FAILED WEFT_DROP_TRANSLATION
#define CSUM_PSEUDO_HEADER 0x10 /* BPF_F_PSEUDO_HDR */
#define CSUM_MANGLED_0 0x20	/* BPF_F_MARK_MANGLED_0 */

struct ends {
	__u8 source[16];
	__u8 destination[16];
};

/* Fills in the addresses of the header at l3, IPv4 as the first 8 bytes. */
__inline int load_ends(struct __sk_buff *skb, __u32 l3, int v6, struct ends *ends)
{
	return v6 ? bpf_skb_load_bytes(skb, l3 + 8, ends, 32)
		  : bpf_skb_load_bytes(skb, l3 + 12, ends, 8);
}

__inline void put_ends(struct ends *ends, int v6, const __u8 *source, const __u8 *destination)
{
	if (v6) {
		copy16(ends->source, source);
		copy16(ends->destination, destination);
	} else {
		((__u32 *)ends)[0] = ((const __u32 *)source)[3];
		((__u32 *)ends)[1] = ((const __u32 *)destination)[3];
	}
}

/*
 * Writes the addresses of the header at l3. The sum of a packet that a device has computed stays
 * right: in IPv4 the header's checksum makes up for them, in IPv6 that of the transport header.
 * Returns the difference of their sums, or -1.
 */
__inline __s64 store_ends(struct __sk_buff *skb, __u32 l3, int v6, struct ends *old,
			  struct ends *now, __u64 flags)
{
	__s64 difference;

	if (v6) {
		difference = bpf_csum_diff(old, 32, now, 32, 0);
		return bpf_skb_store_bytes(skb, l3 + 8, now, 32, flags) ? -1 : difference;
	}
	difference = bpf_csum_diff(old, 8, now, 8, 0);
	if (bpf_l3_csum_replace(skb, l3 + 10, 0, difference, 0) ||
	    bpf_skb_store_bytes(skb, l3 + 12, now, 8, 0))
		return -1;
	return difference;
}

/* Writes both ports at l4, and makes the checksum at sum follow. */
__inline int store_ports(struct __sk_buff *skb, __u32 l4, __u32 sum, __u64 flags, __be16 source,
			 __be16 destination)
{
	__u32 old, now = source | (__u32)destination << 16;

	if (bpf_skb_load_bytes(skb, l4, &old, 4))
		return REWRITE_FAILED;
	if (old == now)
		return 0;
	if (sum && bpf_l4_csum_replace(skb, sum, old, now, flags | 4))
		return REWRITE_FAILED;
	return bpf_skb_store_bytes(skb, l4, &now, 4, 0) ? REWRITE_FAILED : 0;
}

/* Writes the identifier of an ICMP echo, and makes the checksum at sum follow. */
__inline int store_identifier(struct __sk_buff *skb, __u32 l4, __u32 sum, __be16 now)
{
	__be16 old;

	if (bpf_skb_load_bytes(skb, l4 + 4, &old, 2))
		return REWRITE_FAILED;
	if (old == now)
		return 0;
	if (bpf_l4_csum_replace(skb, sum, old, now, 2))
		return REWRITE_FAILED;
	return bpf_skb_store_bytes(skb, l4 + 4, &now, 2, 0) ? REWRITE_FAILED : 0;
}

/* Offset of the transport's checksum, or 0: it has none, or none that covers the addresses. */
__inline __u32 checksum_of(const struct packet *p)
{
	switch (p->protocol) {
	case PROTO_TCP:
		return p->l4 + 16;
	case PROTO_UDP:
		return p->l4 + 6;
	case PROTO_ICMP6:
		return p->l4 + 2;
	default:
		return 0;
	}
}

/* Makes the frame of p what t->now says. Returns 0 or enum weft_reason. */
__global int rewrite(struct __sk_buff *skb, struct packet *p)
{
	struct translating *t = translating();
	struct ends old __aligned8, now __aligned8;
	__u64 flags = CSUM_PSEUDO_HEADER;
	__s64 difference;
	__u32 sum;
	int v6;

	if (!p || !t)
		return REWRITE_FAILED;
	v6 = !!(p->flags & PACKET_IP6);
	sum = checksum_of(p);
	if (p->protocol == PROTO_UDP)
		flags |= CSUM_MANGLED_0;
	if (load_ends(skb, p->l3, v6, &old))
		return REWRITE_FAILED;
	put_ends(&now, v6, t->now.source, t->now.destination);
	difference = store_ends(skb, p->l3, v6, &old, &now, v6 ? BPF_F_RECOMPUTE_CSUM : 0);
	if (difference < 0)
		return REWRITE_FAILED;
	if (p->flags & PACKET_LATER)
		return 0;
	if (sum && bpf_l4_csum_replace(skb, sum, 0, difference, flags))
		return REWRITE_FAILED;
	if (is_icmp(p))
		return store_identifier(skb, p->l4, p->l4 + 2,
					is_echo_reply(p) ? t->now.destination_port
							 : t->now.source_port);
	return store_ports(skb, p->l4, sum, flags & CSUM_MANGLED_0, t->now.source_port,
			   t->now.destination_port);
}

/* The translation of the answer to q, a packet that a backend or a client got. */
__local struct weft_translation *find_answer(const struct packet *q, int reverse)
{
	struct weft_translation_key key __aligned8;

	copy16(key.source, q->destination);
	copy16(key.destination, q->source);
	key.source_port = q->destination_port;
	key.destination_port = q->source_port;
	*(__u32 *)&key.protocol = q->protocol | reverse << 8;
	return bpf_map_lookup_elem(&weft_translations, &key);
}

/*
 * An ICMP error about a packet that was translated on its way: takes the translation of the
 * answer to it, as the error goes where that would. Returns whether there is one.
 */
__global int take_quoted(struct __sk_buff *skb, struct packet *p)
{
	struct translating *t = translating();
	struct weft_translation *there;

	if (!p || !t)
		return 0;

	struct packet q = {
		.ethertype = p->ethertype,
		.flags = PACKET_QUOTED,
		.l3 = p->l4 + 8,
	};

	if (parse_ip(skb, &q) || !same16(p->destination, q.source))
		return 0;
	there = find_answer(&q, 1);
	if (!there)
		there = find_answer(&q, 0);
	if (!there)
		return 0;
	t->quoted_l4 = q.l4;
	t->quoted_icmp = is_icmp(&q);
	take(p, t, there);
	return 1;
}

/* rewrite() of an ICMP error, after take_quoted(). */
__global int rewrite_error(struct __sk_buff *skb, struct packet *p)
{
	struct translating *t = translating();
	struct ends old __aligned8, now __aligned8, quoted __aligned8;
	__u32 sum, inner, l4;
	__s64 difference;
	int v6, by_target;

	if (!p || !t)
		return REWRITE_FAILED;
	v6 = !!(p->flags & PACKET_IP6);
	sum = p->l4 + 2;
	inner = p->l4 + 8;
	l4 = t->quoted_l4;
	if (load_ends(skb, p->l3, v6, &old) || load_ends(skb, inner, v6, &quoted))
		return REWRITE_FAILED;
	if (v6)
		by_target = same16(old.source, quoted.destination);
	else
		by_target = ((__u32 *)&old)[0] == ((__u32 *)&quoted)[1];
	put_ends(&now, v6, by_target ? t->now.source : p->source, t->now.destination);
	difference = store_ends(skb, p->l3, v6, &old, &now, v6 ? BPF_F_RECOMPUTE_CSUM : 0);
	if (difference < 0)
		return REWRITE_FAILED;
	if (v6 && bpf_l4_csum_replace(skb, sum, 0, difference, CSUM_PSEUDO_HEADER))
		return REWRITE_FAILED;
	put_ends(&now, v6, t->now.destination, t->now.source);
	difference = store_ends(skb, inner, v6, &quoted, &now, 0);
	if (difference < 0)
		return REWRITE_FAILED;
	if (v6 && bpf_l4_csum_replace(skb, sum, 0, difference, 0))
		return REWRITE_FAILED;
	if (t->quoted_icmp)
		return store_identifier(skb, l4, sum,
					t->now.flags & WEFT_TRANSLATION_REVERSE
						? t->now.destination_port
						: t->now.source_port);
	return store_ports(skb, l4, sum, 0, t->now.destination_port, t->now.source_port);
}

#endif
