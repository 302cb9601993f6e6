/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Connections. One entry per connection, under a key that both directions share. Only an
 * allowed packet makes one; a revision later than the entry's has it judged anew, in the
 * direction in which it was opened. What a side in audit mode denies counts as allowed here.
 *
 *            allowed packet              RST, or FIN from both ends
 *   (none) -----------------> open ------------------------------> closed
 *                             |  ^                                   |
 *           revision denies   v  |  revision allows                  | SYN: CLOSED event,
 *                            denied                                  v then as a new one
 */
#ifndef WEFT_CONNTRACK_H
#define WEFT_CONNTRACK_H

#include "weft_abi.h"
#include "weft_bpf.h"
#include "weft_maps.h"
#include "weft_packet.h"
#include "weft_policy.h"
#include "weft_report.h"
#include "weft_translation.h"

#define NOT_TRACKED 0xff /* beside enum weft_reason: a quoted packet of no connection */
#define CONN_FINS (WEFT_CONN_FIN_OPENER | WEFT_CONN_FIN_RESPONDER)

/* helpers take keys only from the stack on older kernels */
__inline void copy_key(struct weft_connection_key *to, const struct weft_connection_key *from)
{
	copy16(to->a, from->a);
	copy16(to->b, from->b);
	*(__u64 *)&to->a_port = *(const __u64 *)&from->a_port;
}

/* Returns whether the packet comes from end b. */
__inline int make_key(struct packet *p, struct weft_connection_key *key)
{
	__u64 s = ntohll(((__u64 *)p->source)[0]), d = ntohll(((__u64 *)p->destination)[0]);
	__u32 ports = *(__u32 *)&p->source_port;
	int from_b;

	if (s == d) {
		s = ntohll(((__u64 *)p->source)[1]);
		d = ntohll(((__u64 *)p->destination)[1]);
	}
	from_b = s > d || (s == d && ntohs(p->source_port) > ntohs(p->destination_port));
	if (from_b) {
		copy16(key->a, p->destination);
		copy16(key->b, p->source);
		ports = ports >> 16 | ports << 16;
	} else {
		copy16(key->a, p->source);
		copy16(key->b, p->destination);
	}
	/* a_port, b_port, protocol, and three zeros */
	*(__u64 *)&key->a_port = (__u64)p->protocol << 32 | ports;
	return from_b;
}

/* Tells of what goes on although policy would deny it. */
__global int tell_audited(struct packet *p)
{
	if (!p)
		return 0;
	count(WEFT_COUNT_AUDITED);
	return emit(p, WEFT_EVENT_AUDIT, audited(p));
}

__inline __u32 audit_flags(const struct packet *p)
{
	switch (audited(p)) {
	case WEFT_DROP_POLICY_EGRESS:
		return WEFT_CONN_AUDIT;
	case WEFT_DROP_POLICY_INGRESS:
		return WEFT_CONN_AUDIT | WEFT_CONN_DENIED_INGRESS;
	default:
		return 0;
	}
}

/* Makes the entry of a first packet, already judged. Returns 0 or enum weft_reason. */
__global int insert_connection(struct packet *p, struct weft_connection_key *k, __u32 from_b)
{
	struct weft_connection_key key __aligned8;

	if (!p || !k)
		return WEFT_DROP_MALFORMED;
	copy_key(&key, k);

	__u64 counted = !(p->flags & PACKET_UNCOUNTED);
	struct weft_connection new = {
		.created = bpf_ktime_get_coarse_ns(),
		.packets = { counted, 0 },
		.bytes = { counted ? p->length : 0, 0 },
		.revision = p->revision,
		.flags = (from_b ? WEFT_CONN_FROM_B : 0) |
			 (p->tcp_flags & TCP_FIN ? WEFT_CONN_FIN_OPENER : 0) | audit_flags(p) |
			 ((p->flags & (PACKET_TRANSLATED | PACKET_MASQUERADED)) == PACKET_TRANSLATED
				  ? WEFT_CONN_TRANSLATED
				  : 0),
		.opener_identity = p->opener_identity,
		.responder_identity = p->responder_identity,
		.egress_rule = p->egress_rule,
		.ingress_rule = p->ingress_rule,
	};
	new.last_seen = new.created;
	long failed = bpf_map_update_elem(&weft_connections, &key, &new, BPF_NOEXIST);

	if (failed == -17) /* EEXIST: another CPU was faster, and has told of it */
		return 0;
	if (failed)
		return WEFT_DROP_CONNECTIONS_FULL;
	count(WEFT_COUNT_CONNECTIONS_OPENED);
	if (audited(p))
		tell_audited(p);
	else
		emit(p, WEFT_EVENT_OPENED, WEFT_FORWARDED);
	return 0;
}

/* Ends a closed connection whose addresses and ports are used again. */
__global int close_connection(struct packet *p, struct weft_connection_key *k)
{
	struct weft_connection_key key __aligned8;

	if (!p || !k)
		return 0;
	copy_key(&key, k);

	struct weft_connection *conn = bpf_map_lookup_elem(&weft_connections, &key);
	struct weft_event *e;

	if (!conn)
		return 0;
	e = bpf_ringbuf_reserve(&weft_events, sizeof(*e), 0);
	if (!e) {
		count(WEFT_COUNT_EVENTS_LOST);
	} else {
		int from_b = conn->flags & WEFT_CONN_FROM_B;

		e->time = bpf_ktime_get_ns();
		e->type = WEFT_EVENT_CLOSED;
		e->reason = WEFT_FORWARDED;
		if (conn->flags & WEFT_CONN_AUDIT)
			e->reason = conn->flags & WEFT_CONN_DENIED_INGRESS
					    ? WEFT_DROP_POLICY_INGRESS
					    : WEFT_DROP_POLICY_EGRESS;
		e->protocol = key.protocol;
		e->icmp_type = 0;
		e->revision = conn->revision;
		copy16(e->source, from_b ? key.b : key.a);
		copy16(e->destination, from_b ? key.a : key.b);
		e->source_port = from_b ? key.b_port : key.a_port;
		e->destination_port = from_b ? key.a_port : key.b_port;
		e->source_identity = conn->opener_identity;
		e->destination_identity = conn->responder_identity;
		e->egress_rule = conn->egress_rule;
		e->ingress_rule = conn->ingress_rule;
		e->slot = p->slot;
		e->created = conn->created;
		e->packets[0] = conn->packets[0];
		e->packets[1] = conn->packets[1];
		e->bytes[0] = conn->bytes[0];
		e->bytes[1] = conn->bytes[1];
		bpf_ringbuf_submit(e, 0);
	}
	bpf_map_delete_elem(&weft_connections, &key);
	return 0;
}

/* The entry is older than the revision in force. Returns 0 or enum weft_reason. */
__inline int judge_again(struct packet *p, struct weft_connection *conn)
{
	const __u32 verdicts = WEFT_CONN_DENIED | WEFT_CONN_AUDIT;
	__u32 now = 0;
	int reason;

	if (conn->opener_identity == WEFT_ID_HOST)
		p->flags |= PACKET_FROM_NODE;
	reason = judge(p);
	if (reason == WEFT_DROP_SPOOFED) /* says nothing about the connection */
		return reason;
	if (reason)
		now = WEFT_CONN_DENIED;
	else
		now = audit_flags(p);
	if (reason == WEFT_DROP_POLICY_INGRESS)
		now |= WEFT_CONN_DENIED_INGRESS;
	if (now & WEFT_CONN_AUDIT) {
		if (!(conn->flags & WEFT_CONN_AUDIT) || conn->egress_rule != p->egress_rule ||
		    conn->ingress_rule != p->ingress_rule)
			tell_audited(p);
	} else if ((conn->flags & verdicts) != (now & verdicts)) {
		emit(p, WEFT_EVENT_CHANGED, reason);
	}
	conn->opener_identity = p->opener_identity;
	conn->responder_identity = p->responder_identity;
	conn->egress_rule = p->egress_rule;
	conn->ingress_rule = p->ingress_rule;
	__sync_fetch_and_and(&conn->flags, ~(verdicts | WEFT_CONN_DENIED_INGRESS));
	if (now)
		__sync_fetch_and_or(&conn->flags, now);
	conn->revision = p->revision; /* last: until then others judge for themselves */
	return reason;
}

/* A first packet. Returns 0 or enum weft_reason. */
__inline int open_connection(struct packet *p, struct weft_connection_key *key, __u32 from_b)
{
	int reason;

	/* an answer through a service, whose connection was forgotten */
	if (!(p->flags & PACKET_TRANSLATED) && (p->tcp_flags & (TCP_SYN | TCP_ACK)) != TCP_SYN)
		take_answer(p);
	if (p->flags & PACKET_ANSWER) {
		p->flags |= PACKET_REPLY;
		from_b = !from_b;
	}
	reason = judge(p);
	if (reason)
		return reason;
	if (p->flags & PACKET_NO_OPEN) {
		if (audited(p) && !(p->flags & PACKET_UNCOUNTED))
			tell_audited(p);
		return 0;
	}
	return insert_connection(p, key, from_b);
}

/* Counts p and follows the state; conn is current and allows it. */
__inline void follow(struct packet *p, struct weft_connection *conn, __u32 reply)
{
	__u32 flags = conn->flags, set = 0;
	__u64 now;

	if (reply)
		set = WEFT_CONN_REPLIED;
	if (p->tcp_flags & TCP_FIN) {
		set |= reply ? WEFT_CONN_FIN_RESPONDER : WEFT_CONN_FIN_OPENER;
		if (((flags | set) & CONN_FINS) == CONN_FINS)
			set |= WEFT_CONN_CLOSED;
	}
	if (p->tcp_flags & TCP_RST)
		set |= WEFT_CONN_CLOSED;
	if (set & ~flags)
		__sync_fetch_and_or(&conn->flags, set);
	now = bpf_ktime_get_coarse_ns();
	if (conn->last_seen != now)
		conn->last_seen = now;
	if (p->flags & PACKET_UNCOUNTED)
		return;
	if (reply) {
		__sync_fetch_and_add(&conn->packets[1], 1);
		__sync_fetch_and_add(&conn->bytes[1], p->length);
	} else {
		__sync_fetch_and_add(&conn->packets[0], 1);
		__sync_fetch_and_add(&conn->bytes[0], p->length);
	}
}

/* Finds or opens the connection of p. Returns 0, enum weft_reason, or NOT_TRACKED. */
__global int track(struct packet *p)
{
	struct weft_connection_key key __aligned8;
	struct weft_connection *conn;
	__u32 from_b, flags;

	if (!p)
		return WEFT_DROP_MALFORMED;
	from_b = make_key(p, &key);
	conn = bpf_map_lookup_elem(&weft_connections, &key);
	if (conn && (p->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN &&
	    conn->flags & (WEFT_CONN_CLOSED | CONN_FINS)) {
		close_connection(p, &key);
		conn = 0;
	}
	if (conn && is_icmp(p) &&
	    (from_b != (conn->flags & WEFT_CONN_FROM_B)) != is_echo_reply(p)) {
		conn = 0; /* both ends ask with the identifier 0 */
		p->flags |= PACKET_NO_OPEN;
	}
	if (!conn)
		return p->flags & PACKET_QUOTED ? NOT_TRACKED : open_connection(p, &key, from_b);
	flags = conn->flags;
	if (from_b != (flags & WEFT_CONN_FROM_B))
		p->flags |= flags & WEFT_CONN_TRANSLATED ? PACKET_REPLY | PACKET_ANSWER
							 : PACKET_REPLY;
	if (conn->revision != p->revision) {
		int reason = judge_again(p, conn);

		if (reason)
			return reason;
	} else if (flags & WEFT_CONN_DENIED) {
		p->opener_identity = conn->opener_identity;
		p->responder_identity = conn->responder_identity;
		p->egress_rule = conn->egress_rule;
		p->ingress_rule = conn->ingress_rule;
		return flags & WEFT_CONN_DENIED_INGRESS ? WEFT_DROP_POLICY_INGRESS
							: WEFT_DROP_POLICY_EGRESS;
	}
	if (!(p->flags & PACKET_QUOTED))
		follow(p, conn, p->flags & PACKET_REPLY);
	return 0;
}

/*
 * The connection of a packet that is neither its first nor its last, and that the revision in force
 * allows; or NULL: track() has to look.
 */
__inline struct weft_connection *find_open(struct packet *p, __u32 *from_b)
{
	struct weft_connection_key key __aligned8;
	struct weft_connection *conn;

	*from_b = make_key(p, &key);
	conn = bpf_map_lookup_elem(&weft_connections, &key);
	if (!conn || conn->revision != p->revision || conn->flags & WEFT_CONN_DENIED ||
	    p->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST))
		return 0;
	return conn;
}

/* track() of what find_open() has found. */
__inline void go_on(struct packet *p, struct weft_connection *conn, __u32 from_b)
{
	__u32 reply = from_b != (conn->flags & WEFT_CONN_FROM_B);

	if (reply && conn->flags & WEFT_CONN_TRANSLATED)
		p->flags |= PACKET_ANSWER;
	follow(p, conn, reply);
}

/* What is quoted by an error about a translated packet gets its true sender. */
__global int name_sender(struct packet *q)
{
	struct translating *t = translating();

	if (!q || !t || t->now.flags & WEFT_TRANSLATION_NODE)
		return 0;
	copy16(q->source, t->now.destination);
	q->source_port = t->now.destination_port;
	return 0;
}

/*
 * An ICMP error belongs to the connection of the packet that it quotes (RFC 5508, RFC 4890).
 * It must go to that packet's sender; a workload may only speak of what was sent to itself.
 */
__global int track_quoted(struct __sk_buff *skb, struct packet *p)
{
	if (!p)
		return WEFT_DROP_MALFORMED;

	struct packet q = {
		.ethertype = p->ethertype,
		.flags = PACKET_QUOTED,
		.direction = !p->direction, /* the error travels against it */
		.revision = p->revision,
		.slot = p->slot,
		.l3 = p->l4 + 8,
	};

	if (parse_ip(skb, &q))
		return NOT_TRACKED;
	if (p->flags & PACKET_TRANSLATED)
		name_sender(&q);
	if (!same16(q.source, p->destination))
		return NOT_TRACKED;
	if (p->direction == WEFT_FROM_WORKLOAD && !same16(q.destination, p->source))
		return NOT_TRACKED;
	return track(&q);
}

#endif
