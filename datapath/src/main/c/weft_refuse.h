/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tells the sender that nobody serves what it sent to: TCP RST (RFC 9293, 3.10.7.1), else ICMP. */
#ifndef WEFT_REFUSE_H
#define WEFT_REFUSE_H

#include "weft_abi.h"
#include "weft_bpf.h"
#include "weft_neighbour.h"
#include "weft_packet.h"

#define TCP_HEADER 20
#define ICMP_HEADER 8
#define QUOTED_TRANSPORT 8 /* RFC 792; enough for the sender to find its socket */
#define ICMP_PORT_UNREACHABLE 3
#define ICMP6_PORT_UNREACHABLE 4
#define ANSWER_HOP_LIMIT 64
#define ROOM_AT_MAC 1

struct tcp_header {
	__be16 source;
	__be16 destination;
	__be32 sequence;
	__be32 acknowledgement;
	__u8 offset;
	__u8 flags;
	__be16 window;
	__u16 checksum;
	__be16 urgent;
};

struct icmp_header {
	__u8 type;
	__u8 code;
	__u16 checksum;
	__u32 unused;
};

/* Writes the header of the answer at l3: from whom p is sent to, to who has sent it. */
__global int answer_ip(struct __sk_buff *skb, struct packet *p, __u32 protocol, __u32 length)
{
	if (!p)
		return -1;
	if (p->flags & PACKET_IP6) {
		struct ip6_header ip __aligned8 = {
			.version_flow = 0x60,
			.payload = htons(length),
			.next = protocol,
			.hop_limit = ANSWER_HOP_LIMIT,
		};

		copy16(ip.source, p->destination);
		copy16(ip.destination, p->source);
		return bpf_skb_store_bytes(skb, p->l3, &ip, sizeof(ip), 0);
	}

	struct ip4_header ip __aligned8 = {
		.version_length = 0x45,
		.total = htons(sizeof(ip) + length),
		.offset = htons(0x4000), /* do not fragment */
		.ttl = ANSWER_HOP_LIMIT,
		.protocol = protocol,
		.source = ((__u32 *)p->destination)[3],
		.destination = ((__u32 *)p->source)[3],
	};

	ip.checksum = fold(sum(&ip, sizeof(ip)));
	return bpf_skb_store_bytes(skb, p->l3, &ip, sizeof(ip), 0);
}

__inline __u64 pseudo_header(const struct packet *p, __u32 protocol, __u32 length)
{
	__u64 total = htonl(length) + htonl(protocol);

	if (p->flags & PACKET_IP6)
		return total + sum(p->source, 16) + sum(p->destination, 16);
	return total + ((__u32 *)p->source)[3] + ((__u32 *)p->destination)[3];
}

__global int answer_reset(struct __sk_buff *skb, struct packet *p)
{
	struct tcp_header tcp __aligned8;
	struct tcp_header reset __aligned8 = {};

	if (!p || bpf_skb_load_bytes(skb, p->l4, &tcp, sizeof(tcp)))
		return -1;
	reset.offset = sizeof(reset) / 4 << 4;
	reset.flags = TCP_RST;
	reset.source = tcp.destination;
	reset.destination = tcp.source;
	if (tcp.flags & TCP_ACK) {
		reset.sequence = tcp.acknowledgement;
	} else {
		__u32 length = p->l3 + p->length - p->l4 - (tcp.offset >> 4) * 4;

		length += !!(tcp.flags & TCP_SYN) + !!(tcp.flags & TCP_FIN);
		reset.flags |= TCP_ACK;
		reset.acknowledgement =
			htonl(__builtin_bswap32(tcp.sequence) + length);
	}
	reset.checksum = fold(sum(&reset, sizeof(reset)) +
			      pseudo_header(p, PROTO_TCP, sizeof(reset)));
	if (bpf_skb_change_tail(skb, p->l4 + sizeof(reset), 0) ||
	    bpf_skb_store_bytes(skb, p->l4, &reset, sizeof(reset), 0))
		return -1;
	return answer_ip(skb, p, PROTO_TCP, sizeof(reset));
}

__global int answer_unreachable4(struct __sk_buff *skb, struct packet *p)
{
	struct {
		struct icmp_header icmp;
		__u8 quoted[sizeof(struct ip4_header) + QUOTED_TRANSPORT];
	} m __aligned8 = { .icmp = { .type = ICMP_UNREACHABLE, .code = ICMP_PORT_UNREACHABLE } };

	if (!p || bpf_skb_load_bytes(skb, p->l3, m.quoted, sizeof(m.quoted)))
		return -1;
	m.icmp.checksum = fold(sum(&m, sizeof(m)));
	if (bpf_skb_change_tail(skb, p->l3 + sizeof(m.quoted), 0) ||
	    bpf_skb_adjust_room(skb, sizeof(struct ip4_header) + ICMP_HEADER, ROOM_AT_MAC, 0) ||
	    bpf_skb_store_bytes(skb, p->l3 + sizeof(struct ip4_header), &m, sizeof(m), 0))
		return -1;
	return answer_ip(skb, p, PROTO_ICMP, sizeof(m));
}

__global int answer_unreachable6(struct __sk_buff *skb, struct packet *p)
{
	struct {
		struct icmp_header icmp;
		__u8 quoted[IP6_HEADER + QUOTED_TRANSPORT];
	} m __aligned8 = { .icmp = { .type = ICMP6_UNREACHABLE, .code = ICMP6_PORT_UNREACHABLE } };

	if (!p || bpf_skb_load_bytes(skb, p->l3, m.quoted, sizeof(m.quoted)))
		return -1;
	m.icmp.checksum = fold(sum(&m, sizeof(m)) + pseudo_header(p, PROTO_ICMP6, sizeof(m)));
	if (bpf_skb_change_tail(skb, p->l3 + sizeof(m.quoted), 0) ||
	    bpf_skb_adjust_room(skb, IP6_HEADER + ICMP_HEADER, ROOM_AT_MAC, 0) ||
	    bpf_skb_store_bytes(skb, p->l3 + IP6_HEADER, &m, sizeof(m), 0))
		return -1;
	return answer_ip(skb, p, PROTO_ICMP6, sizeof(m));
}

/* Sends the frame back to the MAC that it came from. Returns whether it is done. */
__global int return_frame(struct __sk_buff *skb)
{
	__u8 macs[12], back[12];

	if (bpf_skb_load_bytes(skb, 0, macs, sizeof(macs)))
		return 0;
	copy_mac(back, macs + 6);
	copy_mac(back + 6, macs);
	return !bpf_skb_store_bytes(skb, 0, back, sizeof(back), 0);
}

/* Makes the frame its own answer. Returns whether it is one; an RST, an error and what has options get none. */
__global int refuse(struct __sk_buff *skb, struct packet *p)
{
	if (!p || p->flags & (PACKET_OPTIONS | PACKET_TAGGED | PACKET_ERROR | PACKET_LATER) ||
	    p->tcp_flags & TCP_RST)
		return 0;
	if (p->protocol == PROTO_TCP ? answer_reset(skb, p)
	    : p->flags & PACKET_IP6  ? answer_unreachable6(skb, p)
				     : answer_unreachable4(skb, p))
		return 0;
	return return_frame(skb);
}

#endif
