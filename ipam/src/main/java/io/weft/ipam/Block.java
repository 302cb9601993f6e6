package io.weft.ipam;

import io.weft.model.Prefix;

/**
 * 64 neighbouring addresses.
 *
 * @param node whose it is; empty: nobody's
 * @param taken addresses that are not free
 */
public record Block(Prefix prefix, String pool, String node, int taken) {}
