package io.weft.flow;

/** What became of the packet, in Hubble's words. */
public enum FlowVerdict {
    FORWARDED,
    DROPPED,
    /** It went on, but only because a side whose policy denies it is in audit mode. */
    AUDIT
}
