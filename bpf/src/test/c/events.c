/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbered events into a ring buffer. */
#include "bpf_api.h"

#define EVENT_BURST 1000

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 1 << 16); } ring SEC(".maps");

struct event {
	__u64 number;
	__u32 length;
	__u32 check;
};

__u64 next = 0;
__u64 lost = 0;

SEC("tc")
int one(struct __sk_buff *skb)
{
	struct event *event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);

	if (!event) {
		lost += 1;
		return 1;
	}
	event->number = next;
	event->length = skb->len;
	event->check = (__u32)next ^ 0x5eed;
	next += 1;
	bpf_ringbuf_submit(event, 0);
	return 0;
}

/* every second one is taken back */
SEC("tc")
int discarding(struct __sk_buff *skb)
{
	struct event *event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);

	if (!event)
		return 1;
	event->number = next;
	event->length = 0;
	event->check = (__u32)next ^ 0x5eed;
	if (next++ & 1)
		bpf_ringbuf_discard(event, 0);
	else
		bpf_ringbuf_submit(event, 0);
	return 0;
}

/* 13 bytes: not a multiple of 8 */
SEC("tc")
int odd(struct __sk_buff *skb)
{
	char text[13] = "thirteen byte";

	return bpf_ringbuf_output(&ring, text, sizeof(text), 0);
}

char LICENSE[] SEC("license") = "GPL";
