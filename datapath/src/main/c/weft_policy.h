/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who is it, and may it: identities and verdicts. */
#ifndef WEFT_POLICY_H
#define WEFT_POLICY_H

#include "weft_abi.h"
#include "weft_bpf.h"
#include "weft_maps.h"
#include "weft_packet.h"

#define POLICY_LENGTHS 18 /* open bits: 0 to 16, and 24 */

/* ip: 16 bytes aligned to 8 */
__local __u32 identity_of(const __u8 *ip, __u32 revision)
{
	struct {
		__u32 zero; /* puts the address on 8 bytes */
		struct weft_prefix prefix;
	} key __aligned8;
	struct weft_identity *found;
	__u32 id = 0;

	key.prefix.bits = 128;
	copy16(key.prefix.ip, ip);
	found = bpf_map_lookup_elem(&weft_identities, &key.prefix);
	if (found)
		id = found->id[revision & 1];
	return id ? id : WEFT_ID_WORLD;
}

/*
 * Finds the entry with the fewest open bits for key's group and identity. One look-up for each of
 * `lengths`, of which most groups have one to three. Without an entry the action is NONE.
 */
__inline void match(struct weft_policy_key *key, __u32 what, __u32 lengths, __u32 revision,
		    struct weft_verdict *verdict)
{
	struct weft_policy_value *found;

	for (int i = 0; i < POLICY_LENGTHS && lengths; i++) {
		key->open = (lengths & -lengths) - 1;
		key->what = what & ~key->open;
		lengths &= lengths - 1;
		found = bpf_map_lookup_elem(&weft_policy, key);
		if (!found)
			continue;
		*verdict = found->verdict[revision & 1];
		barrier();
		if (verdict->action != WEFT_ACTION_NONE && same16(&found->key, key))
			return;
	}
	verdict->action = WEFT_ACTION_NONE;
}

struct question {
	__u32 slot; /* of the workload, or the node, whose policy is asked */
	__u32 direction; /* WEFT_FROM_WORKLOAD: egress */
	__u32 remote;	 /* identity */
	__u32 revision;
	__u8 protocol;
	__u8 port[2];
	__u8 zero;
	__u32 rule; /* the answer's reason */
	__u32 audit; /* a no is only to be told of */
};

/* Returns whether the workload's policy allows it. */
__global int allows(struct question *q)
{
	if (!q)
		return 0;

	struct weft_verdict by_identity = {}, by_any = {};
	struct weft_policy_key key __aligned8;
	struct weft_endpoint *endpoint;
	struct weft_side side;
	__u32 slot = q->slot, what;

	q->audit = 0;
	q->rule = WEFT_RULE_NODE;
	if (q->remote == WEFT_ID_HOST)
		return 1;
	q->rule = WEFT_RULE_NOT_LOADED;
	endpoint = bpf_map_lookup_elem(&weft_endpoints, &slot);
	if (!endpoint)
		return 0;
	side = q->direction == WEFT_FROM_WORKLOAD ? endpoint->egress[q->revision & 1]
						  : endpoint->ingress[q->revision & 1];
	if (side.default_rule == WEFT_RULE_NONE) {
		if (slot != WEFT_NODE_SLOT)
			return 0;
		q->rule = WEFT_RULE_NONE; /* no policy selects the node */
		return 1;
	}
	q->audit = side.flags & WEFT_SIDE_AUDIT;
	q->rule = side.default_rule;
	if (side.group == WEFT_GROUP_OPEN)
		return 1;
	what = q->protocol << 16 | q->port[0] << 8 | q->port[1];
	key.group = side.group;
	key.identity = q->remote;
	match(&key, what, side.identity_lengths, q->revision, &by_identity);
	key.identity = WEFT_ID_ANY;
	match(&key, what, side.any_lengths, q->revision, &by_any);
	if (by_any.action != WEFT_ACTION_NONE &&
	    (by_identity.action == WEFT_ACTION_NONE || by_any.precedence > by_identity.precedence))
		by_identity = by_any;
	if (by_identity.action == WEFT_ACTION_NONE)
		return 0;
	q->rule = by_identity.rule;
	return by_identity.action == WEFT_ACTION_ALLOW;
}

/* What p would have been dropped for, were no workload in audit mode; after judge(). */
__inline int audited(const struct packet *p)
{
	if (p->flags & PACKET_AUDIT_EGRESS)
		return WEFT_DROP_POLICY_EGRESS;
	return p->flags & PACKET_AUDIT_INGRESS ? WEFT_DROP_POLICY_INGRESS : 0;
}

/*
 * Judges the connection that p belongs to (PACKET_REPLY: in the other direction), and fills
 * its identities and rules, and PACKET_AUDIT_*. Returns 0 or enum weft_reason.
 */
__global int judge(struct packet *p)
{
	if (!p)
		return WEFT_DROP_MALFORMED;

	__u8 opener[16] __aligned8, responder[16] __aligned8;
	struct weft_address *address;
	struct question q = {
		.revision = p->revision,
		.protocol = p->protocol,
	};
	int own_opens = (p->direction == WEFT_FROM_WORKLOAD) == !(p->flags & PACKET_REPLY);
	__be16 port = p->destination_port;
	__u32 other = WEFT_NO_SLOT;
	int allowed;

	copy16(opener, p->source);
	copy16(responder, p->destination);
	if (p->flags & PACKET_REPLY) {
		copy16(opener, p->destination);
		copy16(responder, p->source);
		port = p->source_port;
	}
	q.port[0] = port & 0xff;
	q.port[1] = port >> 8;
	if (is_icmp(p)) { /* only an echo request opens, so that is what a reply belongs to */
		q.port[0] = p->icmp_type;
		q.port[1] = 0;
		if (p->flags & PACKET_REPLY)
			q.port[0] = p->protocol == PROTO_ICMP ? ICMP_ECHO : ICMP6_ECHO;
	}
	p->flags &= ~(PACKET_AUDIT_EGRESS | PACKET_AUDIT_INGRESS);
	p->egress_rule = WEFT_RULE_NONE;
	p->ingress_rule = WEFT_RULE_NONE;
	p->opener_identity = identity_of(opener, p->revision);
	p->responder_identity = identity_of(responder, p->revision);
	if (p->opener_identity == WEFT_ID_HOST && !(p->flags & PACKET_FROM_NODE))
		p->opener_identity = WEFT_ID_WORLD;

	address = bpf_map_lookup_elem(&weft_addresses, own_opens ? responder : opener);
	if (address) {
		/* came in by another way than its owner's interface */
		if (p->direction == WEFT_TO_WORKLOAD && !own_opens && p->ingress &&
		    p->ingress != address->ifindex)
			return WEFT_DROP_SPOOFED;
		other = address->slot;
	} else if ((own_opens ? p->responder_identity : p->opener_identity) == WEFT_ID_HOST) {
		other = WEFT_NODE_SLOT;
	}
	q.slot = own_opens ? p->slot : other;
	q.direction = WEFT_FROM_WORKLOAD;
	q.remote = p->responder_identity;
	if (q.slot != WEFT_NO_SLOT) {
		allowed = allows(&q);
		p->egress_rule = q.rule;
		if (!allowed && !q.audit)
			return WEFT_DROP_POLICY_EGRESS;
		if (!allowed)
			p->flags |= PACKET_AUDIT_EGRESS;
	}
	q.slot = own_opens ? other : p->slot;
	q.direction = WEFT_TO_WORKLOAD;
	q.remote = p->opener_identity;
	if (q.slot != WEFT_NO_SLOT) {
		allowed = allows(&q);
		p->ingress_rule = q.rule;
		if (!allowed && !q.audit)
			return WEFT_DROP_POLICY_INGRESS;
		if (!allowed)
			p->flags |= PACKET_AUDIT_INGRESS;
	}
	return 0;
}

#endif
