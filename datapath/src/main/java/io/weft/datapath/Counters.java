package io.weft.datapath;

/**
 * Counted by the programs since the maps were made.
 *
 * @param eventsLost events that found the ring buffer full
 * @param connectionsOpened connections that were let in
 */
public record Counters(long eventsLost, long connectionsOpened) {}
