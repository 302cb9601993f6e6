package io.weft.datapath;

/**
 * Counted by the programs since the maps were made.
 *
 * @param eventsLost events that found the ring buffer full
 * @param connectionsOpened connections that were let in
 * @param audited as often as an event of type AUDIT was due
 */
public record Counters(long eventsLost, long connectionsOpened, long audited) {}
