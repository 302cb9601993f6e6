/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a BPF program needs from kernel and compiler: sections, helpers, byte order. */
#ifndef WEFT_BPF_H
#define WEFT_BPF_H

#include <linux/bpf.h>
#include <linux/types.h>

#define SEC(name) __attribute__((section(name), used))
#define __inline static inline __attribute__((always_inline))

/*
 * BPF subprograms. The verifier walks a __local one anew for each call and a __global one only
 * once, for any arguments: that keeps the number of paths small. Its pointers may be NULL then.
 */
#define __local static __attribute__((noinline))
#define __global __attribute__((noinline))

#define __aligned8 __attribute__((aligned(8)))

/* what is read before it in the source is read before it */
#define barrier() __asm__ volatile("" ::: "memory")

/* fields of a map definition, read by the loader from BTF */
#define __uint(name, value) int(*name)[value]
#define __type(name, type) type *name

/* BPF runs little-endian here: the object is built with -target bpfel */
#define htons(x) ((__be16)__builtin_bswap16(x))
#define ntohs(x) __builtin_bswap16((__u16)(x))
#define htonl(x) ((__be32)__builtin_bswap32(x))
#define ntohll(x) __builtin_bswap64(x)

#define TC_ACT_UNSPEC (-1) /* on to the next program */
#define TC_ACT_OK 0
#define TC_ACT_SHOT 2

/* bpf-helpers(7); the number is the call's immediate */
static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value,
					 __u64 flags) = (void *)2;
static long (*const bpf_map_delete_elem)(void *map, const void *key) = (void *)3;
static __u64 (*const bpf_ktime_get_ns)(void) = (void *)5;
static long (*const bpf_skb_store_bytes)(struct __sk_buff *skb, __u32 offset, const void *from,
					 __u32 length, __u64 flags) = (void *)9;
static long (*const bpf_l3_csum_replace)(struct __sk_buff *skb, __u32 offset, __u64 from, __u64 to,
					 __u64 flags) = (void *)10;
static long (*const bpf_l4_csum_replace)(struct __sk_buff *skb, __u32 offset, __u64 from, __u64 to,
					 __u64 flags) = (void *)11;
static long (*const bpf_redirect)(__u32 ifindex, __u64 flags) = (void *)23;
static long (*const bpf_skb_load_bytes)(const struct __sk_buff *skb, __u32 offset, void *to,
					__u32 length) = (void *)26;
static __s64 (*const bpf_csum_diff)(const void *from, __u32 from_size, const void *to,
				    __u32 to_size, __u32 seed) = (void *)28;
static long (*const bpf_skb_change_tail)(struct __sk_buff *skb, __u32 length,
					 __u64 flags) = (void *)38;
static long (*const bpf_skb_adjust_room)(struct __sk_buff *skb, __s32 difference, __u32 mode,
					 __u64 flags) = (void *)50;
static long (*const bpf_xdp_adjust_meta)(struct xdp_md *xdp, int difference) = (void *)54;
static long (*const bpf_fib_lookup)(void *ctx, struct bpf_fib_lookup *params, int length,
				    __u32 flags) = (void *)69;
static void *(*const bpf_ringbuf_reserve)(void *map, __u64 size, __u64 flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *data, __u64 flags) = (void *)132;
static long (*const bpf_redirect_neigh)(__u32 ifindex, struct bpf_redir_neigh *params, int length,
					__u64 flags) = (void *)152;
static long (*const bpf_redirect_peer)(__u32 ifindex, __u64 flags) = (void *)155;
static __u64 (*const bpf_ktime_get_coarse_ns)(void) = (void *)160;

/* 16 bytes between two places aligned to 8 */
__inline void copy16(void *to, const void *from)
{
	((__u64 *)to)[0] = ((const __u64 *)from)[0];
	((__u64 *)to)[1] = ((const __u64 *)from)[1];
}

__inline int same16(const void *a, const void *b)
{
	return ((const __u64 *)a)[0] == ((const __u64 *)b)[0] &&
	       ((const __u64 *)a)[1] == ((const __u64 *)b)[1];
}

__inline int zero16(const void *a)
{
	return !(((const __u64 *)a)[0] | ((const __u64 *)a)[1]);
}

#endif
