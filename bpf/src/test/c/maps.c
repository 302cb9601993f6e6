/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every kind of map that a datapath needs, some with content from the start. */
#include "bpf_api.h"

struct address_key {
	__u32 bits;
	__u8 ip[4];
};

struct counter_value {
	__u64 packets;
	__u32 bytes;
	__u8 flag;
};

struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, __u32); __type(value, struct counter_value);
	 __uint(max_entries, 64); } flows SEC(".maps");

struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, __u32); __type(value, __u64);
	 __uint(max_entries, 8); __uint(map_flags, BPF_F_MMAPABLE); } slots SEC(".maps");

struct { __uint(type, BPF_MAP_TYPE_PERCPU_HASH); __type(key, __u32); __type(value, __u32);
	 __uint(max_entries, 16); } drops SEC(".maps");

struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __type(key, __u32); __type(value, __u64);
	 __uint(max_entries, 2); } totals SEC(".maps");

struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __type(key, __u32); __type(value, __u32);
	 __uint(max_entries, 32); } recent SEC(".maps");

struct { __uint(type, BPF_MAP_TYPE_LPM_TRIE); __type(key, struct address_key); __type(value, __u32);
	 __uint(max_entries, 128); __uint(map_flags, BPF_F_NO_PREALLOC); } prefixes SEC(".maps");

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(key_size, 4); __uint(value_size, 4);
	 __uint(max_entries, 4); __uint(pinning, 1); } kept SEC(".maps");

struct { __uint(type, BPF_MAP_TYPE_SOCKHASH); __uint(key_size, 4); __uint(value_size, 8);
	 __uint(max_entries, 4); } sockets SEC(".maps");

struct { __uint(type, BPF_MAP_TYPE_SOCKMAP); __uint(key_size, 4); __uint(value_size, 4);
	 __uint(max_entries, 4); } socket_slots SEC(".maps");

struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, __u32); __type(value, __u32);
	       __uint(max_entries, 1); };
struct inner first SEC(".maps");
struct inner second SEC(".maps");

struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(key_size, 4); __uint(max_entries, 4);
	 __array(values, struct inner); } groups SEC(".maps") = {
	.values = { [0] = &first, [2] = &second },
};

struct { __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); __type(key, __u32); __uint(max_entries, 4);
	 __array(values, struct inner); } named SEC(".maps");

/* The prefix of the packet's first four bytes, plus what the maps inside hold. */
SEC("tc")
int classify(struct __sk_buff *skb)
{
	__u32 zero = 0, two = 2, id = 0;
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct address_key key = { .bits = 32 };
	struct counter_value *flow, fresh = { .packets = 1, .bytes = skb->len };
	__u32 *found, *drop, one = 1;
	__u64 *total;
	void *map;

	if (data + 4 > end)
		return -1;
	__builtin_memcpy(key.ip, data, 4);
	found = bpf_map_lookup_elem(&prefixes, &key);
	if (found)
		id = *found;
	flow = bpf_map_lookup_elem(&flows, &id);
	if (flow) {
		flow->packets += 1;
		flow->bytes += skb->len;
	} else {
		bpf_map_update_elem(&flows, &id, &fresh, BPF_ANY);
	}
	total = bpf_map_lookup_elem(&totals, &zero);
	if (total)
		*total += 1;
	drop = bpf_map_lookup_elem(&drops, &id);
	if (drop)
		*drop += 1;
	else
		bpf_map_update_elem(&drops, &id, &one, BPF_ANY);
	map = bpf_map_lookup_elem(&groups, &zero);
	if (map) {
		found = bpf_map_lookup_elem(map, &zero);
		if (found)
			id += *found;
	}
	map = bpf_map_lookup_elem(&groups, &two);
	if (map) {
		found = bpf_map_lookup_elem(map, &zero);
		if (found)
			id += *found;
	}
	return id;
}

char LICENSE[] SEC("license") = "GPL";
