/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs that are attached: each counts, the connect hooks also refuse a port. */
#include "bpf_api.h"

#define ntohs(x) __builtin_bswap16(x)

const volatile __u16 refused_port = 0;

__u64 xdp_packets = 0;
__u64 tc_packets = 0;
__u64 connects = 0;

SEC("xdp")
int xdp_pass(struct xdp_md *ctx)
{
	__sync_fetch_and_add(&xdp_packets, 1);
	return XDP_PASS;
}

SEC("xdp")
int xdp_drop(struct xdp_md *ctx)
{
	return XDP_DROP;
}

SEC("tcx/ingress")
int tcx_pass(struct __sk_buff *skb)
{
	__sync_fetch_and_add(&tc_packets, 1);
	return -1; /* TCX_NEXT */
}

SEC("tcx/ingress")
int tcx_drop(struct __sk_buff *skb)
{
	return 2; /* TCX_DROP */
}

SEC("cgroup/connect4")
int connect4(struct bpf_sock_addr *ctx)
{
	__sync_fetch_and_add(&connects, 1);
	return ntohs(ctx->user_port) != refused_port;
}

SEC("cgroup/connect4")
int connect4_allow(struct bpf_sock_addr *ctx)
{
	return 1;
}

SEC("sk_lookup")
int lookup_pass(struct bpf_sk_lookup *ctx)
{
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
