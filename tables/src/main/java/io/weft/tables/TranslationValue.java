package io.weft.tables;

import static io.weft.tables.Layout.member;

import io.weft.model.Ip;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_translation}: value of {@code weft_translations}: what a packet becomes.
 *
 * <pre>
 *   0         8                24               40     42     44
 *   +---------+----------------+----------------+------+------+
 *   |last_seen|     source     |  destination   |s.port|d.port|
 *   +----+----+----+----+------+-+----+---------+------+------+
 *   |set |bck.|plc.|gen.|ifindex|flag|zero|
 *   +----+----+----+----+-------+----+----+
 *   44   48   52   56   60      64   68   72
 * </pre>
 *
 * @param lastSeen nanoseconds of CLOCK_MONOTONIC, coarse
 * @param source the client, or the node in its place; reverse: the service
 * @param destination the backend; reverse: the client
 * @param set forward: index in {@code weft_sets}
 * @param backend forward: its number; 0: of a TCP service without affinity
 * @param place forward: index in {@code weft_backends}
 * @param generation forward: of the services, when the backend was in its set
 * @param ifindex reverse: over which the client came; 0: it is on this node
 * @param flags sum of {@link #REVERSE} and its siblings
 */
public record TranslationValue(
        long lastSeen,
        Ip source,
        int sourcePort,
        Ip destination,
        int destinationPort,
        int set,
        int backend,
        int place,
        int generation,
        int ifindex,
        int flags) {
    public static final int REVERSE = 0x01;

    /** The node takes the client's place. */
    public static final int MASQUERADED = 0x02;

    /** A FIN or RST went this way. */
    public static final int CLOSING = 0x04;

    /** Reverse: the client is the node itself. */
    public static final int NODE = 0x08;

    /**
     * Forward: the packet goes unchanged, inside of another, to the backend's node, which answers.
     * Reverse: this is that node, and the answer leaves by its own route.
     */
    public static final int DIRECT = 0x10;

    /** Forward, with {@link #DIRECT}: the client has acknowledged something. */
    public static final int ANSWERED = 0x20;

    public static final int LAST_SEEN_OFFSET = 0;
    public static final int SOURCE_OFFSET = 8;
    public static final int DESTINATION_OFFSET = 24;
    public static final int SOURCE_PORT_OFFSET = 40;
    public static final int DESTINATION_PORT_OFFSET = 42;
    public static final int SET_OFFSET = 44;
    public static final int BACKEND_OFFSET = 48;
    public static final int PLACE_OFFSET = 52;
    public static final int GENERATION_OFFSET = 56;
    public static final int IFINDEX_OFFSET = 60;
    public static final int FLAGS_OFFSET = 64;
    public static final int ZERO_OFFSET = 68;
    public static final int SIZE = 72;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_translation",
                    SIZE,
                    member("last_seen", LAST_SEEN_OFFSET, 8),
                    member("source", SOURCE_OFFSET, 16),
                    member("destination", DESTINATION_OFFSET, 16),
                    member("source_port", SOURCE_PORT_OFFSET, 2),
                    member("destination_port", DESTINATION_PORT_OFFSET, 2),
                    member("set", SET_OFFSET, 4),
                    member("backend", BACKEND_OFFSET, 4),
                    member("place", PLACE_OFFSET, 4),
                    member("generation", GENERATION_OFFSET, 4),
                    member("ifindex", IFINDEX_OFFSET, 4),
                    member("flags", FLAGS_OFFSET, 4),
                    member("zero", ZERO_OFFSET, 4));

    /** {@return whether all bits of {@code flag} are set} */
    public boolean has(int flag) {
        return (flags & flag) == flag;
    }

    public void write(MemorySegment to, long offset) {
        Bytes.putU64(to, offset + LAST_SEEN_OFFSET, lastSeen);
        Bytes.putIp(to, offset + SOURCE_OFFSET, source);
        Bytes.putIp(to, offset + DESTINATION_OFFSET, destination);
        Bytes.putPort(to, offset + SOURCE_PORT_OFFSET, sourcePort);
        Bytes.putPort(to, offset + DESTINATION_PORT_OFFSET, destinationPort);
        Bytes.putU32(to, offset + SET_OFFSET, set);
        Bytes.putU32(to, offset + BACKEND_OFFSET, backend);
        Bytes.putU32(to, offset + PLACE_OFFSET, place);
        Bytes.putU32(to, offset + GENERATION_OFFSET, generation);
        Bytes.putU32(to, offset + IFINDEX_OFFSET, ifindex);
        Bytes.putU32(to, offset + FLAGS_OFFSET, flags);
        Bytes.putU32(to, offset + ZERO_OFFSET, 0);
    }

    public static TranslationValue read(MemorySegment from, long offset) {
        return new TranslationValue(
                Bytes.u64(from, offset + LAST_SEEN_OFFSET),
                Bytes.ip(from, offset + SOURCE_OFFSET),
                Bytes.port(from, offset + SOURCE_PORT_OFFSET),
                Bytes.ip(from, offset + DESTINATION_OFFSET),
                Bytes.port(from, offset + DESTINATION_PORT_OFFSET),
                Bytes.u32(from, offset + SET_OFFSET),
                Bytes.u32(from, offset + BACKEND_OFFSET),
                Bytes.u32(from, offset + PLACE_OFFSET),
                Bytes.u32(from, offset + GENERATION_OFFSET),
                Bytes.u32(from, offset + IFINDEX_OFFSET),
                Bytes.u32(from, offset + FLAGS_OFFSET));
    }
}
