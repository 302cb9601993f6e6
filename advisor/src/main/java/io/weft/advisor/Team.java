package io.weft.advisor;

/** Who runs it. */
public enum Team {
    KERNEL_EXPERTS,
    APPLICATION_DEVELOPERS,
    TRADITIONAL_OPERATIONS,
    UNKNOWN
}
