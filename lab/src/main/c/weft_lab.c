// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the lab attaches to measure hooks: the least that drops, passes or redirects a packet. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>

#define SEC(name) __attribute__((section(name), used))

static long (*bpf_redirect)(__u32 ifindex, __u64 flags) = (void *)23;

const volatile __u32 lab_port = 0; /* UDP, host byte order */
const volatile __u32 lab_target = 0; /* ifindex */

static __attribute__((always_inline)) int is_ours(void *data, void *end)
{
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1); /* packets with options are not ours */

	if ((void *)(udp + 1) > end)
		return 0;
	return eth->h_proto == __builtin_bswap16(ETH_P_IP) && ip->ihl == 5 &&
	       ip->protocol == IPPROTO_UDP && udp->dest == __builtin_bswap16(lab_port);
}

SEC("xdp")
int lab_xdp_drop(struct xdp_md *ctx)
{
	return is_ours((void *)(long)ctx->data, (void *)(long)ctx->data_end) ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int lab_xdp_pass(struct xdp_md *ctx __attribute__((unused)))
{
	return XDP_PASS;
}

SEC("xdp")
int lab_xdp_redirect(struct xdp_md *ctx __attribute__((unused)))
{
	return bpf_redirect(lab_target, 0);
}

SEC("tc")
int lab_tc_drop(struct __sk_buff *skb)
{
	return is_ours((void *)(long)skb->data, (void *)(long)skb->data_end) ? TC_ACT_SHOT :
									       TC_ACT_OK;
}

/* Ends a packet at its sender's own interface, which then counts as sent. */
SEC("tc")
int lab_tc_steal(struct __sk_buff *skb __attribute__((unused)))
{
	return TC_ACT_STOLEN;
}

char lab_license[] SEC("license") = "Dual BSD/GPL";
