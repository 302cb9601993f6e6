package io.weft.claims;

/** How the figure of a claim is to be read. */
public enum Meaning {
    /** The subject's own figure. */
    VALUE,
    /** What the subject adds to the figure that there would be without it. */
    ADDED,
    /** By how many percent it differs from what it is compared with; negative is less. */
    CHANGE,
    /** How many times what it is compared with. */
    TIMES,
    /** Its place in an order; 1 is the best. */
    RANK
}
