package io.weft.datapath;

import io.weft.bpf.BpfSyscallException;
import io.weft.bpf.TypedMap;
import io.weft.bpf.UpdateMode;
import io.weft.kernel.Errno;
import io.weft.model.Ip;
import io.weft.tables.Abi;
import io.weft.tables.AddressValue;
import io.weft.tables.ConnectionKey;
import io.weft.tables.ConnectionValue;
import io.weft.tables.EventRecord;
import io.weft.tables.EventType;
import io.weft.tables.Icmp;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Consumer;

/**
 * The connections that the programs track. The programs only open them, mark them closed, and
 * replace a closed one whose addresses and ports come again; all other ends are found here.
 */
public final class Connections {
    private final TypedMap<ConnectionKey, ConnectionValue> map;
    private final TypedMap<Ip, AddressValue> addresses;

    Connections(
            TypedMap<ConnectionKey, ConnectionValue> map, TypedMap<Ip, AddressValue> addresses) {
        this.map = map;
        this.addresses = addresses;
    }

    /** {@return all of them, as they are read: each is whole, together they are no snapshot} */
    public Map<ConnectionKey, ConnectionValue> list() {
        return map.entries();
    }

    /**
     * Ends what has been silent too long.
     *
     * @param now nanoseconds of CLOCK_MONOTONIC, as {@link System#nanoTime} gives on Linux
     * @param closed gets a {@link EventType#CLOSED} with the final counts for each
     * @return how many ended
     */
    public int sweep(long now, Timeouts timeouts, Consumer<EventRecord> closed) {
        return end(
                (key, value) -> now - value.lastSeen() > timeouts.of(key, value).toNanos(),
                now,
                closed);
    }

    /** Ends all connections of these addresses, whose owner is gone. {@return how many} */
    public int end(Collection<Ip> ips, long now, Consumer<EventRecord> closed) {
        return end((key, value) -> ips.contains(key.a()) || ips.contains(key.b()), now, closed);
    }

    private int end(
            BiPredicate<ConnectionKey, ConnectionValue> over,
            long now,
            Consumer<EventRecord> closed) {
        List<ConnectionKey> candidates = new ArrayList<>();
        map.forEach((key, value) -> {
            if (over.test(key, value)) {
                candidates.add(key);
            }
        });
        int ended = 0;
        for (ConnectionKey key : candidates) {
            ConnectionValue last = map.take(key).orElse(null);
            if (last == null) {
                continue; // another one was faster
            }
            if (!over.test(key, last)) {
                putBack(key, last); // it spoke meanwhile
                continue;
            }
            closed.accept(closed(key, last, now));
            ended++;
        }
        return ended;
    }

    private void putBack(ConnectionKey key, ConnectionValue value) {
        try {
            map.put(key, value, UpdateMode.NOEXIST);
        } catch (BpfSyscallException e) {
            if (!e.is(Errno.EEXIST)) { // EEXIST: a packet has opened it again
                throw e;
            }
        }
    }

    private EventRecord closed(ConnectionKey key, ConnectionValue value, long now) {
        boolean fromB = value.has(ConnectionValue.FROM_B);
        Ip opener = fromB ? key.b() : key.a();
        Ip responder = fromB ? key.a() : key.b();
        int slot =
                addresses
                        .get(opener)
                        .or(() -> addresses.get(responder))
                        .map(AddressValue::slot)
                        .orElse(Abi.NO_SLOT);
        return new EventRecord(
                now,
                EventType.CLOSED,
                value.audited(),
                key.protocol(),
                Icmp.is(key.protocol()) ? Icmp.echoRequest(key.protocol()) : 0,
                value.revision(),
                opener,
                responder,
                fromB ? key.bPort() : key.aPort(),
                fromB ? key.aPort() : key.bPort(),
                value.openerIdentity(),
                value.responderIdentity(),
                value.egressRule(),
                value.ingressRule(),
                slot,
                value.created(),
                value.openerPackets(),
                value.responderPackets(),
                value.openerBytes(),
                value.responderBytes());
    }
}
