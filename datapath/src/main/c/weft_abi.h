/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ABI between the datapath and user space: every map key, map value and event.
 * Module `tables` holds the same layouts as Java records; a test compares both by BTF.
 *
 * Addresses are 16 bytes in network order, IPv4 as ::ffff:a.b.c.d. Ports in keys and
 * events are in network order where the type is __be16; all else is host order.
 *
 * Versioned values hold two slots. A packet reads weft_state.revision once and uses
 * slot (revision & 1) everywhere, so it sees one revision of the node and no mixture.
 */
#ifndef WEFT_ABI_H
#define WEFT_ABI_H

#include <linux/bpf.h>
#include <linux/types.h>

#define WEFT_MAX_WORKLOADS 4096		/* local to this node */
#define WEFT_MAX_IDENTITY_PREFIXES 262144 /* pods and CIDR blocks of the cluster */
#define WEFT_MAX_POLICY_ENTRIES 262144	/* of all groups on this node */
#define WEFT_MAX_CONNECTIONS 262144
#define WEFT_MAX_FRAGMENTS 8192		/* datagrams with fragments in flight */
#define WEFT_MAX_DROP_COUNTERS 32768	/* workload x reason x direction */
#define WEFT_EVENT_BYTES (4 << 20)

/* identities */
#define WEFT_ID_ANY 0	/* in policy keys: whoever */
#define WEFT_ID_HOST 1	/* this node */
#define WEFT_ID_WORLD 2 /* outside, in no CIDR block of a policy */

/* rules that no manifest holds; the others begin at WEFT_RULE_FIRST */
#define WEFT_RULE_NONE 0	 /* not judged on this side: no local workload, no judged node */
#define WEFT_RULE_NOT_ISOLATED 1 /* no policy selects the workload */
#define WEFT_RULE_NODE 2	 /* a node and its own workloads always reach each other */
#define WEFT_RULE_NOT_LOADED 3 /* the workload has no policy yet: denied */
#define WEFT_RULE_FIRST 16

/* The group of workloads that no policy isolates; its default rule is
 * WEFT_RULE_NOT_ISOLATED. With WEFT_RULE_NONE, as in a side that nobody has written yet,
 * everything is denied. */
#define WEFT_GROUP_OPEN 0

/* ---- maps -------------------------------------------------------------- */

/* weft_state: ARRAY[1] */
struct weft_state {
	__u32 revision; /* its low bit picks the slot of versioned values */
	__u32 flags; /* none yet */
};

/* weft_workloads: HASH, host-side ifindex -> the workload behind it */
struct weft_workload {
	__u32 slot;    /* index of its policy; stable while it is wired */
	__u8 mac[6];   /* of the workload's own interface */
	__u8 gateway[6]; /* of the host-side interface */
	__u8 ip4[16];  /* IPv4-mapped, all zero when it has none */
	__u8 ip6[16];  /* all zero when it has none */
	__u32 shaper;  /* ifindex where its packets wait before they are judged; 0: they do not */
	__u32 flags;   /* WEFT_WORKLOAD_* */
};

#define WEFT_WORKLOAD_MASQUERADE 0x01 /* outside it is seen with the node's address */
#define WEFT_WORKLOAD_SWITCHED 0x02 /* others are on its link, which a bridge makes */

/* weft_addresses: HASH, 16 bytes of address -> the local workload that owns it */
struct weft_address {
	__u32 ifindex; /* host side */
	__u32 slot;
	__u8 mac[6]; /* with gateway: the Ethernet addresses of a frame to the workload */
	__u8 gateway[6];
	__u32 flags; /* WEFT_ADDRESS_SHAPED */
};

#define WEFT_ADDRESS_SHAPED 0x01 /* what goes to it waits at the interface's qdisc */

/*
 * weft_places: ARRAY[WEFT_MAX_WORKLOADS], slot -> where its workload is. The same as weft_workloads
 * and weft_addresses say, for packets of connections that already know both slots. User space
 * writes in place: whoever reads it reads the sequence before and after.
 */
struct weft_place {
	__u32 sequence; /* odd while the rest changes */
	__u32 ifindex;	/* host side; 0: no workload, or one that is shaped */
	__u8 mac[6];
	__u8 gateway[6];
	__u32 zero;
	__u8 ip4[16]; /* as in weft_workload */
	__u8 ip6[16];
	__u64 filler; /* to a cache line */
};

/* weft_endpoints: ARRAY[WEFT_MAX_WORKLOADS + 1], slot -> policy of the workload */
#define WEFT_NODE_SLOT 4096 /* the last: of the node itself, in its traffic with workloads */
#define WEFT_SIDE_AUDIT 0x01 /* what it denies goes on all the same, and is told of */

struct weft_side {
	__u32 group;	    /* WEFT_GROUP_OPEN: everything is allowed */
	__u32 default_rule; /* what decides when no entry matches */
	__u32 flags;	    /* WEFT_SIDE_* */
	/* bit n: the group may have entries that leave n bits open (weft_policy_key.open) */
	__u32 identity_lengths; /* for identities */
	__u32 any_lengths;	/* for WEFT_ID_ANY */
};

struct weft_endpoint {
	struct weft_side egress[2];  /* versioned */
	struct weft_side ingress[2]; /* versioned */
};

/* weft_identities: LPM_TRIE, address -> identity */
struct weft_prefix {
	__u32 bits; /* of the 128, so an IPv4 /24 is 120 */
	__u8 ip[16];
};

struct weft_identity {
	__u32 id[2]; /* versioned */
};

/*
 * weft_policy: HASH. An entry is for a block of `what`, protocol << 16 | destination port: one
 * port, 2^n ports, one protocol, or all. In the place of a port, ICMP and ICMPv6 have the type
 * of the packet that opens, << 8: a type is a block with 8 bits open. Other protocols without
 * ports have 0. The entry with the fewest open bits decides; the side says which to look for.
 */
struct weft_policy_key {
	__u32 group;
	__u32 identity; /* of the remote side, or WEFT_ID_ANY */
	__u32 what;	/* 0 where it is open */
	__u32 open;	/* the low bits of what that do not count: 2^n - 1, n 0-16 or 24 */
};

#define WEFT_ACTION_NONE 0 /* no entry at this revision; one with more open bits may match */
#define WEFT_ACTION_ALLOW 1
#define WEFT_ACTION_DENY 2

struct weft_verdict {
	__u32 rule;
	__u32 precedence; /* of the two matches (identity, any) the higher wins; a tie: identity */
	__u32 action;	  /* WEFT_ACTION_* */
};

/*
 * User space writes in place, under the lock (BPF_F_LOCK), so that no reader is led past an
 * element that is being replaced. The kernel may give an element to another key at once, so
 * readers compare the key after they have read the verdict: another means that there is no
 * entry any more.
 */
struct weft_policy_value {
	struct weft_policy_key key; /* its own */
	struct weft_verdict verdict[2]; /* versioned */
	struct bpf_spin_lock lock; /* for user space only */
	__u32 zero;
};

/* weft_connections: LRU_HASH. End a is the lower address (then port) as bytes. */
struct weft_connection_key {
	__u8 a[16];
	__u8 b[16];
	__be16 a_port; /* ICMP echo: the identifier at the end that asks, 0 at the other */
	__be16 b_port;
	__u8 protocol;
	__u8 zero[3];
};

#define WEFT_CONN_FROM_B 0x01	/* end b opened the connection */
#define WEFT_CONN_DENIED 0x02	/* a later revision denies it */
#define WEFT_CONN_CLOSED 0x04	/* RST, or FIN from both ends */
#define WEFT_CONN_REPLIED 0x08	/* the responder has answered */
#define WEFT_CONN_FIN_OPENER 0x10
#define WEFT_CONN_FIN_RESPONDER 0x20
#define WEFT_CONN_DENIED_INGRESS 0x40 /* with DENIED or AUDIT: at the responder */
#define WEFT_CONN_AUDIT 0x80	/* a side in audit mode would deny it */
#define WEFT_CONN_TRANSLATED 0x100 /* through a service: weft_translations has what its packets become */

struct weft_connection {
	__u64 created;	 /* CLOCK_MONOTONIC ns */
	__u64 last_seen; /* CLOCK_MONOTONIC ns, coarse */
	__u64 packets[2]; /* [0] from the opener, [1] from the responder; a GSO packet is one */
	__u64 bytes[2];	 /* of the IP packets, headers included */
	__u32 revision;	 /* under which it was judged */
	__u32 flags;	 /* WEFT_CONN_* */
	__u32 opener_identity;
	__u32 responder_identity;
	__u32 egress_rule;  /* at the opener; WEFT_RULE_NONE: not a local workload */
	__u32 ingress_rule; /* at the responder; likewise */
	/* where to look for the workloads at both ends; the place says whether it is so */
	__u16 slots[2]; /* of a, of b; the same: not known, or not both local */
	__u32 zero;
};

/* weft_fragments: LRU_HASH, first fragment -> its ports */
struct weft_fragment_key {
	__u8 source[16];
	__u8 destination[16];
	__u32 id;
	__u32 protocol; /* IPv6: what follows the fragment header */
};

struct weft_fragment {
	__be16 source_port;
	__be16 destination_port;
	__u8 protocol; /* of the transport: IPv6 may have extension headers before it */
	__u8 icmp_type; /* ICMP and ICMPv6 only */
	__u8 zero[2];
};

/* weft_drops: PERCPU_HASH, in user space the sum counts */
struct weft_drop_key {
	__u32 slot;	/* WEFT_NO_SLOT when the workload is unknown */
	__u16 reason;	/* WEFT_DROP_* */
	__u16 direction; /* WEFT_FROM_WORKLOAD, WEFT_TO_WORKLOAD */
};

struct weft_counter {
	__u64 packets;
	__u64 bytes;
};

#define WEFT_NO_SLOT 0xffffffff
#define WEFT_FROM_WORKLOAD 0
#define WEFT_TO_WORKLOAD 1

enum weft_reason {
	WEFT_FORWARDED = 0,
	WEFT_DROP_NO_WORKLOAD = 1,	/* the interface has no workload yet: fail closed */
	WEFT_DROP_MALFORMED = 2,	/* a header is cut short or contradicts itself */
	WEFT_DROP_ETHERTYPE = 3,	/* neither IP nor ARP */
	WEFT_DROP_EXTENSION_HEADERS = 4, /* too many to walk, or a routing header in use */
	WEFT_DROP_SPOOFED = 5,		/* source address is not the workload's own */
	WEFT_DROP_POLICY_EGRESS = 6,
	WEFT_DROP_POLICY_INGRESS = 7,
	WEFT_DROP_FRAGMENT = 8,		/* a later fragment whose first one was not let through */
	WEFT_DROP_DESTINATION = 9,	/* sent to a workload that does not own the address */
	WEFT_DROP_CONNECTIONS_FULL = 10,
	WEFT_DROP_NEIGHBOUR = 11,	/* ARP or ND message that a workload may not send */
	WEFT_DROP_NO_ENDPOINT = 12,	/* nobody serves it; the sender is told */
	WEFT_DROP_NO_LOCAL_ENDPOINT = 13, /* it is served, but not here or not for this client */
	WEFT_DROP_SOURCE_RANGE = 14,	/* the load balancer is not for this client */
	WEFT_DROP_NO_SERVICE = 15,	/* an address that is kept for services, and of none */
	WEFT_DROP_MASQUERADE = 16,	/* no address or port of the node for it */
	WEFT_DROP_TRANSLATION = 17,	/* of a service, but of no connection that could be translated */
	WEFT_DROP_TOO_BIG = 18,		/* for the way to the backend's node; the sender is told */
};

/* weft_counters: PERCPU_ARRAY[WEFT_COUNTERS] of __u64 */
#define WEFT_COUNT_EVENTS_LOST 0
#define WEFT_COUNT_CONNECTIONS_OPENED 1
#define WEFT_COUNT_AUDITED 2 /* as often as an AUDIT event was due */
#define WEFT_COUNTERS 3

/* ---- events ------------------------------------------------------------ */

#define WEFT_EVENT_OPENED 1  /* first packet of an allowed connection */
#define WEFT_EVENT_DENIED 2  /* a packet that policy dropped */
#define WEFT_EVENT_CHANGED 3 /* a living connection that a new revision judges otherwise */
#define WEFT_EVENT_CLOSED 4  /* counts are final */
#define WEFT_EVENT_DROPPED 5 /* dropped for another reason than policy */
#define WEFT_EVENT_AUDIT 6   /* as OPENED or CHANGED, of what policy would have dropped */

struct weft_event {
	__u64 time;	/* CLOCK_MONOTONIC ns */
	__u8 type;	/* WEFT_EVENT_* */
	__u8 reason;	/* enum weft_reason; AUDIT, and CLOSED after it: what it would have been */
	__u8 protocol;
	__u8 icmp_type; /* ICMP and ICMPv6 only */
	__u32 revision;
	__u8 source[16]; /* of the opener; unknown connection: of the packet */
	__u8 destination[16];
	__be16 source_port;
	__be16 destination_port;
	__u32 source_identity;
	__u32 destination_identity;
	__u32 egress_rule;
	__u32 ingress_rule;
	__u32 slot;	 /* of the workload whose hook saw it */
	__u64 created;	 /* CLOSED: when the connection opened */
	__u64 packets[2]; /* CLOSED: as in weft_connection; else the one packet */
	__u64 bytes[2];
};

#endif
