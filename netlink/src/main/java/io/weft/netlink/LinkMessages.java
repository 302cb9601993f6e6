package io.weft.netlink;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** RTM_*LINK: struct ifinfomsg and IFLA_* attributes, see rtnetlink(7). */
final class LinkMessages {
    static final int RTM_NEWLINK = 16;
    static final int RTM_DELLINK = 17;
    static final int RTM_GETLINK = 18;
    static final int RTM_SETLINK = 19;
    static final int HEADER = 16; // struct ifinfomsg

    private static final int IFF_UP = 1;
    private static final int RTEXT_FILTER_SKIP_STATS = 8;
    private static final int IN6_ADDR_GEN_MODE_EUI64 = 0;
    private static final int IN6_ADDR_GEN_MODE_NONE = 1;
    private static final int TICKS_PER_SECOND = 100; // USER_HZ

    private LinkMessages() {}

    private static MessageWriter header(MessageWriter w, int index, int flags, int change) {
        return w.u8(Family.UNSPEC).u8(0).u16(0).u32(index).u32(flags).u32(change);
    }

    private static MessageWriter start(int type, int flags, int index) {
        return header(new MessageWriter(type, flags), index, 0, 0);
    }

    /** {@return the parts of {@code spec} that RTM_NEWLINK takes; {@link #afterwards} the rest} */
    static Request create(LinkSpec spec) {
        MessageWriter w = new MessageWriter(RTM_NEWLINK, Request.CREATE | Request.EXCL);
        boolean upNow = spec.link().up() && afterwards(spec.link()).isEmpty();
        header(w, spec.link().index(), upNow ? IFF_UP : 0, upNow ? IFF_UP : 0);
        settings(w, spec.link());
        if (spec instanceof LinkSpec.Macvlan macvlan) {
            w.u32(Attr.IFLA_LINK, macvlan.parent());
        } else if (spec instanceof LinkSpec.Ipvlan ipvlan) {
            w.u32(Attr.IFLA_LINK, ipvlan.parent());
        }
        int info = w.nest(Attr.IFLA_LINKINFO);
        w.string(Attr.IFLA_INFO_KIND, spec.kind());
        int data = w.nest(Attr.IFLA_INFO_DATA);
        switch (spec) {
            case LinkSpec.Veth veth -> {
                LinkSettings peer = veth.peer();
                int mark = w.open(Attr.VETH_INFO_PEER);
                header(w, peer.index(), peer.up() ? IFF_UP : 0, peer.up() ? IFF_UP : 0);
                settings(w, peer);
                w.end(mark);
            }
            case LinkSpec.Bridge bridge ->
                    w.u32(Attr.IFLA_BR_AGEING_TIME, bridge.ageingSeconds() * TICKS_PER_SECOND);
            case LinkSpec.Vxlan vxlan -> vxlan(w, vxlan);
            case LinkSpec.Macvlan macvlan -> w.u32(Attr.IFLA_MACVLAN_MODE, macvlan.mode().code());
            case LinkSpec.Ipvlan ipvlan -> w.u16(Attr.IFLA_IPVLAN_MODE, ipvlan.layer().code());
            case LinkSpec.Plain plain -> {}
            case LinkSpec.Tap tap ->
                    throw new IllegalArgumentException(
                            "netlink cannot create the tap " + tap.link().name());
        }
        return w.end(data).end(info).finish("create link " + describe(spec));
    }

    static String describe(LinkSpec spec) {
        return spec.link().name() + " (" + spec.kind() + ")";
    }

    private static void settings(MessageWriter w, LinkSettings link) {
        w.string(Attr.IFLA_IFNAME, link.name());
        link.mac().ifPresent(mac -> w.bytes(Attr.IFLA_ADDRESS, mac.bytes()));
        if (link.mtu() != 0) {
            w.u32(Attr.IFLA_MTU, link.mtu());
        }
        if (link.queues() != 0) {
            w.u32(Attr.IFLA_NUM_TX_QUEUES, link.queues());
            w.u32(Attr.IFLA_NUM_RX_QUEUES, link.queues());
        }
        if (link.group() != 0) {
            w.u32(Attr.IFLA_GROUP, link.group());
        }
        link.namespace().ifPresent(ns -> w.descriptor(Attr.IFLA_NET_NS_FD, ns.fd()));
    }

    private static void vxlan(MessageWriter w, LinkSpec.Vxlan vxlan) {
        w.u8(Attr.IFLA_VXLAN_LEARNING, vxlan.learning() ? 1 : 0);
        w.be16(Attr.IFLA_VXLAN_PORT, vxlan.port());
        if (vxlan.external()) {
            w.u8(Attr.IFLA_VXLAN_COLLECT_METADATA, 1);
        } else {
            w.u32(Attr.IFLA_VXLAN_ID, vxlan.vni());
        }
        vxlan.local()
                .ifPresent(a ->
                        w.address(a.isV6() ? Attr.IFLA_VXLAN_LOCAL6 : Attr.IFLA_VXLAN_LOCAL, a));
        vxlan.remote()
                .ifPresent(a ->
                        w.address(a.isV6() ? Attr.IFLA_VXLAN_GROUP6 : Attr.IFLA_VXLAN_GROUP, a));
        if (vxlan.underlay() != 0) {
            w.u32(Attr.IFLA_VXLAN_LINK, vxlan.underlay());
        }
    }

    /** {@return the settings that the kernel takes only for a link that is there} */
    static List<LinkChange> afterwards(LinkSettings link) {
        ArrayList<LinkChange> changes = new ArrayList<>();
        if (!link.alias().isEmpty()) {
            changes.add(new LinkChange.Alias(link.alias()));
        }
        if (!link.ipv6LinkLocal()) {
            changes.add(new LinkChange.Ipv6LinkLocal(false));
        }
        if (!changes.isEmpty() && link.up()) {
            changes.add(new LinkChange.Up(true));
        }
        return changes;
    }

    static Request change(int index, List<LinkChange> changes) {
        return change(index, "", changes);
    }

    static Request change(String link, List<LinkChange> changes) {
        return change(0, link, changes);
    }

    /**
     * @param link its name, when {@code index} is 0
     */
    private static Request change(int index, String link, List<LinkChange> changes) {
        int flags = 0;
        int mask = 0;
        for (LinkChange change : changes) {
            if (change instanceof LinkChange.Up up) {
                flags = up.up() ? IFF_UP : 0;
                mask = IFF_UP;
            }
        }
        MessageWriter w = new MessageWriter(RTM_SETLINK, 0);
        header(w, index, flags, mask);
        if (index == 0) {
            w.string(Attr.IFLA_IFNAME, link);
        }
        for (LinkChange change : changes) {
            switch (change) {
                case LinkChange.Up up -> {}
                case LinkChange.Mtu mtu -> w.u32(Attr.IFLA_MTU, mtu.bytes());
                case LinkChange.Name name -> w.string(Attr.IFLA_IFNAME, name.name());
                case LinkChange.Mac mac -> w.bytes(Attr.IFLA_ADDRESS, mac.address().bytes());
                case LinkChange.Master master -> w.u32(Attr.IFLA_MASTER, master.index());
                case LinkChange.Group group -> w.u32(Attr.IFLA_GROUP, group.number());
                case LinkChange.Alias alias -> w.string(Attr.IFLA_IFALIAS, alias.text());
                case LinkChange.Namespace ns -> w.descriptor(Attr.IFLA_NET_NS_FD, ns.target().fd());
                case LinkChange.Ipv6LinkLocal mode -> {
                    int spec = w.nest(Attr.IFLA_AF_SPEC);
                    int inet6 = w.nest(Attr.IFLA_AF_SPEC_INET6);
                    w.u8(
                            Attr.IFLA_INET6_ADDR_GEN_MODE,
                            mode.generated() ? IN6_ADDR_GEN_MODE_EUI64 : IN6_ADDR_GEN_MODE_NONE);
                    w.end(inet6).end(spec);
                }
            }
        }
        return w.finish("change link " + (index == 0 ? link : index) + " " + changes);
    }

    static Request delete(int index) {
        return start(RTM_DELLINK, 0, index).finish("delete link " + index);
    }

    static Request delete(String name) {
        return start(RTM_DELLINK, 0, 0)
                .string(Attr.IFLA_IFNAME, name)
                .finish("delete link " + name);
    }

    static Request deleteGroup(int group) {
        if (group == 0) {
            throw new IllegalArgumentException("group 0 holds every link without a group");
        }
        return start(RTM_DELLINK, 0, 0)
                .u32(Attr.IFLA_GROUP, group)
                .finish("delete links of group " + group);
    }

    static Request get(int index) {
        return start(RTM_GETLINK, 0, index)
                .u32(Attr.IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
                .finish("get link " + index);
    }

    static Request get(String name) {
        return start(RTM_GETLINK, 0, 0)
                .u32(Attr.IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
                .string(Attr.IFLA_IFNAME, name)
                .finish("get link " + name);
    }

    static Request list() {
        return start(RTM_GETLINK, Request.DUMP, 0)
                .u32(Attr.IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
                .finish("list links");
    }

    static Optional<Link> parse(Reply reply) {
        if (reply.type() != RTM_NEWLINK) {
            return Optional.empty();
        }
        Attributes a = reply.attributes(HEADER);
        return Optional.of(
                new Link(
                        reply.i32(4),
                        a.string(Attr.IFLA_IFNAME).orElse(""),
                        a.nested(Attr.IFLA_LINKINFO).string(Attr.IFLA_INFO_KIND).orElse(""),
                        a.hardwareAddress(Attr.IFLA_ADDRESS),
                        a.u32(Attr.IFLA_MTU, 0),
                        reply.i32(8),
                        a.u32(Attr.IFLA_MASTER, 0),
                        a.string(Attr.IFLA_IFALIAS).orElse(""),
                        a.u32(Attr.IFLA_GROUP, 0),
                        a.u32(Attr.IFLA_LINK, 0),
                        a.u32(Attr.IFLA_LINK_NETNSID)));
    }
}
