package io.weft.advisor;

/** What has to run. */
public enum Workloads {
    ANY,
    CONTAINERS,
    VIRTUAL_MACHINES,
    BOTH
}
