/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Constants, variables, functions: what the loader must link. */
#include "bpf_api.h"

const volatile __u32 step = 1;
const volatile __u8 small = 7;
const volatile struct { __u16 a; __u64 b; } pair = { 2, 3 };
static volatile const __u64 hidden_constant = 40;

__u64 counter = 100;
static __u32 zeroed[3];

static __noinline int twice(int x)
{
	return x * 2 + (int)hidden_constant - 40;
}

/* global: the verifier looks at it on its own */
__noinline int add_step(int x)
{
	return twice(x) + (int)step;
}

/* no program calls it: it must not be appended */
__noinline int unreached(int x)
{
	return x + 12345;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	counter += step;
	zeroed[1] += 1;
	return add_step(10) + small;
}

SEC("socket")
int length(struct __sk_buff *skb)
{
	return skb->len;
}

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
