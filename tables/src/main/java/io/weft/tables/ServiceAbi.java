package io.weft.tables;

import static io.weft.tables.Layout.member;

import java.util.List;
import java.util.stream.Stream;

/** The limits and numbers of {@code weft_service_abi.h}, and the layouts of all its structs. */
public final class ServiceAbi {
    /** Address × port × protocol. */
    public static final int MAX_FRONTENDS = 262144;

    /** Service port × family × scope. */
    public static final int MAX_SETS = 262144;

    /** Of all sets; while a set changes, of both its states. */
    public static final int MAX_BACKENDS = 1048576;

    /** Backends of sets with session affinity, and of those not of TCP. */
    public static final int MAX_MEMBERS = 524288;

    /**
     * Two for each connection that is translated per packet; past it the one longest silent goes.
     */
    public static final int MAX_TRANSLATIONS = 262144;

    /** Clients with a backend of their own; past it the one longest silent is forgotten. */
    public static final int MAX_AFFINITIES = 65536;

    public static final int MAX_SOURCE_RANGES = 65536;

    /** Pods of this node, and itself. */
    public static final int MAX_NAMESPACES = 8192;

    /** Open sockets that were led to a backend; past it the one longest silent is forgotten. */
    public static final int MAX_ORIGINS = 131072;

    /** With an XDP program. */
    public static final int MAX_UPLINKS = 64;

    /** In {@code weft_service_addresses}: a port that no service has there is refused. */
    public static final int ADDRESS_CLUSTER_IP = 0x01;

    /** In {@code weft_service_addresses}: other ports of it are not a service's. */
    public static final int ADDRESS_EXTERNAL = 0x02;

    /** In {@code weft_service_addresses}: takes node ports. */
    public static final int ADDRESS_NODE = 0x04;

    /** In {@code weft_service_addresses}: the node's own, that takes the place of clients'. */
    public static final int ADDRESS_MASQUERADE = 0x08;

    /** In {@link SourceRangeKey}, in the place of a set: where pods have their addresses. */
    public static final int RANGE_PODS = 0xffffffff;

    /** In {@link SourceRangeKey}, in the place of a set: what is kept for services. */
    public static final int RANGE_RESERVED = 0xfffffffe;

    /**
     * In {@link SourceRangeKey}, in the place of a set: where workloads that masquerade go with
     * their own address.
     */
    public static final int RANGE_DIRECT = 0xfffffffd;

    /** In {@link SourceRangeKey}, in the place of a set: addresses of the cluster's nodes. */
    public static final int RANGE_NODES = 0xfffffffc;

    /** In {@link SourceRangeKey}, in the place of a set: where all nodes' pods are. */
    public static final int RANGE_CLUSTER_PODS = 0xfffffffb;

    /** Backends of this node to which others hand packets. */
    public static final int MAX_HANDED = 65536;

    /** What only the programs write and read. */
    private static final List<Layout> OF_THE_KERNEL =
            List.of(
                    Layout.of(
                            "weft_affinity_key",
                            24,
                            member("client", 0, 16),
                            member("set", 16, 4),
                            member("zero", 20, 4)),
                    Layout.of(
                            "weft_affinity",
                            32,
                            member("last_seen", 0, 8),
                            member("ip", 8, 16),
                            member("port", 24, 2),
                            member("zero", 26, 2),
                            member("backend", 28, 4)));

    /** Those of translation per packet, which only {@code weft.o} has. */
    public static final List<Layout> TRANSLATION_LAYOUTS =
            List.of(
                    ServiceStateValue.LAYOUT,
                    TranslationKey.LAYOUT,
                    TranslationValue.LAYOUT,
                    HandedKey.LAYOUT,
                    UplinkValue.LAYOUT);

    /** Every other struct that services share with user space. */
    public static final List<Layout> LAYOUTS =
            Stream.concat(
                            Stream.of(
                                    FrontendKey.LAYOUT,
                                    FrontendValue.LAYOUT,
                                    SetValue.LAYOUT,
                                    BackendValue.LAYOUT,
                                    MemberKey.LAYOUT,
                                    SourceRangeKey.LAYOUT,
                                    NamespaceValue.LAYOUT,
                                    OriginKey.LAYOUT,
                                    OriginValue.LAYOUT),
                            OF_THE_KERNEL.stream())
                    .toList();

    private ServiceAbi() {}
}
