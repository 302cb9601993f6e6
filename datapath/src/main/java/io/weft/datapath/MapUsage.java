package io.weft.datapath;

/**
 * How full a kernel map is.
 *
 * @param used entries when it was counted
 * @param max entries that fit
 */
public record MapUsage(String map, long used, long max) {}
