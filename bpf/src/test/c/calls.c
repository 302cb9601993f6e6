/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Callbacks and tail calls. */
#include "bpf_api.h"

struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, __u32); __type(value, __u64);
	 __uint(max_entries, 16); } numbers SEC(".maps");

int tail_one(struct __sk_buff *skb);
int tail_two(struct __sk_buff *skb);

struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(key_size, 4); __uint(max_entries, 4);
	 __array(values, int(void *)); } stages SEC(".maps") = {
	.values = { [1] = (void *)&tail_one, [3] = (void *)&tail_two },
};

struct sum {
	__u64 total;
	__u32 calls;
};

static int add_index(__u32 index, struct sum *sum)
{
	sum->total += index;
	sum->calls += 1;
	return 0;
}

/*
 * Global but hidden: the loader must tell the verifier that it is static, else it
 * is judged on its own, where sum could be NULL.
 */
__attribute__((visibility("hidden"))) __noinline int note(struct sum *sum, __u64 value)
{
	sum->total += value;
	return 0;
}

static long add_element(void *map, __u32 *key, __u64 *value, struct sum *sum)
{
	note(sum, *value);
	return 0;
}

SEC("tc")
int looped(struct __sk_buff *skb)
{
	struct sum sum = {};

	bpf_loop(10, add_index, &sum, 0);
	bpf_for_each_map_elem(&numbers, add_element, &sum, 0);
	return (int)sum.total;
}

SEC("tc/one")
int tail_one(struct __sk_buff *skb)
{
	bpf_tail_call(skb, &stages, 3);
	return 1;
}

SEC("tc/two")
int tail_two(struct __sk_buff *skb)
{
	return 42 + skb->mark;
}

SEC("tc/entry")
int entry(struct __sk_buff *skb)
{
	skb->cb[0] += 5;
	skb->mark += 1;
	bpf_tail_call(skb, &stages, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
