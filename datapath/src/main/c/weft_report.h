/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counters and events. */
#ifndef WEFT_REPORT_H
#define WEFT_REPORT_H

#include "weft_abi.h"
#include "weft_bpf.h"
#include "weft_maps.h"
#include "weft_packet.h"

__inline void count(__u32 which)
{
	__u64 *counter = bpf_map_lookup_elem(&weft_counters, &which);

	if (counter)
		*counter += 1; /* per CPU */
}

/* Addresses and ports go in as the opener sees them. */
__local int describe(struct weft_event *e, struct packet *p)
{
	int reply = p->flags & PACKET_REPLY;

	e->protocol = p->protocol;
	e->icmp_type = p->icmp_type;
	e->revision = p->revision;
	if (reply) {
		copy16(e->source, p->destination);
		copy16(e->destination, p->source);
		e->source_port = p->destination_port;
		e->destination_port = p->source_port;
	} else {
		copy16(e->source, p->source);
		copy16(e->destination, p->destination);
		e->source_port = p->source_port;
		e->destination_port = p->destination_port;
	}
	e->source_identity = p->opener_identity;
	e->destination_identity = p->responder_identity;
	e->egress_rule = p->egress_rule;
	e->ingress_rule = p->ingress_rule;
	e->slot = p->slot;
	e->created = 0;
	e->packets[0] = reply ? 0 : 1;
	e->packets[1] = reply ? 1 : 0;
	e->bytes[0] = reply ? 0 : p->length;
	e->bytes[1] = reply ? p->length : 0;
	return 0;
}

__global int emit(struct packet *p, __u32 type, __u32 reason)
{
	struct weft_event *e;

	if (!p)
		return 0;
	e = bpf_ringbuf_reserve(&weft_events, sizeof(*e), 0);
	if (!e) {
		count(WEFT_COUNT_EVENTS_LOST);
		return 0;
	}
	describe(e, p);
	e->time = bpf_ktime_get_ns();
	e->type = type;
	e->reason = reason;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* Counts the drop and tells of it. Returns TC_ACT_SHOT. */
__global int drop(struct packet *p, __u32 reason)
{
	if (!p)
		return TC_ACT_SHOT;

	struct weft_drop_key key = {
		.slot = p->slot,
		.reason = reason,
		.direction = p->direction,
	};
	struct weft_counter *counter = bpf_map_lookup_elem(&weft_drops, &key);

	if (counter) {
		counter->packets += 1; /* per CPU */
		counter->bytes += p->length;
	} else {
		struct weft_counter first = { .packets = 1, .bytes = p->length };

		bpf_map_update_elem(&weft_drops, &key, &first, BPF_ANY);
	}
	emit(p,
	     reason == WEFT_DROP_POLICY_EGRESS || reason == WEFT_DROP_POLICY_INGRESS
		     ? WEFT_EVENT_DENIED
		     : WEFT_EVENT_DROPPED,
	     reason);
	return TC_ACT_SHOT;
}

#endif
