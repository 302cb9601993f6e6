package io.weft.netlink;

import java.util.Optional;
import java.util.OptionalLong;

/** A link to create: the settings every link has, and what its kind needs. */
public sealed interface LinkSpec {
    LinkSettings link();

    /** {@return IFLA_INFO_KIND} */
    String kind();

    /**
     * veth(4): two ends, each in its own namespace from the start.
     *
     * @param peer starts down (veth_open() wants both ends); its alias and {@code ipv6LinkLocal}
     *     cannot be set from here; its index is taken only when {@code link} has one too
     */
    record Veth(LinkSettings link, LinkSettings peer) implements LinkSpec {
        public Veth {
            if (peer.up() || (peer.index() != 0 && link.index() == 0)) {
                throw new IllegalArgumentException(
                        "the peer "
                                + peer.name()
                                + " starts down, and has an index only when "
                                + link.name()
                                + " has one");
            }
            if (!peer.alias().isEmpty() || !peer.ipv6LinkLocal()) {
                throw new IllegalArgumentException(
                        "set alias and addr_gen_mode of the peer "
                                + peer.name()
                                + " from inside its namespace");
            }
        }

        @Override
        public String kind() {
            return "veth";
        }
    }

    /**
     * A learning switch, without STP.
     *
     * @param ageingSeconds how long a learned MAC lives; 0: do not learn
     */
    record Bridge(LinkSettings link, int ageingSeconds) implements LinkSpec {
        private static final int DEFAULT_AGEING = 300;

        public Bridge(LinkSettings link) {
            this(link, DEFAULT_AGEING);
        }

        @Override
        public String kind() {
            return "bridge";
        }
    }

    /**
     * VXLAN, RFC 7348.
     *
     * @param vni 24 bits; 0 with {@code external}
     * @param local source of outer packets
     * @param remote the other end, or a multicast group (which needs {@code underlay})
     * @param underlay ifindex that outer packets leave by; 0: by route
     * @param port UDP, 4789 by IANA
     * @param learning learn the remote of a MAC from traffic
     * @param external VNI and remote come from each packet's tunnel metadata (collect_md)
     */
    record Vxlan(
            LinkSettings link,
            int vni,
            Optional<Address> local,
            Optional<Address> remote,
            int underlay,
            int port,
            boolean learning,
            boolean external)
            implements LinkSpec {
        /** The port that IANA assigned. */
        public static final int PORT = 4789;

        public Vxlan {
            if (vni < 0 || vni >= 1 << 24 || port < 0 || port > 0xffff) {
                throw new IllegalArgumentException(
                        "vni " + vni + ", port " + port + " of " + link.name());
            }
        }

        /** {@return one segment between {@code local} and {@code remote}, without learning} */
        public static Vxlan between(LinkSettings link, int vni, Address local, Address remote) {
            return new Vxlan(
                    link, vni, Optional.of(local), Optional.of(remote), 0, PORT, false, false);
        }

        /** {@return one device for all segments, steered by tunnel metadata} */
        public static Vxlan external(LinkSettings link) {
            return new Vxlan(link, 0, Optional.empty(), Optional.empty(), 0, PORT, false, true);
        }

        @Override
        public String kind() {
            return "vxlan";
        }
    }

    /**
     * A second MAC on a link.
     *
     * @param parent ifindex where the socket is
     */
    record Macvlan(LinkSettings link, int parent, Mode mode) implements LinkSpec {
        /** Who may talk to whom below one parent; enum macvlan_mode. */
        public enum Mode {
            PRIVATE(1),
            VEPA(2),
            BRIDGE(4),
            PASSTHRU(8);

            private final int code;

            Mode(int code) {
                this.code = code;
            }

            int code() {
                return code;
            }
        }

        @Override
        public String kind() {
            return "macvlan";
        }
    }

    /** A further address on {@code parent} with its MAC; drivers/net/ipvlan. */
    record Ipvlan(LinkSettings link, int parent, Layer layer) implements LinkSpec {
        /** Where packets part; enum ipvlan_mode. */
        public enum Layer {
            L2(0),
            L3(1),
            L3S(2);

            private final int code;

            Layer(int code) {
                this.code = code;
            }

            int code() {
                return code;
            }
        }

        @Override
        public String kind() {
            return "ipvlan";
        }
    }

    /**
     * A link of a kind that needs no more than its name, such as {@code dummy} or {@code ifb}; of
     * others the kernel says what it misses.
     *
     * @param kind as {@code ip link add type} takes it
     */
    record Plain(LinkSettings link, String kind) implements LinkSpec {}

    /**
     * A persistent tap for a VM, made through /dev/net/tun without packet information.
     *
     * @param vnetHeader packets carry struct virtio_net_hdr, for checksum and segment offload
     * @param multiQueue a VM may open several queues
     * @param owner uid that may open it; empty: whoever may open the device
     * @param group gid likewise
     */
    record Tap(
            LinkSettings link,
            boolean vnetHeader,
            boolean multiQueue,
            OptionalLong owner,
            OptionalLong group)
            implements LinkSpec {
        public Tap {
            if (link.namespace().isPresent()) {
                throw new IllegalArgumentException(
                        "a tap takes no namespace: "
                                + link.name()
                                + " is made where the socket is");
            }
        }

        /** Without owner and group. */
        public Tap(LinkSettings link, boolean vnetHeader, boolean multiQueue) {
            this(link, vnetHeader, multiQueue, OptionalLong.empty(), OptionalLong.empty());
        }

        @Override
        public String kind() {
            return "tun";
        }
    }
}
