/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The translations that are in force: to find them, and to note what a packet becomes. */
#ifndef WEFT_TRANSLATION_H
#define WEFT_TRANSLATION_H

#include "weft_abi.h"
#include "weft_bpf.h"
#include "weft_packet.h"
#include "weft_service.h"
#include "weft_service_abi.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct weft_service_state);
} weft_service_state SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, WEFT_MAX_TRANSLATIONS);
	__type(key, struct weft_translation_key);
	__type(value, struct weft_translation);
} weft_translations SEC(".maps");

/* Of the one packet that a CPU is at. */
struct translating {
	struct weft_translation now; /* what the packet becomes */
	struct weft_translation reverse; /* and its answers, at the first one */
	struct choice choice __aligned8;
	__u8 destination[16] __aligned8; /* what it had */
	__u8 outer[16] __aligned8; /* of a packet that came inside of another: where that goes */
	__be16 destination_port;
	__be16 zero;
	__u32 quoted_l4; /* of an ICMP error: offset of the transport header that it quotes */
	__u32 quoted_icmp; /* and whether that is one of ICMP, too */
	__u32 zero2;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct translating);
} weft_translating SEC(".maps");

__inline struct translating *translating(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&weft_translating, &zero);
}

__inline void translation_key(struct weft_translation_key *key, const struct packet *p, int reverse)
{
	copy16(key->source, p->source);
	copy16(key->destination, p->destination);
	key->source_port = p->source_port;
	key->destination_port = p->destination_port;
	*(__u32 *)&key->protocol = p->protocol | reverse << 8; /* and two zeros */
}

/* What p becomes, as it came. */
__local struct weft_translation *find_translation(const struct packet *p, int reverse)
{
	struct weft_translation_key key __aligned8;

	translation_key(&key, p, reverse);
	return bpf_map_lookup_elem(&weft_translations, &key);
}

/*
 * Has p become what there says. It has no more its own destination then, but its true one. The node
 * as client is known by the address and the port that the backend knows.
 */
__inline void take(struct packet *p, struct translating *t, struct weft_translation *there)
{
	__u64 now = bpf_ktime_get_coarse_ns();

	if (there->last_seen != now)
		there->last_seen = now;
	if (p->tcp_flags & (TCP_FIN | TCP_RST) && !(there->flags & WEFT_TRANSLATION_CLOSING))
		__sync_fetch_and_or(&there->flags, WEFT_TRANSLATION_CLOSING);
	t->now = *there;
	copy16(t->destination, p->destination);
	t->destination_port = p->destination_port;
	if (t->now.flags & WEFT_TRANSLATION_NODE) {
		p->flags |= PACKET_FROM_NODE;
	} else {
		copy16(p->destination, t->now.destination);
		p->destination_port = t->now.destination_port;
	}
	p->flags |= PACKET_TRANSLATED;
	if (t->now.flags & WEFT_TRANSLATION_REVERSE)
		p->flags |= PACKET_ANSWER;
	if (t->now.flags & WEFT_TRANSLATION_MASQUERADED)
		p->flags |= PACKET_MASQUERADED;
	if ((t->now.flags & (WEFT_TRANSLATION_DIRECT | WEFT_TRANSLATION_REVERSE)) ==
	    WEFT_TRANSLATION_DIRECT) {
		p->flags |= PACKET_DIRECT;
		if (p->tcp_flags & TCP_ACK && !(t->now.flags & WEFT_TRANSLATION_ANSWERED))
			__sync_fetch_and_or(&there->flags, WEFT_TRANSLATION_ANSWERED);
	}
}

/*
 * Takes the reverse translation of a packet that a backend sends to its client itself, whom no
 * address of the node stands for. Returns whether there is one.
 */
__global int take_answer(struct packet *p)
{
	struct translating *t = translating();
	struct weft_translation *there;

	if (!p || !t)
		return 0;
	there = find_translation(p, 1);
	if (!there)
		return 0;
	take(p, t, there);
	return 1;
}

#endif
