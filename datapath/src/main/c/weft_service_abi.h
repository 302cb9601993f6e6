/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ABI of services: where they are reached, and who answers there. Module `tables` holds the
 * same layouts as Java records.
 *
 *   weft_service_addresses --> weft_frontends --> weft_sets --> weft_backends
 *   is it a service's?         which one?         how many?     where does this one go?
 *
 * The backends of a set lie one behind the other in weft_backends. A set changes by one store of 8
 * bytes, which names another run of backends, already written; the old run is used again only when
 * no program runs any more that could have seen its place. So a choice is made among all backends
 * of before or all of after, and one that went is never chosen after the store.
 *
 * Addresses and ports as in weft_abi.h.
 */
#ifndef WEFT_SERVICE_ABI_H
#define WEFT_SERVICE_ABI_H

#include <linux/types.h>

#define WEFT_MAX_FRONTENDS 262144	/* address x port x protocol */
#define WEFT_MAX_SETS 262144		/* service port x family x scope */
#define WEFT_MAX_BACKENDS 1048576	/* of all sets, while one changes of both its states */
#define WEFT_MAX_MEMBERS 524288		/* backends of sets with session affinity, and not of TCP */
#define WEFT_MAX_AFFINITIES 65536	/* clients with a backend of their own */
#define WEFT_MAX_SOURCE_RANGES 65536
#define WEFT_MAX_NAMESPACES 8192	/* pods of this node, and itself */
#define WEFT_MAX_ORIGINS 131072		/* sockets that were led to a backend */
#define WEFT_MAX_TRANSLATIONS 262144	/* two for each connection that is translated per packet */

/* weft_service_state: ARRAY[1] */
struct weft_service_state {
	__u32 generation; /* another one after each change of services */
	__u32 zero;
	__u8 ip4[16]; /* the node's own address, that takes the place of a client's; or all zero */
	__u8 ip6[16];
};

/* weft_service_addresses: HASH, 16 bytes of address -> __u32 of these */
#define WEFT_ADDRESS_CLUSTER_IP 0x01 /* a port that no service has there is refused */
#define WEFT_ADDRESS_EXTERNAL 0x02 /* external IP or load balancer: other ports are not ours */
#define WEFT_ADDRESS_NODE 0x04 /* takes node ports */
#define WEFT_ADDRESS_MASQUERADE 0x08 /* that of weft_service_state */

/* weft_frontends: HASH; a node port has the address :: or ::ffff:0.0.0.0 */
struct weft_frontend_key {
	__u8 ip[16];
	__be16 port;
	__u8 protocol;
	__u8 zero;
};

#define WEFT_FRONTEND_AFFINITY 0x01
#define WEFT_FRONTEND_MAGLEV 0x02 /* the run of a set is its Maglev table */
#define WEFT_FRONTEND_RANGES 0x04 /* only clients in weft_source_ranges, by its inside set */
#define WEFT_FRONTEND_MASQUERADE_PODS 0x08 /* these clients get the node's address */
#define WEFT_FRONTEND_MASQUERADE_NODE 0x10
#define WEFT_FRONTEND_MASQUERADE_OUTSIDE 0x20
#define WEFT_FRONTEND_DIRECT 0x40 /* packets from outside go to backends elsewhere as they are */

struct weft_frontend {
	__u32 inside;  /* index in weft_sets, for clients on this node */
	__u32 outside; /* likewise, for all others */
	__u32 flags;   /* WEFT_FRONTEND_* */
	__u32 affinity; /* seconds that a silent client keeps its backend */
};

/* weft_sets: ARRAY, written as one number of 8 bytes */
#define WEFT_SET_DROP 0x80000000 /* in count, alone: drop instead of refusing */

struct weft_set {
	__u32 first; /* index in weft_backends */
	__u32 count; /* 0: refused */
};

/* weft_backends: ARRAY */
struct weft_backend {
	__u8 ip[16];
	__be16 port;
	__u16 zero;
	__u32 id; /* the same for the same address and port; of another one only long afterwards */
};

/* weft_members: HASH -> __u32; of sets with affinity, and not of TCP: who may still be chosen */
struct weft_member {
	__u32 set;
	__u32 backend; /* its id */
};

/* weft_affinities: LRU_HASH */
struct weft_affinity_key {
	__u8 client[16];
	__u32 set;
	__u32 zero;
};

struct weft_affinity {
	__u64 last_seen; /* CLOCK_MONOTONIC ns, coarse */
	__u8 ip[16];
	__be16 port;
	__u16 zero;
	__u32 backend; /* its id */
};

/* weft_source_ranges: LPM_TRIE -> __u32; in the place of a set: */
#define WEFT_RANGE_PODS 0xffffffff     /* where pods have their addresses */
#define WEFT_RANGE_RESERVED 0xfffffffe /* what goes there and has no service is dropped */
#define WEFT_RANGE_DIRECT 0xfffffffd   /* workloads that masquerade go there with their own address */
#define WEFT_RANGE_NODES 0xfffffffc    /* addresses of the cluster's nodes */
#define WEFT_RANGE_CLUSTER_PODS 0xfffffffb /* where the pods of all nodes have their addresses */

struct weft_source_range {
	__u32 bits; /* 32 and those of the address, of 128 */
	__u32 set;
	__u8 ip[16];
};

/*
 * weft_handed: HASH -> __u32 port. Backends of this node to which other nodes hand packets of
 * WEFT_FRONTEND_DIRECT, each inside of another packet that goes to the backend.
 */
#define WEFT_MAX_HANDED 65536

struct weft_handed_key {
	__u8 ip[16];
	__u32 set; /* of the frontend, outside */
};

/* weft_namespaces: HASH, cookie of a network namespace (8 bytes) -> who is in it */
struct weft_namespace {
	__u8 ip4[16]; /* IPv4-mapped, all zero when it has none */
	__u8 ip6[16];
};

/* weft_origins: LRU_HASH; to a socket, a backend answers as the service */
struct weft_origin_key {
	__u64 socket; /* its cookie */
	__u8 ip[16];
	__be16 port;
	__u8 zero[6];
};

struct weft_origin {
	__u8 ip[16];
	__be16 port;
	__u16 zero;
};

/*
 * weft_translations: LRU_HASH. What a packet is, and what it becomes on its way:
 *
 *   forward   client --> service    becomes  client or node --> backend
 *   reverse   backend --> client or node    becomes  service --> client
 */
struct weft_translation_key {
	__u8 source[16];
	__u8 destination[16];
	__be16 source_port;
	__be16 destination_port;
	__u8 protocol;
	__u8 reverse;
	__u8 zero[2];
};

#define WEFT_TRANSLATION_REVERSE 0x01
#define WEFT_TRANSLATION_MASQUERADED 0x02 /* the node takes the client's place */
#define WEFT_TRANSLATION_CLOSING 0x04 /* a FIN or RST went this way */
#define WEFT_TRANSLATION_NODE 0x08 /* reverse: the client is the node itself */
#define WEFT_TRANSLATION_DIRECT 0x10 /* forward: as it is to the backend's node; reverse: by its route */
#define WEFT_TRANSLATION_ANSWERED 0x20 /* forward, with DIRECT: the client has acknowledged something */

struct weft_translation {
	__u64 last_seen; /* CLOCK_MONOTONIC ns, coarse */
	__u8 source[16];
	__u8 destination[16];
	__be16 source_port;
	__be16 destination_port;
	__u32 set;	  /* forward: in which the backend was chosen */
	__u32 backend;	  /* forward: its id, 0 of TCP without affinity */
	__u32 place;	  /* forward: its index in weft_backends */
	__u32 generation; /* forward: at which the backend was in its set */
	__u32 ifindex;	  /* reverse: over which the client came; 0: it is on this node */
	__u32 flags;	  /* WEFT_TRANSLATION_* */
	__u32 zero;
};

/* weft_uplinks: HASH, ifindex -> an interface to outside where xdp_uplink runs */
#define WEFT_MAX_UPLINKS 64
#define WEFT_UPLINK_TX 0x01 /* what is to leave over it again can be given back to its driver */

struct weft_uplink {
	__u64 mark; /* that nobody else knows */
	__u8 mac[6];
	__u16 flags; /* WEFT_UPLINK_* */
};

/* weft_service_counters: PERCPU_ARRAY, index in weft_sets -> __u64 connections */

#endif
