package io.weft.netlink;

import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/** RTM_*QDISC, RTM_*TCLASS, RTM_*TFILTER: struct tcmsg and TCA_* attributes. */
final class TrafficMessages {
    private static final int RTM_NEWQDISC = 36;
    private static final int RTM_DELQDISC = 37;
    private static final int RTM_GETQDISC = 38;
    private static final int RTM_NEWTCLASS = 40;
    private static final int RTM_DELTCLASS = 41;
    private static final int RTM_GETTCLASS = 42;
    private static final int RTM_NEWTFILTER = 44;
    private static final int RTM_DELTFILTER = 45;
    private static final int RTM_GETTFILTER = 46;
    private static final int HEADER = 20; // struct tcmsg

    private static final int CLSACT_HANDLE = 0xffff0000;
    private static final int TCA_BPF_FLAG_ACT_DIRECT = 1;
    private static final int ETH_P_ALL = 0x0003;
    private static final int TC_LINKLAYER_ETHERNET = 1;
    private static final int HTB_VERSION = 3;
    private static final int HTB_RATE_TO_QUANTUM = 10;
    private static final int TICK_NANOS = 64; // PSCHED_SHIFT 6
    private static final int TBF_BUFFER = 28; // in struct tc_tbf_qopt, after two tc_ratespec
    private static final int HTB_BUFFER = 24; // in struct tc_htb_opt
    private static final int RATE = 8; // in struct tc_ratespec
    private static final int TBF_SIZE = 36;
    private static final int HTB_SIZE = 44;
    private static final int BASIC_SIZE = 12;
    private static final int BASIC_PACKETS = 8;
    private static final int QUEUE_SIZE = 20;
    private static final int QUEUE_DROPS = 8;
    private static final long NANOS = 1_000_000_000L;

    private TrafficMessages() {}

    private static MessageWriter start(
            int type, int flags, int link, int handle, int parent, int info) {
        return new MessageWriter(type, flags)
                .u8(Family.UNSPEC)
                .u8(0)
                .u16(0)
                .u32(link)
                .u32(handle)
                .u32(parent)
                .u32(info);
    }

    static Request addClsact(int link) {
        return start(
                        RTM_NEWQDISC,
                        Request.CREATE | Request.EXCL,
                        link,
                        CLSACT_HANDLE,
                        Traffic.CLSACT,
                        0)
                .string(Attr.TCA_KIND, "clsact")
                .finish("add qdisc clsact on link " + link);
    }

    static Request deleteClsact(int link) {
        return start(RTM_DELQDISC, 0, link, CLSACT_HANDLE, Traffic.CLSACT, 0)
                .finish("delete qdisc clsact on link " + link);
    }

    static Request deleteRoot(int link) {
        return start(RTM_DELQDISC, 0, link, 0, Traffic.ROOT, 0)
                .finish("delete root qdisc on link " + link);
    }

    static Request setTbf(int link, long rate, int burst, int limit) {
        MessageWriter w =
                start(RTM_NEWQDISC, Request.CREATE | Request.REPLACE, link, 0, Traffic.ROOT, 0);
        w.string(Attr.TCA_KIND, "tbf");
        int options = w.nest(Attr.TCA_OPTIONS);
        byte[] parameters = new byte[TBF_SIZE];
        putRate(parameters, 0, rate);
        Bytes.put32(parameters, 24, limit);
        Bytes.put32(parameters, TBF_BUFFER, ticks(burst, rate));
        w.bytes(Attr.TCA_TBF_PARMS, parameters);
        w.u32(Attr.TCA_TBF_BURST, burst);
        if (rate > 0xffffffffL) {
            w.u64(Attr.TCA_TBF_RATE64, rate);
        }
        return w.end(options).finish("set qdisc tbf on link " + link);
    }

    static Request addQdisc(int link, String kind) {
        MessageWriter w =
                start(RTM_NEWQDISC, Request.CREATE | Request.EXCL, link, 0, Traffic.ROOT, 0);
        return w.string(Attr.TCA_KIND, kind).finish("add qdisc " + kind + " on link " + link);
    }

    static Request addHtb(int link, int major, int defaultClass) {
        MessageWriter w =
                start(
                        RTM_NEWQDISC,
                        Request.CREATE | Request.EXCL,
                        link,
                        major << 16,
                        Traffic.ROOT,
                        0);
        w.string(Attr.TCA_KIND, "htb");
        int options = w.nest(Attr.TCA_OPTIONS);
        byte[] global = new byte[20]; // struct tc_htb_glob
        Bytes.put32(global, 0, HTB_VERSION);
        Bytes.put32(global, 4, HTB_RATE_TO_QUANTUM);
        Bytes.put32(global, 8, defaultClass);
        return w.bytes(Attr.TCA_HTB_INIT, global)
                .end(options)
                .finish("add qdisc htb " + Qdisc.text(major << 16) + " on link " + link);
    }

    static Request setHtbClass(int link, int parent, int handle, long rate, long ceil, int burst) {
        MessageWriter w =
                start(RTM_NEWTCLASS, Request.CREATE | Request.REPLACE, link, handle, parent, 0);
        w.string(Attr.TCA_KIND, "htb");
        int options = w.nest(Attr.TCA_OPTIONS);
        byte[] parameters = new byte[HTB_SIZE];
        putRate(parameters, 0, rate);
        putRate(parameters, 12, ceil);
        Bytes.put32(parameters, HTB_BUFFER, ticks(burst, rate));
        Bytes.put32(parameters, HTB_BUFFER + 4, ticks(burst, ceil));
        w.bytes(Attr.TCA_HTB_PARMS, parameters);
        if (rate > 0xffffffffL) {
            w.u64(Attr.TCA_HTB_RATE64, rate);
        }
        if (ceil > 0xffffffffL) {
            w.u64(Attr.TCA_HTB_CEIL64, ceil);
        }
        return w.end(options).finish("set class " + Qdisc.text(handle) + " on link " + link);
    }

    static Request deleteClass(int link, int handle) {
        return start(RTM_DELTCLASS, 0, link, handle, 0, 0)
                .finish("delete class " + Qdisc.text(handle) + " on link " + link);
    }

    /** struct tc_ratespec at {@code at}; with a link layer the kernel needs no rate table. */
    private static void putRate(byte[] parameters, int at, long rate) {
        if (rate <= 0) {
            throw new IllegalArgumentException("rate " + rate + " bytes per second");
        }
        parameters[at + 1] = TC_LINKLAYER_ETHERNET;
        Bytes.put32(parameters, at + RATE, (int) Math.min(rate, 0xffffffffL));
    }

    /** {@return the time that {@code bytes} take at {@code rate}, in units of 64 ns} */
    private static int ticks(int bytes, long rate) {
        long ticks = Math.ceilDiv(bytes * NANOS, rate) / TICK_NANOS;
        if (bytes <= 0 || ticks > 0xffffffffL) {
            throw new IllegalArgumentException(
                    "burst of " + bytes + " bytes at " + rate + " bytes per second");
        }
        return (int) ticks;
    }

    static Request listQdiscs(int link) {
        return start(RTM_GETQDISC, Request.DUMP, link, 0, 0, 0)
                .finish("list qdiscs" + (link == 0 ? "" : " of link " + link));
    }

    static Request listClasses(int link) {
        return start(RTM_GETTCLASS, Request.DUMP, link, 0, 0, 0)
                .finish("list classes of link " + link);
    }

    static Optional<Qdisc> parseQdisc(Reply reply) {
        return reply.type() == RTM_NEWQDISC ? Optional.of(parse(reply)) : Optional.empty();
    }

    static Optional<Qdisc> parseClass(Reply reply) {
        return reply.type() == RTM_NEWTCLASS ? Optional.of(parse(reply)) : Optional.empty();
    }

    private static Qdisc parse(Reply reply) {
        Attributes a = reply.attributes(HEADER);
        String kind = a.string(Attr.TCA_KIND).orElse("");
        long rate = 0;
        long burst = 0;
        if (kind.equals("tbf")) {
            Attributes options = a.nested(Attr.TCA_OPTIONS);
            Optional<byte[]> p = options.bytes(Attr.TCA_TBF_PARMS, TBF_SIZE);
            if (p.isPresent()) {
                rate = options.u64(Attr.TCA_TBF_RATE64, rateAt(p.get(), 0));
                burst = bytes(Bytes.i32(p.get(), TBF_BUFFER), rate);
            }
        } else if (kind.equals("htb")) {
            Attributes options = a.nested(Attr.TCA_OPTIONS);
            Optional<byte[]> p = options.bytes(Attr.TCA_HTB_PARMS, HTB_SIZE);
            if (p.isPresent()) {
                rate = options.u64(Attr.TCA_HTB_RATE64, rateAt(p.get(), 0));
                burst = bytes(Bytes.i32(p.get(), HTB_BUFFER), rate);
            }
        }
        return new Qdisc(reply.i32(4), kind, reply.i32(8), reply.i32(12), rate, burst, sent(a));
    }

    /** struct gnet_stats_basic and struct gnet_stats_queue. */
    private static Qdisc.Sent sent(Attributes a) {
        Attributes statistics = a.nested(Attr.TCA_STATS2);
        Optional<byte[]> basic = statistics.bytes(Attr.TCA_STATS_BASIC, BASIC_SIZE);
        Optional<byte[]> queue = statistics.bytes(Attr.TCA_STATS_QUEUE, QUEUE_SIZE);
        if (basic.isEmpty() || queue.isEmpty()) {
            return Qdisc.Sent.NOTHING;
        }
        return new Qdisc.Sent(
                Bytes.i64(basic.get(), 0),
                Integer.toUnsignedLong(Bytes.i32(basic.get(), BASIC_PACKETS)),
                Integer.toUnsignedLong(Bytes.i32(queue.get(), QUEUE_DROPS)));
    }

    private static long rateAt(byte[] parameters, int at) {
        return Integer.toUnsignedLong(Bytes.i32(parameters, at + RATE));
    }

    private static long bytes(int ticks, long rate) {
        double seconds = Integer.toUnsignedLong(ticks) * (double) TICK_NANOS / NANOS;
        return Math.round(seconds * rate);
    }

    static Request attach(BpfFilter filter) {
        MessageWriter w =
                start(
                        RTM_NEWTFILTER,
                        Request.CREATE | Request.REPLACE,
                        filter.link(),
                        filter.handle(),
                        filter.direction().parent(),
                        info(filter.priority()));
        w.string(Attr.TCA_KIND, "bpf");
        int options = w.nest(Attr.TCA_OPTIONS);
        w.descriptor(Attr.TCA_BPF_FD, filter.program());
        w.string(Attr.TCA_BPF_NAME, filter.name());
        w.u32(Attr.TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
        return w.end(options)
                .finish(
                        "attach "
                                + filter.name()
                                + " at "
                                + hook(filter.link(), filter.direction()));
    }

    static Request detach(int link, BpfFilter.Direction direction, int priority, int handle) {
        BpfFilter.check(priority, handle);
        return start(RTM_DELTFILTER, 0, link, handle, direction.parent(), info(priority))
                .string(Attr.TCA_KIND, "bpf")
                .finish(
                        "detach filter "
                                + priority
                                + " handle "
                                + handle
                                + " from "
                                + hook(link, direction));
    }

    private static String hook(int link, BpfFilter.Direction direction) {
        return direction.name().toLowerCase(Locale.ROOT) + " of link " + link;
    }

    /** tcm_info: priority, and the protocol in network order. */
    private static int info(int priority) {
        boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        return (priority << 16) | (little ? ETH_P_ALL << 8 : ETH_P_ALL);
    }

    static Request listFilters(int link, BpfFilter.Direction direction) {
        return start(RTM_GETTFILTER, Request.DUMP, link, 0, direction.parent(), 0)
                .finish("list filters at " + hook(link, direction));
    }

    static Optional<String> parseFilterKind(Reply reply) {
        return reply.type() == RTM_NEWTFILTER
                ? reply.attributes(HEADER).string(Attr.TCA_KIND)
                : Optional.empty();
    }

    static Optional<BpfFilter.Attached> parseFilter(Reply reply, BpfFilter.Direction direction) {
        if (reply.type() != RTM_NEWTFILTER) {
            return Optional.empty();
        }
        Attributes a = reply.attributes(HEADER);
        Attributes options = a.nested(Attr.TCA_OPTIONS);
        // A dump shows each priority first as a whole, without a handle.
        if (reply.i32(8) == 0 || !a.string(Attr.TCA_KIND).orElse("").equals("bpf")) {
            return Optional.empty();
        }
        return Optional.of(
                new BpfFilter.Attached(
                        reply.i32(4),
                        direction,
                        reply.i32(16) >>> 16,
                        reply.i32(8),
                        options.string(Attr.TCA_BPF_NAME).orElse(""),
                        options.u32(Attr.TCA_BPF_ID, 0),
                        options.bytes(Attr.TCA_BPF_TAG, 8)
                                .map(tag -> HexFormat.of().formatHex(tag))
                                .orElse(""),
                        (options.u32(Attr.TCA_BPF_FLAGS, 0) & TCA_BPF_FLAG_ACT_DIRECT) != 0));
    }
}
