package io.weft.advisor;

/** How far workloads are kept apart, from the least on. */
public enum Isolation {
    /** They share the host's kernel. */
    SHARED,
    /** Each has a kernel of its own. */
    KERNEL,
    /** A kernel of its own, and a part of the hardware that the IOMMU fences. */
    HARDWARE
}
