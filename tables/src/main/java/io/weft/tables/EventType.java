package io.weft.tables;

/** What an {@link EventRecord} tells: {@code WEFT_EVENT_*}. */
public enum EventType {
    /** First packet of an allowed connection. */
    OPENED(1),
    /** A packet that policy dropped. */
    DENIED(2),
    /** A living connection that a new revision judges otherwise. */
    CHANGED(3),
    /** The counts are final. */
    CLOSED(4),
    /** Dropped for another reason than policy. */
    DROPPED(5),
    /**
     * As OPENED or CHANGED, of a connection that only goes on because a side that denies it is in
     * audit mode. Of a packet that belongs to no connection, each time.
     */
    AUDIT(6);

    private static final EventType[] ALL = values();

    private final int code;

    EventType(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /**
     * {@return the type with this code}
     *
     * @throws IllegalArgumentException when there is none
     */
    public static EventType ofCode(int code) {
        if (code < 1 || code > ALL.length) {
            throw Abi.unknown("event type", code);
        }
        return ALL[code - 1];
    }
}
