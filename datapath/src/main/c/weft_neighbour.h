/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ARP (RFC 826, 5227) and neighbour discovery (RFC 4861) of a workload. It is alone on its link
 * with the node, so every address but its own is behind the node: we answer each request with
 * the gateway's MAC ourselves, and no address has to exist on the host side. Probes for
 * duplicates and answers to the node's own requests go to the stack; what only a router
 * may send is dropped. MLD reports go to the stack too.
 *
 * A switched workload has others on its link. We answer for the node and for local workloads, so
 * that what goes there comes to us as to a router; all else may ask for itself. It must not
 * speak for others' link-local addresses, so its own is the one that its MAC makes (RFC 4291, A).
 */
#ifndef WEFT_NEIGHBOUR_H
#define WEFT_NEIGHBOUR_H

#include "weft_abi.h"
#include "weft_bpf.h"
#include "weft_maps.h"
#include "weft_packet.h"
#include "weft_policy.h"
#include "weft_report.h"

#define ARP_REQUEST 1
#define ARP_REPLY 2
#define ND_HOP_LIMIT 255
#define ND_SOLICITATION 24	/* bytes of the message without options */
#define ND_WITH_OPTION 32	/* and with one link-layer address */
#define ND_OPTION_SOURCE 1
#define ND_OPTION_TARGET 2
#define ND_ROUTER_SOLICITED_OVERRIDE 0xe0

struct arp {
	__be16 hardware;
	__be16 protocol;
	__u8 hardware_length;
	__u8 protocol_length;
	__be16 operation;
	__u8 sender_mac[6];
	__u8 sender_ip[4];
	__u8 target_mac[6];
	__u8 target_ip[4];
};

struct nd {
	__u8 type;
	__u8 code;
	__u16 checksum;
	__u8 flags;
	__u8 reserved[3];
	__u8 target[16] __aligned8;
	__u8 option_type;
	__u8 option_length; /* of 8 bytes */
	__u8 option_mac[6];
};

__inline void copy_mac(__u8 *to, const __u8 *from)
{
	int i;

	for (i = 0; i < 6; i++)
		to[i] = from[i];
}

__inline int same_mac(const __u8 *a, const __u8 *b)
{
	return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3] && a[4] == b[4] &&
	       a[5] == b[5];
}

/* Whether a frame has the MAC that it must have: a switch would learn another's. */
__inline int has_own_mac(struct __sk_buff *skb, const struct weft_workload *workload)
{
	const __u8 *data = (void *)(long)skb->data;

	return data + ETH_HEADER <= (__u8 *)(long)skb->data_end &&
	       same_mac(data + 6, workload->mac);
}

/* Whether what a switched workload asks for is behind the node. */
__inline int is_behind_node(const __u8 *target, __u32 revision)
{
	return bpf_map_lookup_elem(&weft_addresses, target) ||
	       identity_of(target, revision) == WEFT_ID_HOST;
}

__inline int is_own_link_local(const __u8 *ip, const __u8 *mac)
{
	return ip[8] == (mac[0] ^ 2) && ip[9] == mac[1] && ip[10] == mac[2] && ip[11] == 0xff &&
	       ip[12] == 0xfe && ip[13] == mac[3] && ip[14] == mac[4] && ip[15] == mac[5];
}

/* Sends the frame back out of the interface that it came from, with new MACs. */
__inline int answer(struct __sk_buff *skb, struct weft_workload *workload)
{
	__u8 macs[12];

	copy_mac(macs, workload->mac);
	copy_mac(macs + 6, workload->gateway);
	if (bpf_skb_store_bytes(skb, 0, macs, sizeof(macs), 0))
		return TC_ACT_SHOT;
	return bpf_redirect(skb->ifindex, 0);
}

/* An ARP packet from a workload. Returns the TC action. */
__global int arp_from_workload(struct __sk_buff *skb, struct packet *p)
{
	if (!p)
		return TC_ACT_SHOT;

	__u32 ifindex = skb->ifindex;
	struct weft_workload *workload = bpf_map_lookup_elem(&weft_workloads, &ifindex);
	struct arp arp __aligned8;
	__be32 sender, target, own;

	if (!workload || bpf_skb_load_bytes(skb, p->l3, &arp, sizeof(arp)))
		return drop(p, WEFT_DROP_MALFORMED);
	if (arp.hardware != htons(1) || arp.protocol != ETH_IP4 || arp.hardware_length != 6 ||
	    arp.protocol_length != 4)
		return drop(p, WEFT_DROP_MALFORMED);
	__builtin_memcpy(&sender, arp.sender_ip, 4);
	__builtin_memcpy(&target, arp.target_ip, 4);
	own = *(__be32 *)(workload->ip4 + 12);
	p->protocol = 0;
	map_ip4(p->source, sender);
	map_ip4(p->destination, target);
	if (!own || !same_mac(arp.sender_mac, workload->mac) || (sender && sender != own))
		return drop(p, WEFT_DROP_NEIGHBOUR);
	if (arp.operation == ARP_REPLY << 8 && sender)
		return TC_ACT_OK;
	if (arp.operation != ARP_REQUEST << 8)
		return drop(p, WEFT_DROP_NEIGHBOUR);
	if (!sender || target == own) /* probe or announcement */
		return TC_ACT_OK;
	if (workload->flags & WEFT_WORKLOAD_SWITCHED && !is_behind_node(p->destination, p->revision))
		return TC_ACT_OK;
	arp.operation = ARP_REPLY << 8;
	copy_mac(arp.sender_mac, workload->gateway);
	copy_mac(arp.target_mac, workload->mac);
	__builtin_memcpy(arp.sender_ip, &target, 4);
	__builtin_memcpy(arp.target_ip, &sender, 4);
	if (bpf_skb_store_bytes(skb, p->l3, &arp, sizeof(arp), 0))
		return drop(p, WEFT_DROP_MALFORMED);
	return answer(skb, workload);
}

/* One's complement sum of an even number of bytes aligned to 4; RFC 1071 */
__inline __u64 sum(const void *bytes, int length)
{
	__u64 total = 0;
	int i;

	for (i = 0; i < length / 4; i++)
		total += ((const __u32 *)bytes)[i];
	return total;
}

__inline __u16 fold(__u64 total)
{
	total = (total & 0xffffffff) + (total >> 32);
	total = (total & 0xffff) + (total >> 16);
	total = (total & 0xffff) + (total >> 16);
	total = (total & 0xffff) + (total >> 16);
	return ~total;
}

/* Whether it can be for nobody but this node and those on the link. */
__inline int stays_on_link(const struct packet *p)
{
	return is_link_local(p->destination) ||
	       (p->destination[0] == 0xff && (p->destination[1] & 15) == 2) ||
	       identity_of(p->destination, p->revision) == WEFT_ID_HOST;
}

/*
 * Whether a message to somebody on a switched link says who has an address and nothing else. Its
 * destination may be anybody's, also beyond the link, so there must be no room for more.
 */
__global int is_bare(struct __sk_buff *skb, struct packet *p)
{
	if (!p)
		return 0;

	__u32 ifindex = skb->ifindex, length = p->l3 + p->length - p->l4;
	struct weft_workload *workload = bpf_map_lookup_elem(&weft_workloads, &ifindex);
	int solicits = p->icmp_type == ICMP6_NEIGHBOUR_SOLICITATION;
	struct nd nd __aligned8 = {};

	if (!workload || !(workload->flags & WEFT_WORKLOAD_SWITCHED))
		return 0;
	if (length == ND_WITH_OPTION) {
		if (bpf_skb_load_bytes(skb, p->l4, &nd, ND_WITH_OPTION) ||
		    nd.option_type != (solicits ? ND_OPTION_SOURCE : ND_OPTION_TARGET) ||
		    nd.option_length != 1 || !same_mac(nd.option_mac, workload->mac))
			return 0;
	} else if (length != ND_SOLICITATION ||
		   bpf_skb_load_bytes(skb, p->l4, &nd, ND_SOLICITATION)) {
		return 0;
	}
	return !(nd.flags & (solicits ? 0xff : 0x1f)) && !nd.reserved[0] && !nd.reserved[1] &&
	       !nd.reserved[2] && same16(nd.target, solicits ? p->destination : workload->ip6);
}

__inline int to_the_link(struct __sk_buff *skb, struct packet *p)
{
	return stays_on_link(p) || is_bare(skb, p) ? TC_ACT_OK : drop(p, WEFT_DROP_NEIGHBOUR);
}

/* Turns a solicitation into its advertisement. Returns the TC action. */
__global int answer_solicitation(struct __sk_buff *skb, struct packet *p)
{
	if (!p)
		return TC_ACT_SHOT;

	__u32 ifindex = skb->ifindex;
	struct weft_workload *workload = bpf_map_lookup_elem(&weft_workloads, &ifindex);
	__u32 length = p->l3 + p->length - p->l4;
	struct nd nd __aligned8 = {};
	__u64 total;

	if (!workload)
		return drop(p, WEFT_DROP_NO_WORKLOAD);
	if (length < ND_SOLICITATION || bpf_skb_load_bytes(skb, p->l4, &nd, ND_SOLICITATION))
		return drop(p, WEFT_DROP_MALFORMED);
	if (zero16(p->source) || same16(nd.target, workload->ip6) || /* a probe for duplicates */
	    (length != ND_SOLICITATION && length != ND_WITH_OPTION) ||
	    (workload->flags & WEFT_WORKLOAD_SWITCHED && !is_behind_node(nd.target, p->revision)))
		return to_the_link(skb, p);
	nd.type = ICMP6_NEIGHBOUR_ADVERTISEMENT;
	nd.code = 0;
	nd.checksum = 0;
	nd.flags = ND_ROUTER_SOLICITED_OVERRIDE;
	nd.reserved[0] = nd.reserved[1] = nd.reserved[2] = 0;
	if (length == ND_WITH_OPTION) {
		nd.option_type = ND_OPTION_TARGET;
		nd.option_length = 1;
		copy_mac(nd.option_mac, workload->gateway);
	}
	total = sum(nd.target, 16) + sum(p->source, 16); /* pseudo-header: RFC 8200, 8.1 */
	total += htonl(length) + htonl(PROTO_ICMP6);
	total += sum(&nd, sizeof(nd));
	nd.checksum = fold(total);
	if (bpf_skb_store_bytes(skb, p->l3 + 8, nd.target, 16, 0) ||
	    bpf_skb_store_bytes(skb, p->l3 + 24, p->source, 16, 0))
		return drop(p, WEFT_DROP_MALFORMED);
	if (length == ND_WITH_OPTION ? bpf_skb_store_bytes(skb, p->l4, &nd, ND_WITH_OPTION, 0)
				     : bpf_skb_store_bytes(skb, p->l4, &nd, ND_SOLICITATION, 0))
		return drop(p, WEFT_DROP_MALFORMED);
	return answer(skb, workload);
}

/* A PACKET_NEIGHBOUR from a workload: ND, MLD, ICMP redirect. Returns the TC action. */
__global int neighbour_from_workload(struct __sk_buff *skb, struct packet *p)
{
	if (!p)
		return TC_ACT_SHOT;

	__u32 ifindex = skb->ifindex;
	struct weft_workload *workload = bpf_map_lookup_elem(&weft_workloads, &ifindex);
	__u8 target[16] __aligned8;

	if (!workload || !(p->flags & PACKET_IP6))
		return drop(p, WEFT_DROP_NEIGHBOUR);
	if (workload->flags & WEFT_WORKLOAD_SWITCHED && is_link_local(p->source) &&
	    !is_own_link_local(p->source, workload->mac))
		return drop(p, WEFT_DROP_NEIGHBOUR);
	if (p->icmp_type == ICMP6_NEIGHBOUR_SOLICITATION && p->hop_limit == ND_HOP_LIMIT)
		return answer_solicitation(skb, p);
	if (p->icmp_type == ICMP6_NEIGHBOUR_ADVERTISEMENT && p->hop_limit == ND_HOP_LIMIT) {
		if (bpf_skb_load_bytes(skb, p->l4 + 8, target, 16))
			return drop(p, WEFT_DROP_MALFORMED);
		if (same16(target, workload->ip6) ||
		    (is_link_local(target) && (!(workload->flags & WEFT_WORKLOAD_SWITCHED) ||
					       is_own_link_local(target, workload->mac))))
			return to_the_link(skb, p);
	} else if (p->icmp_type == ICMP6_ROUTER_SOLICITATION && p->hop_limit == ND_HOP_LIMIT) {
		return stays_on_link(p) ? TC_ACT_OK : drop(p, WEFT_DROP_NEIGHBOUR);
	} else if ((p->icmp_type > ICMP6_MLD_QUERY && p->icmp_type <= ICMP6_MLD_DONE) ||
		   p->icmp_type == ICMP6_MLD2_REPORT) {
		return stays_on_link(p) ? TC_ACT_OK : drop(p, WEFT_DROP_NEIGHBOUR);
	}
	return drop(p, WEFT_DROP_NEIGHBOUR);
}

#endif
