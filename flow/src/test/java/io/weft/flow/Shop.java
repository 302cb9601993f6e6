package io.weft.flow;

import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.Labels;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Source;
import io.weft.tables.Direction;
import io.weft.tables.EventRecord;
import io.weft.tables.EventType;
import io.weft.tables.Identities;
import io.weft.tables.Reason;
import io.weft.tables.Rule;
import io.weft.tables.Rules;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A small world: shop/web (slot 0) may call shop/api (slot 1) on TCP 8080; data/db (slot 2) may
 * call nobody.
 */
final class Shop {
    /** When the monotonic clock stood at 0. */
    static final Instant BOOT = Instant.parse("2026-01-31T12:03:04Z");

    static final Ref WEB = Ref.pod("shop", "web");
    static final Ref API = Ref.pod("shop", "api");
    static final Ref DB = Ref.pod("data", "db");

    static final int API_INGRESS = 16;
    static final int API_ISOLATED = 17;
    static final int DB_ISOLATED = 18;
    static final int WEB_EGRESS = 19;

    private static final Ref API_POLICY = new Ref(Kind.NETWORK_POLICY, "shop", "api-ingress");
    private static final Ref DB_POLICY = new Ref(Kind.NETWORK_POLICY, "data", "no-egress");
    private static final Ref WEB_POLICY = new Ref(Kind.NETWORK_POLICY, "shop", "web-egress");

    static final Map<Integer, Rule> RULES =
            Map.of(
                    API_INGRESS,
                    new Rule.OfPolicy(
                            API_POLICY,
                            Direction.INGRESS,
                            0,
                            "from[0] podSelector app=web, port 8080/TCP",
                            new Source("policies.yaml", 12)),
                    API_ISOLATED,
                    new Rule.Isolated(
                            Direction.INGRESS,
                            List.of(API_POLICY),
                            List.of(new Source("policies.yaml", 3))),
                    DB_ISOLATED,
                    new Rule.Isolated(
                            Direction.EGRESS,
                            List.of(DB_POLICY),
                            List.of(new Source("db.yaml", 1))),
                    WEB_EGRESS,
                    new Rule.OfPolicy(
                            WEB_POLICY, Direction.EGRESS, 2, "", new Source("policies.yaml", 30)));

    private Shop() {}

    static Pod pod(Ref ref, String app, String... ips) {
        return new Pod(
                ref,
                Labels.of(Map.of("app", app)),
                List.of(ips).stream().map(Ip::parse).toList(),
                List.of(),
                List.of(),
                false,
                false,
                Source.NONE);
    }

    static RecentNames names() {
        RecentNames names = new RecentNames(Duration.ofSeconds(30), 100);
        names.put(pod(WEB, "web", "10.0.0.1", "fd00::1"), BOOT);
        names.put(pod(API, "api", "10.0.0.2", "fd00::2"), BOOT);
        names.put(pod(DB, "db", "10.0.0.3"), BOOT);
        names.wire(0, WEB, BOOT);
        names.wire(1, API, BOOT);
        names.wire(2, DB, BOOT);
        names.rules(new Rules(RULES), BOOT);
        return names;
    }

    static Flow flow(EventRecord event) {
        return new FlowDecoder(new FlowClock(BOOT), names()).flow(event);
    }

    /** web opens a connection to api. */
    static EventRecord opened() {
        return new Event().record();
    }

    /** db tries to reach api, and may not even leave. */
    static EventRecord deniedAtSource() {
        return new Event()
                .type(EventType.DENIED, Reason.POLICY_EGRESS)
                .source("10.0.0.3", 50000, 258)
                .rules(DB_ISOLATED, 0)
                .slot(2)
                .counts(1, 0, 60, 0)
                .record();
    }

    /** Somebody outside tries to reach api. */
    static EventRecord deniedAtDestination() {
        return new Event()
                .at(Duration.ofMillis(1567))
                .type(EventType.DENIED, Reason.POLICY_INGRESS)
                .source("192.0.2.7", 50001, Identities.WORLD)
                .rules(0, API_ISOLATED)
                .slot(1)
                .counts(1, 0, 60, 0)
                .record();
    }

    /** The connection of {@link #opened} ends 1.204 s later. */
    static EventRecord closed() {
        return new Event()
                .at(Duration.ofMillis(1771))
                .type(EventType.CLOSED, Reason.FORWARDED)
                .created(Duration.ofMillis(567))
                .counts(12, 10, 1204, 8412)
                .record();
    }

    /** web uses an address of somebody else. */
    static EventRecord spoofed() {
        return new Event()
                .type(EventType.DROPPED, Reason.SPOOFED)
                .source("10.0.0.3", 43512, 258)
                .rules(0, 0)
                .counts(1, 0, 60, 0)
                .record();
    }

    /** web pings api over IPv6. */
    static EventRecord ping() {
        return new Event()
                .protocol(58, 128)
                .source("fd00::1", 77, 256)
                .destination("fd00::2", 77, 257)
                .record();
    }

    /** Makes an event; at first one of web opening a connection to api. */
    static final class Event {
        private long time = Duration.ofMillis(567).toNanos();
        private EventType type = EventType.OPENED;
        private Reason reason = Reason.FORWARDED;
        private int protocol = 6;
        private int icmpType;
        private Ip source = Ip.parse("10.0.0.1");
        private Ip destination = Ip.parse("10.0.0.2");
        private int sourcePort = 43512;
        private int destinationPort = 8080;
        private int sourceIdentity = 256;
        private int destinationIdentity = 257;
        private int egressRule = Rules.NOT_ISOLATED;
        private int ingressRule = API_INGRESS;
        private int slot;
        private long created;
        private long[] counts = new long[4];

        Event at(Duration sinceBoot) {
            time = sinceBoot.toNanos();
            return this;
        }

        Event type(EventType type, Reason reason) {
            this.type = type;
            this.reason = reason;
            return this;
        }

        Event protocol(int protocol, int icmpType) {
            this.protocol = protocol;
            this.icmpType = icmpType;
            return this;
        }

        Event source(String ip, int port, int identity) {
            source = Ip.parse(ip);
            sourcePort = port;
            sourceIdentity = identity;
            return this;
        }

        Event destination(String ip, int port, int identity) {
            destination = Ip.parse(ip);
            destinationPort = port;
            destinationIdentity = identity;
            return this;
        }

        Event rules(int egress, int ingress) {
            egressRule = egress;
            ingressRule = ingress;
            return this;
        }

        Event slot(int slot) {
            this.slot = slot;
            return this;
        }

        Event created(Duration sinceBoot) {
            created = sinceBoot.toNanos();
            return this;
        }

        Event counts(
                long sourcePackets,
                long destinationPackets,
                long sourceBytes,
                long destinationBytes) {
            counts = new long[] {sourcePackets, destinationPackets, sourceBytes, destinationBytes};
            return this;
        }

        EventRecord record() {
            return new EventRecord(
                    time,
                    type,
                    reason,
                    protocol,
                    icmpType,
                    7,
                    source,
                    destination,
                    sourcePort,
                    destinationPort,
                    sourceIdentity,
                    destinationIdentity,
                    egressRule,
                    ingressRule,
                    slot,
                    created,
                    counts[0],
                    counts[1],
                    counts[2],
                    counts[3]);
        }

        Flow flow() {
            return Shop.flow(record());
        }
    }
}
