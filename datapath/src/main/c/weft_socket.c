/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Services at the socket: a process that connects or sends to a service's address is led to a
 * backend before there is a packet, and is told that it talks to the service.
 *
 *   connect, sendmsg (UDP)       the service's address --> a backend's
 *   recvmsg (UDP), getpeername   the backend's address --> the service's
 *   close                        forgets both
 *
 * The programs run for every process of the machine; those outside the network namespaces in
 * weft_namespaces go on after one look-up. IPv4 on an IPv6 socket (::ffff:a.b.c.d) comes to the
 * IPv6 programs.
 */
#include "weft_bpf.h"
#include "weft_service.h"
#include "weft_service_abi.h"

#define GO_ON 1
#define FAIL 0
#define CONNECTION_REFUSED 111 /* ECONNREFUSED */
#define FAMILY_IPV4 2 /* AF_INET */
#define PROTO_TCP 6
#define PROTO_UDP 17
#define GOLDEN 0x9e3779b97f4a7c15ull /* Knuth's multiplicative hash: 2^64 by the golden ratio */

static __u64 (*const bpf_get_socket_cookie)(void *ctx) = (void *)46;
static __u64 (*const bpf_get_netns_cookie)(void *ctx) = (void *)122;
static int (*const bpf_set_retval)(int value) = (void *)187;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WEFT_MAX_NAMESPACES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct weft_namespace);
} weft_namespaces SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, WEFT_MAX_ORIGINS);
	__type(key, struct weft_origin_key);
	__type(value, struct weft_origin);
} weft_origins SEC(".maps");

__inline void read_address(const struct bpf_sock_addr *ctx, int v6, __u8 *ip)
{
	__u32 *words = (__u32 *)ip;

	if (v6) {
		words[0] = ctx->user_ip6[0];
		words[1] = ctx->user_ip6[1];
		words[2] = ctx->user_ip6[2];
		words[3] = ctx->user_ip6[3];
	} else {
		words[0] = 0;
		words[1] = 0;
		words[2] = htonl(0xffff);
		words[3] = ctx->user_ip4;
	}
}

__inline void write_address(struct bpf_sock_addr *ctx, int v6, const __u8 *ip, __be16 port)
{
	const __u32 *words = (const __u32 *)ip;

	if (v6) {
		ctx->user_ip6[0] = words[0];
		ctx->user_ip6[1] = words[1];
		ctx->user_ip6[2] = words[2];
		ctx->user_ip6[3] = words[3];
	} else {
		ctx->user_ip4 = words[3];
	}
	ctx->user_port = port;
}

__inline int is_v4(const __u8 *ip)
{
	return !((const __u64 *)ip)[0] && ((const __u32 *)ip)[2] == htonl(0xffff);
}

/* Has the socket's owner see the service in place of the backend. */
__inline void set_origin(__u64 socket, const struct choice *backend, const __u8 *ip, __be16 port)
{
	struct weft_origin_key key __aligned8 = { .socket = socket, .port = backend->port };
	struct weft_origin origin __aligned8 = { .port = port }, *there;

	copy16(key.ip, backend->ip);
	copy16(origin.ip, ip);
	if (backend->protocol == PROTO_UDP) { /* one of TCP connects once, to one backend */
		there = bpf_map_lookup_elem(&weft_origins, &key);
		if (there && there->port == port && same16_by_4(there->ip, ip))
			return;
	}
	bpf_map_update_elem(&weft_origins, &key, &origin, BPF_ANY);
}

__inline int lead(struct bpf_sock_addr *ctx, int v6)
{
	struct choice c __aligned8 = { .port = ctx->user_port, .protocol = ctx->protocol };
	__u8 service[16] __aligned8;
	struct weft_namespace *in;
	__u64 cookie;

	if (c.protocol != PROTO_TCP && c.protocol != PROTO_UDP)
		return GO_ON;
	cookie = bpf_get_netns_cookie(ctx);
	in = bpf_map_lookup_elem(&weft_namespaces, &cookie);
	if (!in)
		return GO_ON;
	read_address(ctx, v6, c.ip);
	copy16(service, c.ip);
	copy16(c.client, is_v4(c.ip) ? in->ip4 : in->ip6);
	cookie = bpf_get_socket_cookie(ctx);
	/* Datagrams of one socket stay with a backend as long as its set is as it is. */
	c.hash = c.protocol == PROTO_UDP ? (cookie * GOLDEN) >> 32 : bpf_get_prandom_u32();
	switch (choose(&c)) {
	case SERVICE_BACKEND:
		set_origin(cookie, &c, service, ctx->user_port);
		write_address(ctx, v6, c.ip, c.port);
		return GO_ON;
	case SERVICE_REFUSED:
		bpf_set_retval(-CONNECTION_REFUSED);
		return FAIL;
	default: /* what is to be dropped is, at the interface */
		return GO_ON;
	}
}

__inline int name(struct bpf_sock_addr *ctx, int v6)
{
	struct weft_origin_key key __aligned8 = { .port = ctx->user_port };
	struct weft_origin *origin;

	read_address(ctx, v6, key.ip);
	key.socket = bpf_get_socket_cookie(ctx);
	origin = bpf_map_lookup_elem(&weft_origins, &key);
	if (origin)
		write_address(ctx, v6, origin->ip, origin->port);
	return GO_ON;
}

SEC("cgroup/connect4")
int connect4(struct bpf_sock_addr *ctx)
{
	return lead(ctx, 0);
}

SEC("cgroup/connect6")
int connect6(struct bpf_sock_addr *ctx)
{
	return lead(ctx, 1);
}

SEC("cgroup/sendmsg4")
int sendmsg4(struct bpf_sock_addr *ctx)
{
	return lead(ctx, 0);
}

SEC("cgroup/sendmsg6")
int sendmsg6(struct bpf_sock_addr *ctx)
{
	return lead(ctx, 1);
}

SEC("cgroup/recvmsg4")
int recvmsg4(struct bpf_sock_addr *ctx)
{
	return name(ctx, 0);
}

SEC("cgroup/recvmsg6")
int recvmsg6(struct bpf_sock_addr *ctx)
{
	return name(ctx, 1);
}

SEC("cgroup/getpeername4")
int getpeername4(struct bpf_sock_addr *ctx)
{
	return name(ctx, 0);
}

SEC("cgroup/getpeername6")
int getpeername6(struct bpf_sock_addr *ctx)
{
	return name(ctx, 1);
}

/* What a socket was led to is forgotten with it. Datagrams' other backends are when room is needed. */
SEC("cgroup/sock_release")
int release(struct bpf_sock *ctx)
{
	struct weft_origin_key key __aligned8 = { .port = ctx->dst_port };
	__u32 *words = (__u32 *)key.ip, ip4 = ctx->dst_ip4;
	__u64 cookie;

	asm volatile("" : "+r"(ip4)); /* or it shares a load, by a pointer that may not be */
	if (!key.port)
		return GO_ON;
	cookie = bpf_get_netns_cookie(ctx);
	if (!bpf_map_lookup_elem(&weft_namespaces, &cookie))
		return GO_ON;
	if (ctx->family == FAMILY_IPV4) {
		words[2] = htonl(0xffff);
		words[3] = ip4;
	} else {
		words[0] = ctx->dst_ip6[0];
		words[1] = ctx->dst_ip6[1];
		words[2] = ctx->dst_ip6[2];
		words[3] = ctx->dst_ip6[3];
	}
	key.socket = bpf_get_socket_cookie(ctx);
	bpf_map_delete_elem(&weft_origins, &key);
	return GO_ON;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
