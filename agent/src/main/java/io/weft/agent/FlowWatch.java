package io.weft.agent;

import io.weft.model.Ip;
import io.weft.tables.EventRecord;
import io.weft.tables.EventType;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets a probe learn what the kernel said about its own first packet. The event thread looks up one
 * map per event, and only while a probe is under way.
 */
final class FlowWatch {
    /** A flow as its opener sees it. */
    record Tuple(Ip source, int sourcePort, Ip destination, int destinationPort, int protocol) {}

    private final Map<Tuple, CompletableFuture<EventRecord>> waiting = new ConcurrentHashMap<>();

    /** {@return completes with the first event that opens or denies {@code tuple}} */
    CompletableFuture<EventRecord> expect(Tuple tuple) {
        CompletableFuture<EventRecord> first = new CompletableFuture<>();
        waiting.put(tuple, first);
        return first;
    }

    void forget(Tuple tuple) {
        waiting.remove(tuple);
    }

    /** On the event thread. */
    void accept(EventRecord event) {
        if (waiting.isEmpty() || event.type() == EventType.CLOSED) {
            return;
        }
        CompletableFuture<EventRecord> first =
                waiting.get(
                        new Tuple(
                                event.source(),
                                event.sourcePort(),
                                event.destination(),
                                event.destinationPort(),
                                event.protocol()));
        if (first != null) {
            first.complete(event);
        }
    }
}
