package io.weft.tables;

import java.util.List;

/** The limits and numbers of {@code weft_abi.h}, and the layouts of all its structs. */
public final class Abi {
    /** Workloads on one node. */
    public static final int MAX_WORKLOADS = 4096;

    /** Pods and CIDR blocks of the cluster. */
    public static final int MAX_IDENTITY_PREFIXES = 262144;

    /** Policy entries of all groups on one node. */
    public static final int MAX_POLICY_ENTRIES = 262144;

    /** Connections that a node tracks; past it the least recently used one is forgotten. */
    public static final int MAX_CONNECTIONS = 262144;

    /** Datagrams with fragments in flight. */
    public static final int MAX_FRAGMENTS = 8192;

    /** Workload × reason × direction. */
    public static final int MAX_DROP_COUNTERS = 32768;

    /** Size of the ring buffer of events. */
    public static final int EVENT_BYTES = 4 << 20;

    /** In {@link PolicyValue}: no entry at this revision. */
    public static final int ACTION_NONE = 0;

    /** In {@link PolicyValue}. */
    public static final int ACTION_ALLOW = 1;

    /** In {@link PolicyValue}. */
    public static final int ACTION_DENY = 2;

    /** Key of {@code weft_endpoints}: the node itself, in its traffic with workloads. */
    public static final int NODE_SLOT = 4096;

    /** In {@link DropKey} and {@link EventRecord}: the workload is unknown. */
    public static final int NO_SLOT = 0xffffffff;

    /** In {@link DropKey}: seen as it left the workload. */
    public static final int FROM_WORKLOAD = 0;

    /** In {@link DropKey}: seen on its way into the workload. */
    public static final int TO_WORKLOAD = 1;

    /** Index in {@code weft_counters}: events that found the ring buffer full. */
    public static final int COUNT_EVENTS_LOST = 0;

    /** Index in {@code weft_counters}: connections that were let in. */
    public static final int COUNT_CONNECTIONS_OPENED = 1;

    /** Index in {@code weft_counters}: as often as an event of type AUDIT was due. */
    public static final int COUNT_AUDITED = 2;

    /** Entries of {@code weft_counters}, each 8 bytes in host order per possible CPU. */
    public static final int COUNTERS = 3;

    /** Every struct that the datapath shares with user space. */
    public static final List<Layout> LAYOUTS =
            List.of(
                    StateValue.LAYOUT,
                    WorkloadValue.LAYOUT,
                    AddressValue.LAYOUT,
                    PlaceValue.LAYOUT,
                    EndpointValue.Side.LAYOUT,
                    EndpointValue.LAYOUT,
                    PrefixKey.LAYOUT,
                    IdentityValue.LAYOUT,
                    PolicyKey.LAYOUT,
                    PolicyValue.VERDICT_LAYOUT,
                    PolicyValue.LAYOUT,
                    ConnectionKey.LAYOUT,
                    ConnectionValue.LAYOUT,
                    FragmentKey.LAYOUT,
                    FragmentValue.LAYOUT,
                    DropKey.LAYOUT,
                    CounterValue.LAYOUT,
                    EventRecord.LAYOUT);

    private Abi() {}

    static IllegalArgumentException unknown(String what, int code) {
        return new IllegalArgumentException(
                what
                        + " "
                        + Integer.toUnsignedString(code)
                        + " is not known here: the loaded datapath is newer than this program;"
                        + " update it");
    }
}
