/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Services: their maps, and the choice of a backend. */
#ifndef WEFT_SERVICE_H
#define WEFT_SERVICE_H

#include "weft_abi.h"
#include "weft_bpf.h"
#include "weft_service_abi.h"

#define NANOS 1000000000ull
#define FRACTION_BITS 32

static __u32 (*const bpf_get_prandom_u32)(void) = (void *)7;

/* 16 bytes between two places aligned to 4 */
__inline void copy16_by_4(void *to, const void *from)
{
	((__u32 *)to)[0] = ((const __u32 *)from)[0];
	((__u32 *)to)[1] = ((const __u32 *)from)[1];
	((__u32 *)to)[2] = ((const __u32 *)from)[2];
	((__u32 *)to)[3] = ((const __u32 *)from)[3];
}

__inline int same16_by_4(const void *a, const void *b)
{
	return ((const __u32 *)a)[0] == ((const __u32 *)b)[0] &&
	       ((const __u32 *)a)[1] == ((const __u32 *)b)[1] &&
	       ((const __u32 *)a)[2] == ((const __u32 *)b)[2] &&
	       ((const __u32 *)a)[3] == ((const __u32 *)b)[3];
}

struct weft_service_ip {
	__u8 ip[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WEFT_MAX_FRONTENDS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct weft_service_ip);
	__type(value, __u32);
} weft_service_addresses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WEFT_MAX_FRONTENDS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct weft_frontend_key);
	__type(value, struct weft_frontend);
} weft_frontends SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WEFT_MAX_SETS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct weft_set);
} weft_sets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WEFT_MAX_BACKENDS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct weft_backend);
} weft_backends SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WEFT_MAX_MEMBERS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct weft_member);
	__type(value, __u32);
} weft_members SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, WEFT_MAX_AFFINITIES);
	__type(key, struct weft_affinity_key);
	__type(value, struct weft_affinity);
} weft_affinities SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, WEFT_MAX_SOURCE_RANGES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct weft_source_range);
	__type(value, __u32);
} weft_source_ranges SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WEFT_MAX_SETS);
	__type(key, __u32);
	__type(value, __u64);
} weft_service_counters SEC(".maps");

#define SERVICE_NONE 0	  /* no service is reached there */
#define SERVICE_BACKEND 1 /* ip and port are the backend's now */
#define SERVICE_REFUSED 2 /* nobody serves it */
#define SERVICE_DROPPED 3 /* not for this client, or not here */

struct choice {
	__u8 client[16];
	__u8 ip[16]; /* of the service, then of the backend */
	__be16 port;
	__u8 protocol;
	__u8 outside; /* whether the client is not on this node */
	__u32 hash;   /* what decides among the backends */
	__u32 salt;   /* so does this, unless by Maglev */
	__u32 flags;  /* out: WEFT_FRONTEND_* */
	__u32 set;
	__u32 backend; /* its id, or 0 */
	__u32 place;   /* its index in weft_backends, or 0 */
	__u32 reason;  /* of SERVICE_DROPPED: enum weft_reason */
};

__inline struct weft_frontend *find_frontend(const struct choice *c, __u32 of)
{
	struct weft_frontend_key key __aligned8;
	struct weft_frontend *found = 0;

	copy16(key.ip, c->ip);
	key.port = c->port;
	key.protocol = c->protocol;
	key.zero = 0;
	if (of & (WEFT_ADDRESS_CLUSTER_IP | WEFT_ADDRESS_EXTERNAL))
		found = bpf_map_lookup_elem(&weft_frontends, &key);
	if (found || !(of & WEFT_ADDRESS_NODE))
		return found;
	if (((__u64 *)key.ip)[0] || ((__u32 *)key.ip)[2] != htonl(0xffff)) {
		((__u64 *)key.ip)[0] = 0;
		((__u64 *)key.ip)[1] = 0;
	} else {
		((__u32 *)key.ip)[3] = 0;
	}
	return bpf_map_lookup_elem(&weft_frontends, &key);
}

__inline int in_source_ranges(const struct choice *c, __u32 set)
{
	struct weft_source_range key __aligned8;

	key.bits = 32 + 128;
	key.set = set;
	copy16(key.ip, c->client);
	return bpf_map_lookup_elem(&weft_source_ranges, &key) != 0;
}

/* Takes the backend that the client had, if it may still have it. */
__inline int keep(struct choice *c, const struct weft_affinity_key *key, __u32 seconds)
{
	struct weft_affinity *had = bpf_map_lookup_elem(&weft_affinities, key);
	struct weft_member member;
	__u64 now = bpf_ktime_get_coarse_ns();

	if (!had || now - had->last_seen > seconds * NANOS)
		return 0;
	member.set = key->set;
	member.backend = had->backend;
	if (!bpf_map_lookup_elem(&weft_members, &member))
		return 0;
	had->last_seen = now;
	copy16_by_4(c->ip, had->ip);
	c->port = had->port;
	c->backend = had->backend;
	return 1;
}

__inline void remember(const struct choice *c, const struct weft_affinity_key *key, __u32 backend)
{
	struct weft_affinity now = {
		.last_seen = bpf_ktime_get_coarse_ns(),
		.port = c->port,
		.backend = backend,
	};

	copy16(now.ip, c->ip);
	bpf_map_update_elem(&weft_affinities, key, &now, BPF_ANY);
}

__inline void count_connection(__u32 set)
{
	__u64 *counter = bpf_map_lookup_elem(&weft_service_counters, &set);

	if (counter)
		*counter += 1;
}

/* c: aligned to 8, its outputs 0. Returns SERVICE_*. */
__global int choose(struct choice *c)
{
	struct weft_affinity_key client __aligned8 = {};
	struct weft_service_ip address __aligned8;
	struct weft_frontend *frontend;
	struct weft_backend *backend;
	__u32 *of, set, first, count, at;
	__u64 *found, now;

	if (!c)
		return SERVICE_NONE;
	copy16(address.ip, c->ip);
	of = bpf_map_lookup_elem(&weft_service_addresses, &address);
	if (!of)
		return SERVICE_NONE;
	frontend = find_frontend(c, *of);
	if (!frontend)
		return (*of & (WEFT_ADDRESS_CLUSTER_IP | WEFT_ADDRESS_NODE)) == WEFT_ADDRESS_CLUSTER_IP
			       ? SERVICE_REFUSED
			       : SERVICE_NONE;
	c->flags = frontend->flags;
	c->reason = WEFT_DROP_SOURCE_RANGE;
	if (c->flags & WEFT_FRONTEND_RANGES && !in_source_ranges(c, frontend->inside))
		return SERVICE_DROPPED;
	c->reason = WEFT_DROP_NO_LOCAL_ENDPOINT;
	set = c->outside ? frontend->outside : frontend->inside;
	found = bpf_map_lookup_elem(&weft_sets, &set);
	if (!found)
		return SERVICE_DROPPED;
	now = *(volatile __u64 *)found; /* both halves at once */
	first = now;
	count = now >> FRACTION_BITS;
	if (!(count & ~WEFT_SET_DROP))
		return count ? SERVICE_DROPPED : SERVICE_REFUSED;
	count_connection(set);
	c->set = set;
	if (c->flags & WEFT_FRONTEND_AFFINITY) {
		copy16(client.client, c->client);
		client.set = set;
		if (keep(c, &client, frontend->affinity))
			return SERVICE_BACKEND;
	}
	if (!(c->flags & WEFT_FRONTEND_MAGLEV))
		c->hash ^= c->salt;
	at = first + (__u32)((__u64)c->hash * count >> FRACTION_BITS);
	backend = bpf_map_lookup_elem(&weft_backends, &at);
	if (!backend)
		return SERVICE_DROPPED;
	copy16(c->ip, backend->ip);
	c->port = backend->port;
	c->backend = backend->id;
	c->place = at;
	if (c->flags & WEFT_FRONTEND_AFFINITY)
		remember(c, &client, backend->id);
	return SERVICE_BACKEND;
}

#endif
