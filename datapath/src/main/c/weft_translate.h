/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Packets to a service that no socket program has led to a backend, and the answers to them:
 * a backend is chosen at the first packet, and two translations are made (weft_service_abi.h).
 *
 * Policy and conntrack see the true ends alone: p->source is the client, p->destination the
 * backend, or the other way round, whatever the frame says. The frame becomes what it is to be by
 * rewrite(), after the verdict.
 *
 * The node's own sockets do not use the ports of MASQUERADE_FIRST on for what they open, as long as
 * net.ipv4.ip_local_port_range is above them. So an answer to one of these is never one to them.
 */
#ifndef WEFT_TRANSLATE_H
#define WEFT_TRANSLATE_H

#include "weft_abi.h"
#include "weft_bpf.h"
#include "weft_conntrack.h"
#include "weft_maps.h"
#include "weft_packet.h"
#include "weft_service.h"
#include "weft_translation.h"

#define MASQUERADE_FIRST 10240
#define MASQUERADE_PORTS 19760 /* below 30000, where node ports begin */
#define MASQUERADE_TRIES 32

#define SILENT_CLOSING (60 * NANOS)  /* then its place may be taken; TIME_WAIT of Linux */
#define SILENT_TCP (7440 * NANOS)    /* RFC 5382, REQ-5 */
#define SILENT_OTHER (300 * NANOS)   /* RFC 4787, REQ-5 */

#define EXISTS (-17)

__inline int is_silent(const struct weft_translation *there, __u8 protocol)
{
	__u64 silent = bpf_ktime_get_coarse_ns() - there->last_seen;

	if (protocol != PROTO_TCP)
		return silent > SILENT_OTHER;
	return silent > (there->flags & WEFT_TRANSLATION_CLOSING ? SILENT_CLOSING : SILENT_TCP);
}

/* Whether a reverse translation belongs to a connection that lives. */
__inline int is_used(const struct weft_translation *reverse, __u8 protocol)
{
	struct weft_translation_key key __aligned8;
	struct weft_translation *forward;

	if (!is_silent(reverse, protocol))
		return 1;
	copy16(key.source, reverse->destination);
	copy16(key.destination, reverse->source);
	key.source_port = reverse->destination_port;
	key.destination_port = reverse->source_port;
	*(__u32 *)&key.protocol = protocol;
	forward = bpf_map_lookup_elem(&weft_translations, &key);
	return forward && !is_silent(forward, protocol);
}

__inline int in_range(__u32 which, const __u8 *ip)
{
	struct weft_source_range key __aligned8;

	key.bits = 32 + 128;
	key.set = which;
	copy16(key.ip, ip);
	return bpf_map_lookup_elem(&weft_source_ranges, &key) != 0;
}

/* Whether p goes to an address that is kept for services. */
__global int is_reserved(struct packet *p)
{
	return p && in_range(WEFT_RANGE_RESERVED, p->destination);
}

/* Whether p goes to a service, or to a port that is refused. */
__global int is_served(struct packet *p, __u32 of)
{
	if (!p)
		return 0;

	struct choice c __aligned8 = { .port = p->destination_port, .protocol = p->protocol };

	copy16(c.ip, p->destination);
	return find_frontend(&c, of) ||
	       (of & (WEFT_ADDRESS_CLUSTER_IP | WEFT_ADDRESS_NODE)) == WEFT_ADDRESS_CLUSTER_IP;
}

/* Whether the backend of p's translation may still be chosen. */
__global int may_stay(struct packet *p, struct weft_translation *there, __u32 of)
{
	if (!p || !there)
		return 0;

	struct choice c __aligned8 = { .port = p->destination_port, .protocol = p->protocol };
	struct weft_frontend *frontend;
	struct weft_member member = { .set = there->set, .backend = there->backend };
	struct weft_backend *backend;
	__u32 set = there->set, place = there->place;
	__u64 *found, run;

	copy16(c.ip, p->destination);
	frontend = find_frontend(&c, of);
	if (!frontend || (frontend->inside != set && frontend->outside != set))
		return 0;
	if (there->backend)
		return bpf_map_lookup_elem(&weft_members, &member) != 0;
	found = bpf_map_lookup_elem(&weft_sets, &set);
	if (!found)
		return 0;
	run = *(volatile __u64 *)found;
	if (place - (__u32)run >= (__u32)(run >> FRACTION_BITS & ~WEFT_SET_DROP))
		return 0;
	backend = bpf_map_lookup_elem(&weft_backends, &place);
	return backend && same16_by_4(backend->ip, there->destination) &&
	       backend->port == there->destination_port;
}

/* Mixes addresses and ports well enough to choose by: splitmix64's finalizer. */
__inline __u32 hash_of(const struct packet *p)
{
	const __u64 *source = (const __u64 *)p->source;
	__u64 h = source[0] * 0x9e3779b97f4a7c15ull + source[1];

	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9ull;
	h += (__u64)p->source_port << 32 | (__u32)p->destination_port << 8 | p->protocol;
	h ^= ((const __u64 *)p->destination)[0] ^ ((const __u64 *)p->destination)[1];
	h = (h ^ h >> 27) * 0x94d049bb133111ebull;
	return (h ^ h >> 31) >> 16;
}

/* Fills t->reverse, of t->now: p's, backwards. */
__inline void turn(struct weft_translation_key *key, const struct packet *p, struct translating *t)
{
	struct weft_translation *reverse = &t->reverse;

	copy16(key->source, t->now.destination);
	copy16(key->destination, t->now.source);
	key->source_port = t->now.destination_port;
	key->destination_port = t->now.source_port;
	*(__u32 *)&key->protocol = p->protocol | 1 << 8;
	copy16(reverse->source, p->destination);
	copy16(reverse->destination, p->source);
	reverse->source_port = p->destination_port;
	reverse->destination_port = p->source_port;
	reverse->last_seen = t->now.last_seen;
	reverse->set = reverse->backend = reverse->place = reverse->generation = 0;
	reverse->zero = 0;
	reverse->ifindex = t->now.flags & WEFT_TRANSLATION_DIRECT ? 0 : p->ingress;
	reverse->flags = WEFT_TRANSLATION_REVERSE | t->now.flags |
			 (p->flags & PACKET_FROM_NODE ? WEFT_TRANSLATION_NODE : 0);
}

/*
 * Makes the reverse translation with the client's own address. Returns whether no other
 * connection between the two, through another service, is in the way.
 */
__global int keep_source(struct packet *p)
{
	struct translating *t = translating();
	struct weft_translation_key key __aligned8;
	struct weft_translation *there;

	if (!p || !t)
		return 0;
	turn(&key, p, t);
	there = bpf_map_lookup_elem(&weft_translations, &key);
	if (there && (there->source_port != p->destination_port ||
		      !same16(there->source, p->destination)) &&
	    is_used(there, p->protocol))
		return 0;
	return !bpf_map_update_elem(&weft_translations, &key, &t->reverse, BPF_ANY);
}

/* Whether the client speaks to the backend of t->now without a service, from the same port. */
__global int speaks_directly(struct packet *p)
{
	struct translating *t = translating();
	struct weft_connection_key key __aligned8;
	struct weft_connection *conn;
	__be16 port;

	if (!p || !t)
		return 0;
	port = p->destination_port;
	copy16(t->destination, p->destination);
	copy16(p->destination, t->now.destination);
	p->destination_port = t->now.destination_port;
	make_key(p, &key);
	copy16(p->destination, t->destination);
	p->destination_port = port;
	conn = bpf_map_lookup_elem(&weft_connections, &key);
	return conn && !(conn->flags & WEFT_CONN_TRANSLATED);
}

/* Gives the packet an address and a port of the node. Returns 0 or enum weft_reason. */
__global int masquerade(struct packet *p)
{
	struct weft_translation_key key __aligned8;
	struct weft_translation *there;
	struct translating *t = translating();
	struct weft_service_state *state;
	__u32 zero = 0, start, i;
	long failed;

	state = bpf_map_lookup_elem(&weft_service_state, &zero);
	if (!p || !t || !state)
		return WEFT_DROP_MASQUERADE;
	t->now.flags |= WEFT_TRANSLATION_MASQUERADED;
	copy16_by_4(t->now.source, p->flags & PACKET_IP6 ? state->ip6 : state->ip4);
	if (zero16(t->now.source))
		return WEFT_DROP_MASQUERADE;
	turn(&key, p, t);
	start = bpf_get_prandom_u32();
	for (i = 0; i < MASQUERADE_TRIES; i++) {
		if (p->protocol != PROTO_SCTP) /* its checksum covers the ports, and is no sum */
			key.destination_port =
				htons(MASQUERADE_FIRST + (start + i * 613) % MASQUERADE_PORTS);
		failed = bpf_map_update_elem(&weft_translations, &key, &t->reverse, BPF_NOEXIST);
		if (failed == EXISTS) {
			there = bpf_map_lookup_elem(&weft_translations, &key);
			if (there && !is_used(there, p->protocol))
				failed = bpf_map_update_elem(&weft_translations, &key, &t->reverse,
							     BPF_ANY);
		}
		if (!failed) {
			t->now.source_port = key.destination_port;
			return 0;
		}
	}
	return WEFT_DROP_MASQUERADE;
}

/* Whether it is the address of a local workload that masquerades. */
__inline int masquerades(const __u8 *client)
{
	struct weft_workload *workload;
	struct weft_address *address;
	__u8 ip[16] __aligned8;
	__u32 ifindex;

	copy16(ip, client);
	address = bpf_map_lookup_elem(&weft_addresses, ip);
	if (!address)
		return 0;
	ifindex = address->ifindex;
	workload = bpf_map_lookup_elem(&weft_workloads, &ifindex);
	return workload && workload->flags & WEFT_WORKLOAD_MASQUERADE;
}

/* Whether such a workload goes there with its own address. */
__inline int is_direct(const __u8 *ip)
{
	return in_range(WEFT_RANGE_DIRECT, ip) || in_range(WEFT_RANGE_PODS, ip);
}

#define CLIENT_POD 0
#define CLIENT_NODE 1
#define CLIENT_OUTSIDE 2

/* Whether it is the address of a node, or of a pod wherever it is. */
__inline int is_of_the_cluster(const __u8 *ip)
{
	return in_range(WEFT_RANGE_NODES, ip) || in_range(WEFT_RANGE_CLUSTER_PODS, ip);
}

/* Whether a backend is neither a local workload nor the node itself. */
__inline int is_elsewhere(const __u8 *backend, __u32 revision)
{
	__u8 ip[16] __aligned8;

	copy16(ip, backend);
	return !bpf_map_lookup_elem(&weft_addresses, ip) &&
	       identity_of(ip, revision) != WEFT_ID_HOST;
}

/* Whether the client may keep its own address. */
__inline int may_keep_source(const struct packet *p, const struct choice *c, __u32 client)
{
	if (client == CLIENT_NODE || same16(c->ip, c->client))
		return 0;
	if (client == CLIENT_POD && masquerades(c->client) && !is_direct(c->ip))
		return 0;
	if (!(c->flags & (client == CLIENT_POD ? WEFT_FRONTEND_MASQUERADE_PODS
					       : WEFT_FRONTEND_MASQUERADE_OUTSIDE)) &&
	    !(client == CLIENT_OUTSIDE && c->flags & WEFT_FRONTEND_DIRECT &&
	      is_of_the_cluster(c->client)))
		return 1;
	/* what the node itself serves comes back to it in any case */
	return identity_of(c->ip, p->revision) == WEFT_ID_HOST;
}

/* A first packet: fills t->now. Returns 0 or enum weft_reason, or NOT_TRACKED: of no service. */
__global int choose_for(struct packet *p, __u32 client, __u32 generation)
{
	struct translating *t = translating();
	struct choice *c;

	if (!p || !t)
		return WEFT_DROP_TRANSLATION;
	if (client == CLIENT_OUTSIDE) {
		if (identity_of(p->source, p->revision) == WEFT_ID_HOST)
			return NOT_TRACKED; /* forged: the stack drops it */
		if (in_range(WEFT_RANGE_PODS, p->source))
			client = CLIENT_POD;
	}
	c = &t->choice;
	copy16(c->client, p->source);
	copy16(c->ip, p->destination);
	c->port = p->destination_port;
	c->protocol = p->protocol;
	c->outside = client == CLIENT_OUTSIDE;
	c->hash = hash_of(p);
	c->salt = bpf_get_prandom_u32();
	c->backend = 0;
	c->place = 0;
	switch (choose(c)) {
	case SERVICE_NONE:
		return NOT_TRACKED;
	case SERVICE_REFUSED:
		return WEFT_DROP_NO_ENDPOINT;
	case SERVICE_DROPPED:
		return c->reason;
	}
	if (p->protocol == PROTO_SCTP && c->port != p->destination_port)
		return WEFT_DROP_TRANSLATION;
	copy16(t->now.source, p->source);
	copy16(t->now.destination, c->ip);
	t->now.source_port = p->source_port;
	t->now.destination_port = c->port;
	t->now.last_seen = bpf_ktime_get_coarse_ns();
	t->now.set = c->set;
	t->now.backend = c->backend;
	t->now.place = c->place;
	t->now.generation = generation;
	t->now.ifindex = 0;
	t->now.flags = 0;
	t->now.zero = 0;
	if (may_keep_source(p, c, client)) {
		if (client == CLIENT_OUTSIDE && c->flags & WEFT_FRONTEND_DIRECT &&
		    is_elsewhere(c->ip, p->revision)) {
			t->now.flags = WEFT_TRANSLATION_DIRECT; /* its answers do not come here */
			return 0;
		}
		if (!speaks_directly(p) && keep_source(p))
			return 0;
	}
	return masquerade(p);
}

/* A first packet, or one whose backend is gone. Returns as choose_for(). */
__global int open_translation(struct packet *p, __u32 client, __u32 generation)
{
	struct translating *t = translating();
	struct weft_translation_key key __aligned8;
	struct weft_translation *there;
	int reason;

	if (!p || !t)
		return WEFT_DROP_TRANSLATION;
	reason = choose_for(p, client, generation);
	if (reason)
		return reason;
	translation_key(&key, p, 0);
	there = bpf_map_lookup_elem(&weft_translations, &key);
	if (there && there->generation == generation && !(there->flags & WEFT_TRANSLATION_CLOSING)) {
		take(p, t, there); /* another CPU was faster */
		return 0;
	}
	if (bpf_map_update_elem(&weft_translations, &key, &t->now, BPF_ANY))
		return WEFT_DROP_CONNECTIONS_FULL;
	there = bpf_map_lookup_elem(&weft_translations, &key);
	if (!there)
		return WEFT_DROP_CONNECTIONS_FULL;
	take(p, t, there);
	return 0;
}

/* Whether a packet to such an address may be an answer to a masqueraded one. */
__inline int may_be_answer(const struct packet *p, __u32 of)
{
	__u16 port = ntohs(p->destination_port) - MASQUERADE_FIRST;

	return of & WEFT_ADDRESS_MASQUERADE &&
	       (port < MASQUERADE_PORTS || p->protocol == PROTO_SCTP);
}

/* Whether translate() has anything to say of a packet to such an address. */
__inline int may_concern(const struct packet *p, __u32 of)
{
	return of != WEFT_ADDRESS_MASQUERADE || may_be_answer(p, of);
}

/* Whether a connection was there before the service was. */
__inline int was_before(struct packet *p)
{
	struct weft_connection_key key __aligned8;

	if (p->protocol != PROTO_TCP || (p->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		return 0;
	make_key(p, &key);
	return bpf_map_lookup_elem(&weft_connections, &key) != 0;
}

/*
 * A packet to an address that is a service's, or the node's. Returns 0 or enum weft_reason, or
 * NOT_TRACKED: the packet is of no service, and goes on as it is.
 */
__global int translate(struct packet *p, __u32 client, __u32 of)
{
	struct translating *t = translating();
	struct weft_service_state *state;
	struct weft_translation *there;
	__u32 zero = 0, generation;
	int opens;

	state = bpf_map_lookup_elem(&weft_service_state, &zero);
	if (!p || !t || !state)
		return WEFT_DROP_TRANSLATION;
	generation = *(volatile __u32 *)&state->generation;
	if (may_be_answer(p, of)) {
		there = find_translation(p, 1);
		if (there) {
			take(p, t, there);
			return 0;
		}
	}
	if (p->protocol != PROTO_TCP && p->protocol != PROTO_UDP && p->protocol != PROTO_SCTP) {
		if ((of & (WEFT_ADDRESS_CLUSTER_IP | WEFT_ADDRESS_NODE)) != WEFT_ADDRESS_CLUSTER_IP)
			return NOT_TRACKED;
		return p->flags & PACKET_NO_OPEN ? WEFT_DROP_TRANSLATION : WEFT_DROP_NO_ENDPOINT;
	}
	there = find_translation(p, 0);
	opens = p->protocol == PROTO_TCP && (p->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	if (there && p->protocol == PROTO_TCP && !opens) {
		take(p, t, there);
		return 0;
	}
	if (there && !(opens && there->flags & WEFT_TRANSLATION_CLOSING)) {
		if (there->generation == generation) {
			take(p, t, there);
			return 0;
		}
		t->now = *there;
		if (may_stay(p, &t->now, of)) {
			there->generation = generation;
			take(p, t, there);
			return 0;
		}
	}
	if (!is_served(p, of))
		return NOT_TRACKED;
	if (was_before(p))
		return NOT_TRACKED;
	if (p->flags & PACKET_NO_OPEN)
		return WEFT_DROP_TRANSLATION;
	return open_translation(p, client, generation);
}

#endif
