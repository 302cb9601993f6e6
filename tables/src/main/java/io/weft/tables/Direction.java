package io.weft.tables;

/** As seen from the workload: INGRESS comes in, EGRESS leaves it. */
public enum Direction {
    INGRESS,
    EGRESS;

    /** {@return {@code ingress} or {@code egress}} */
    @Override
    public String toString() {
        return this == INGRESS ? "ingress" : "egress";
    }
}
