package io.weft.flow;

/** What became of the packet, in Hubble's words. */
public enum FlowVerdict {
    FORWARDED,
    DROPPED
}
