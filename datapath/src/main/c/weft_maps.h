/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every map of the datapath; the loader may lower max_entries before it makes them. */
#ifndef WEFT_MAPS_H
#define WEFT_MAPS_H

#include "weft_abi.h"
#include "weft_bpf.h"

struct weft_ip {
	__u8 ip[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct weft_state);
	__uint(map_flags, BPF_F_MMAPABLE); /* user space stores the revision in one piece */
} weft_state SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WEFT_MAX_WORKLOADS);
	__type(key, __u32);
	__type(value, struct weft_workload);
} weft_workloads SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2 * WEFT_MAX_WORKLOADS);
	__type(key, struct weft_ip);
	__type(value, struct weft_address);
} weft_addresses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WEFT_MAX_WORKLOADS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct weft_place);
} weft_places SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WEFT_MAX_WORKLOADS + 1);
	__type(key, __u32);
	__type(value, struct weft_endpoint);
} weft_endpoints SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, WEFT_MAX_IDENTITY_PREFIXES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct weft_prefix);
	__type(value, struct weft_identity);
} weft_identities SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WEFT_MAX_POLICY_ENTRIES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct weft_policy_key);
	__type(value, struct weft_policy_value);
} weft_policy SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, WEFT_MAX_CONNECTIONS);
	__type(key, struct weft_connection_key);
	__type(value, struct weft_connection);
} weft_connections SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, WEFT_MAX_FRAGMENTS);
	__type(key, struct weft_fragment_key);
	__type(value, struct weft_fragment);
} weft_fragments SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, WEFT_MAX_DROP_COUNTERS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct weft_drop_key);
	__type(value, struct weft_counter);
} weft_drops SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WEFT_COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} weft_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, WEFT_EVENT_BYTES);
} weft_events SEC(".maps");

/* No look-up without it: 0 while there is no state, as in an empty map. */
__inline __u32 revision(void)
{
	__u32 zero = 0;
	struct weft_state *state = bpf_map_lookup_elem(&weft_state, &zero);

	return state ? state->revision : 0;
}

#endif
