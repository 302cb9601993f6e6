/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs that the verifier must refuse. */
#include "bpf_api.h"

SEC("tc")
int out_of_bounds(struct __sk_buff *skb)
{
	unsigned char *data = (void *)(long)skb->data;

	return data[100]; /* no check against data_end */
}

static void *(*const no_such_helper)(void) = (void *)9999;

SEC("xdp")
int unknown_helper(struct xdp_md *ctx)
{
	return no_such_helper() != 0;
}

char LICENSE[] SEC("license") = "GPL";
