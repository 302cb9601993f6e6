/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Ethernet, VLAN, IPv4, IPv6 and transport headers into a struct packet. */
#ifndef WEFT_PACKET_H
#define WEFT_PACKET_H

#include "weft_abi.h"
#include "weft_bpf.h"
#include "weft_maps.h"

#define ETH_IP4 htons(0x0800)
#define ETH_ARP htons(0x0806)
#define ETH_VLAN htons(0x8100)
#define ETH_QINQ htons(0x88a8)
#define ETH_IP6 htons(0x86dd)
#define ETH_HEADER 14
#define PACKET_HOST 0 /* skb->pkt_type: sent to the MAC of the interface */
#define MAX_INLINE_TAGS 2 /* beside the one that the kernel moved to the skb */

#define IP4_MORE_FRAGMENTS 0x2000
#define IP4_OFFSET 0x1fff
#define IP6_HEADER 40
#define MAX_EXTENSION_HEADERS 6

#define PROTO_HOP_BY_HOP 0
#define PROTO_ICMP 1
#define PROTO_IP4 4 /* in IP; RFC 2003 */
#define PROTO_TCP 6
#define PROTO_UDP 17
#define PROTO_IP6 41 /* RFC 2473 */
#define PROTO_ROUTING 43
#define PROTO_FRAGMENT 44
#define PROTO_AUTH 51
#define PROTO_ICMP6 58
#define PROTO_OPTIONS 60
#define PROTO_SCTP 132

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

#define ICMP_ECHO_REPLY 0
#define ICMP_UNREACHABLE 3
#define ICMP_QUENCH 4
#define ICMP_REDIRECT 5
#define ICMP_ECHO 8
#define ICMP_TIME 11
#define ICMP_PARAMETER 12
#define ICMP6_UNREACHABLE 1
#define ICMP6_PARAMETER 4
#define ICMP6_ECHO 128
#define ICMP6_ECHO_REPLY 129
#define ICMP6_MLD_QUERY 130
#define ICMP6_MLD_DONE 132
#define ICMP6_ROUTER_SOLICITATION 133
#define ICMP6_NEIGHBOUR_SOLICITATION 135
#define ICMP6_NEIGHBOUR_ADVERTISEMENT 136
#define ICMP6_REDIRECT 137
#define ICMP6_MLD2_REPORT 143

#define PACKET_IP6 0x001
#define PACKET_TAGGED 0x002	/* with a VLAN tag */
#define PACKET_OPTIONS 0x004	/* IPv4 options or IPv6 extension headers */
#define PACKET_FIRST 0x008	/* first fragment */
#define PACKET_LATER 0x010	/* later fragment: it has no transport header */
#define PACKET_NO_OPEN 0x020	/* cannot open a connection */
#define PACKET_ERROR 0x040	/* ICMP error */
#define PACKET_QUOTED 0x080	/* read from inside an ICMP error: may be cut off */
#define PACKET_NEIGHBOUR 0x100	/* ARP's successor: ND and MLD */
#define PACKET_REPLY 0x200	/* from the responder of its connection */
#define PACKET_FROM_NODE 0x400	/* the opener is this node, and not just by its address */
#define PACKET_UNCOUNTED 0x800	/* a later hook of this node counts it */
#define PACKET_AUDIT_EGRESS 0x1000  /* the opener's policy would deny it; audit mode */
#define PACKET_AUDIT_INGRESS 0x2000 /* the responder's */
#define PACKET_TRANSLATED 0x4000 /* its destination is not yet the frame's: see weft_translating */
#define PACKET_ANSWER 0x8000	/* of a service's backend */
#define PACKET_MASQUERADED 0x10000 /* with TRANSLATED: the node stands for its client */
#define PACKET_DIRECT 0x20000 /* with TRANSLATED: it goes as it is to its backend's node */

struct packet {
	__u8 source[16] __aligned8;
	__u8 destination[16] __aligned8;
	__be16 source_port; /* ICMP echo: the identifier in a request's source, a reply's destination */
	__be16 destination_port;
	__be16 ethertype;
	__u8 protocol;
	__u8 icmp_type;
	__u8 tcp_flags;
	__u8 hop_limit;
	__u16 direction; /* WEFT_FROM_WORKLOAD, WEFT_TO_WORKLOAD */
	__u32 flags;	 /* PACKET_* */
	__u32 l3;	 /* offset of the IP header */
	__u32 l4;	 /* offset of the transport header */
	__u32 length;	 /* of the IP packet */
	__u32 fragment_id;
	__u32 fragment_protocol; /* what follows the (IPv6: fragment) header */
	__u32 ingress;		 /* ifindex where this node received it; 0: made here */
	__u32 revision;
	__u32 slot;		 /* of the workload at this hook */
	__u32 opener_identity;	 /* from here on: what judge() finds */
	__u32 responder_identity;
	__u32 egress_rule;
	__u32 ingress_rule;
};

struct ip4_header {
	__u8 version_length;
	__u8 tos;
	__be16 total;
	__be16 id;
	__be16 offset;
	__u8 ttl;
	__u8 protocol;
	__be16 checksum;
	__be32 source;
	__be32 destination;
};

struct ip6_header {
	__be32 version_flow;
	__be16 payload;
	__u8 next;
	__u8 hop_limit;
	__u8 source[16] __aligned8;
	__u8 destination[16] __aligned8;
};

/* In whole words: a load of what two narrower stores have written waits for both to retire. */
__inline void map_ip4(void *to, __be32 address)
{
	((__u64 *)to)[0] = 0;
	((__u64 *)to)[1] = (__u64)address << 32 | htonl(0xffff);
}

__inline int is_link_local(const __u8 *ip)
{
	return ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80;
}

__global int parse_ethernet(struct __sk_buff *skb, struct packet *p)
{
	if (!p)
		return WEFT_DROP_MALFORMED;

	__be16 type;
	int i;

	p->l3 = ETH_HEADER;
	if (skb->vlan_present)
		p->flags |= PACKET_TAGGED;
	for (i = 0; i <= MAX_INLINE_TAGS; i++) {
		if (bpf_skb_load_bytes(skb, p->l3 - 2, &type, 2))
			return WEFT_DROP_MALFORMED;
		if (type != ETH_VLAN && type != ETH_QINQ) {
			p->ethertype = type;
			return 0;
		}
		p->flags |= PACKET_TAGGED;
		p->l3 += 4;
	}
	return WEFT_DROP_ETHERTYPE;
}

__global int parse_ip4(struct __sk_buff *skb, struct packet *p)
{
	if (!p)
		return WEFT_DROP_MALFORMED;

	struct ip4_header ip;
	__u32 header, total, offset;
	__u32 available = skb->len - p->l3;

	if (bpf_skb_load_bytes(skb, p->l3, &ip, sizeof(ip)))
		return WEFT_DROP_MALFORMED;
	header = (ip.version_length & 15) * 4;
	total = ntohs(ip.total);
	if (!total && skb->gso_size) /* over 64 KiB: include/linux/ip.h, iph_totlen() */
		total = available;
	if (ip.version_length >> 4 != 4 || header < sizeof(ip) || total < header)
		return WEFT_DROP_MALFORMED;
	if (total > available && !(p->flags & PACKET_QUOTED))
		return WEFT_DROP_MALFORMED;
	map_ip4(p->source, ip.source);
	map_ip4(p->destination, ip.destination);
	p->protocol = ip.protocol;
	p->hop_limit = ip.ttl;
	p->length = total;
	p->l4 = p->l3 + header;
	if (header > sizeof(ip))
		p->flags |= PACKET_OPTIONS;
	offset = ntohs(ip.offset);
	if (offset & (IP4_OFFSET | IP4_MORE_FRAGMENTS)) {
		p->flags |= offset & IP4_OFFSET ? PACKET_LATER : PACKET_FIRST;
		p->fragment_id = ntohs(ip.id);
		p->fragment_protocol = ip.protocol;
		/* 8 bytes in: it could rewrite the TCP flags of the first, RFC 1858 */
		if ((offset & IP4_OFFSET) == 1 && ip.protocol == PROTO_TCP)
			return WEFT_DROP_MALFORMED;
	}
	return 0;
}

/* Walks from p->l4 on, as far as the transport header. */
__local int parse_extensions(struct __sk_buff *skb, struct packet *p)
{
	__u32 end = p->l3 + p->length;
	__u8 next = p->protocol;
	__u8 h[8];
	int i;

	/* Linux 6.1 refuses the loop that clang makes of it */
#pragma clang loop unroll(full)
	for (i = 0; i <= MAX_EXTENSION_HEADERS; i++) {
		if (next != PROTO_HOP_BY_HOP && next != PROTO_ROUTING && next != PROTO_FRAGMENT &&
		    next != PROTO_AUTH && next != PROTO_OPTIONS) {
			p->protocol = next;
			return 0;
		}
		if (i == MAX_EXTENSION_HEADERS)
			break;
		p->flags |= PACKET_OPTIONS;
		if (p->l4 + 8 > end || bpf_skb_load_bytes(skb, p->l4, h, 8))
			return WEFT_DROP_MALFORMED;
		/* segments left: the last destination is another one than we would judge */
		if (next == PROTO_ROUTING && h[3])
			return WEFT_DROP_EXTENSION_HEADERS;
		if (next == PROTO_FRAGMENT) {
			__u32 offset = h[2] << 8 | (h[3] & 0xf8);

			p->fragment_id = h[4] << 24 | h[5] << 16 | h[6] << 8 | h[7];
			p->fragment_protocol = h[0];
			p->l4 += 8;
			if (offset) {
				p->protocol = h[0];
				p->flags |= PACKET_LATER;
				return 0;
			}
			if (h[3] & 1)
				p->flags |= PACKET_FIRST;
		} else if (next == PROTO_AUTH) {
			p->l4 += (h[1] + 2) * 4;
		} else {
			p->l4 += (h[1] + 1) * 8;
		}
		next = h[0];
	}
	return WEFT_DROP_EXTENSION_HEADERS;
}

__global int parse_ip6(struct __sk_buff *skb, struct packet *p)
{
	if (!p)
		return WEFT_DROP_MALFORMED;

	struct ip6_header ip;
	__u32 available = skb->len - p->l3;
	__u32 total;

	if (bpf_skb_load_bytes(skb, p->l3, &ip, sizeof(ip)))
		return WEFT_DROP_MALFORMED;
	total = IP6_HEADER + ntohs(ip.payload);
	if (!ip.payload && skb->gso_size) /* over 64 KiB */
		total = available;
	if ((ip.version_flow & 0xf0) != 0x60)
		return WEFT_DROP_MALFORMED;
	if (total > available && !(p->flags & PACKET_QUOTED))
		return WEFT_DROP_MALFORMED;
	copy16(p->source, ip.source);
	copy16(p->destination, ip.destination);
	p->flags |= PACKET_IP6;
	p->protocol = ip.next;
	p->hop_limit = ip.hop_limit;
	p->length = total;
	p->l4 = p->l3 + IP6_HEADER;
	if (ip.next == PROTO_TCP || ip.next == PROTO_UDP)
		return 0;
	return parse_extensions(skb, p);
}

__inline int is_icmp(const struct packet *p)
{
	return p->protocol == PROTO_ICMP || p->protocol == PROTO_ICMP6;
}

__inline int is_echo_reply(const struct packet *p)
{
	return (p->protocol == PROTO_ICMP && p->icmp_type == ICMP_ECHO_REPLY) ||
	       (p->protocol == PROTO_ICMP6 && p->icmp_type == ICMP6_ECHO_REPLY);
}

/* Sets the ports (the identifier) and what an ICMP message is. */
__inline void classify_icmp(struct packet *p, __u8 type, __be16 identifier)
{
	int echo, reply, error;

	p->icmp_type = type;
	if (p->flags & PACKET_IP6) {
		echo = type == ICMP6_ECHO;
		reply = type == ICMP6_ECHO_REPLY;
		error = type >= ICMP6_UNREACHABLE && type <= ICMP6_PARAMETER;
		if ((type >= ICMP6_MLD_QUERY && type <= ICMP6_REDIRECT) ||
		    type == ICMP6_MLD2_REPORT)
			p->flags |= PACKET_NEIGHBOUR;
	} else {
		echo = type == ICMP_ECHO;
		reply = type == ICMP_ECHO_REPLY;
		error = type == ICMP_UNREACHABLE || type == ICMP_QUENCH || type == ICMP_TIME ||
			type == ICMP_PARAMETER;
		if (type == ICMP_REDIRECT)
			p->flags |= PACKET_NEIGHBOUR;
	}
	if (echo)
		p->source_port = identifier;
	if (reply)
		p->destination_port = identifier;
	if (error)
		p->flags |= PACKET_ERROR;
	if (!echo)
		p->flags |= PACKET_NO_OPEN;
}

/* A later fragment gets the ports of the first, which must have been let through. */
__inline int recall_fragment(struct packet *p)
{
	struct weft_fragment_key key __aligned8;
	struct weft_fragment *first;

	copy16(key.source, p->source);
	copy16(key.destination, p->destination);
	key.id = p->fragment_id;
	key.protocol = p->fragment_protocol;
	first = bpf_map_lookup_elem(&weft_fragments, &key);
	if (!first)
		return WEFT_DROP_FRAGMENT;
	p->source_port = first->source_port;
	p->destination_port = first->destination_port;
	p->protocol = first->protocol;
	p->icmp_type = first->icmp_type;
	p->flags |= PACKET_NO_OPEN;
	return 0;
}

__global int remember_fragment(struct packet *p)
{
	if (!p)
		return 0;

	struct weft_fragment_key key __aligned8;
	struct weft_fragment first = {
		.source_port = p->source_port,
		.destination_port = p->destination_port,
		.protocol = p->protocol,
		.icmp_type = p->icmp_type,
	};

	copy16(key.source, p->source);
	copy16(key.destination, p->destination);
	key.id = p->fragment_id;
	key.protocol = p->fragment_protocol;
	return bpf_map_update_elem(&weft_fragments, &key, &first, BPF_ANY);
}

__global int parse_transport(struct __sk_buff *skb, struct packet *p)
{
	if (!p)
		return WEFT_DROP_MALFORMED;

	__u32 left = p->l3 + p->length - p->l4;
	__u8 h[16] __aligned8 = {};
	__u32 need;

	if (p->l4 > p->l3 + p->length)
		return WEFT_DROP_MALFORMED;
	if (p->flags & PACKET_LATER)
		return p->flags & PACKET_QUOTED ? WEFT_DROP_FRAGMENT : recall_fragment(p);
	/* each is of one family only: RFC 792, RFC 4443 */
	if (p->protocol == (p->flags & PACKET_IP6 ? PROTO_ICMP : PROTO_ICMP6))
		return WEFT_DROP_MALFORMED;
	if (p->protocol == PROTO_TCP)
		need = 20;
	else if (p->protocol == PROTO_SCTP)
		need = 12;
	else if (p->protocol == PROTO_UDP || is_icmp(p))
		need = 8;
	else
		return 0;
	if (left < need)
		return WEFT_DROP_MALFORMED;
	if (p->protocol == PROTO_TCP && !(p->flags & PACKET_QUOTED)) {
		if (bpf_skb_load_bytes(skb, p->l4, h, 14))
			return WEFT_DROP_MALFORMED;
		if (h[12] < 5 << 4)
			return WEFT_DROP_MALFORMED;
		p->tcp_flags = h[13];
		if (h[13] & TCP_RST)
			p->flags |= PACKET_NO_OPEN;
	} else if (bpf_skb_load_bytes(skb, p->l4, h, 8)) {
		return WEFT_DROP_MALFORMED;
	}
	if (is_icmp(p)) {
		classify_icmp(p, h[0], *(__be16 *)(h + 4));
	} else {
		p->source_port = *(__be16 *)h;
		p->destination_port = *(__be16 *)(h + 2);
	}
	return 0;
}

/* From p->ethertype and p->l3 to the ports. Returns 0 or enum weft_reason. */
__inline int parse_ip(struct __sk_buff *skb, struct packet *p)
{
	int reason;

	if (p->ethertype == ETH_IP4)
		reason = parse_ip4(skb, p);
	else if (p->ethertype == ETH_IP6)
		reason = parse_ip6(skb, p);
	else
		return WEFT_DROP_ETHERTYPE;
	return reason ? reason : parse_transport(skb, p);
}

/* parse_common() of the frame between data and end, and of `available` bytes behind Ethernet. */
__inline int parse_frame(void *data, void *end, __u32 available, struct packet *p)
{
	__u32 length, header;
	__u8 *l4;

	if (data + ETH_HEADER + IP6_HEADER > end)
		return 0;
	p->l3 = ETH_HEADER;
	p->ethertype = *(__be16 *)(data + 12);
	if (p->ethertype == ETH_IP4) {
		struct ip4_header *ip = data + ETH_HEADER;

		length = ntohs(ip->total);
		header = sizeof(*ip);
		if (ip->version_length != 0x45 ||
		    ip->offset & htons(IP4_OFFSET | IP4_MORE_FRAGMENTS))
			return 0;
		map_ip4(p->source, ip->source);
		map_ip4(p->destination, ip->destination);
		p->protocol = ip->protocol;
		p->hop_limit = ip->ttl;
		l4 = data + ETH_HEADER + sizeof(*ip);
	} else if (p->ethertype == ETH_IP6) {
		struct ip6_header *ip = data + ETH_HEADER;

		length = IP6_HEADER + ntohs(ip->payload);
		header = IP6_HEADER;
		if ((ip->version_flow & 0xf0) != 0x60)
			return 0;
		copy16(p->source, ip->source);
		copy16(p->destination, ip->destination);
		p->protocol = ip->next;
		p->hop_limit = ip->hop_limit;
		p->flags = PACKET_IP6;
		l4 = data + ETH_HEADER + IP6_HEADER;
	} else {
		return 0;
	}
	if (length > available)
		return 0;
	if (p->protocol == PROTO_TCP) {
		if (length < header + 20 || (void *)(l4 + 14) > end || l4[12] < 5 << 4)
			return 0;
		p->tcp_flags = l4[13];
		if (l4[13] & TCP_RST)
			p->flags |= PACKET_NO_OPEN;
	} else if (p->protocol != PROTO_UDP || length < header + 8 || (void *)(l4 + 8) > end) {
		return 0;
	}
	p->l4 = ETH_HEADER + header;
	p->length = length;
	*(__u32 *)&p->source_port = *(__u32 *)l4; /* and the destination's */
	return 1;
}

/*
 * The headers of nearly all packets, read in place: IPv4 or IPv6 without tag, options or
 * fragments, and TCP or UDP. Calls are what costs time on this path. Returns whether p is
 * filled; else parse_ethernet() and parse_ip() have to look, and to say what is wrong.
 */
__inline int parse_common(struct __sk_buff *skb, struct packet *p)
{
	return !skb->vlan_present &&
	       parse_frame((void *)(long)skb->data, (void *)(long)skb->data_end,
			   skb->len - ETH_HEADER, p);
}

#endif
