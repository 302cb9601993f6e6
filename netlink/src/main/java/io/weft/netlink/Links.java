package io.weft.netlink;

import io.weft.kernel.Errno;
import io.weft.kernel.NetNs;
import java.util.List;
import java.util.Optional;

/** The links (interfaces) of one namespace. Made by {@link Netlink#links}. */
public final class Links {
    private final NetlinkSocket socket;

    Links(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * Creates a link, wholly or not at all, and never touches one that is there already.
     *
     * @return what the kernel made of it; when it was made in another namespace, see there
     * @throws NetlinkException EEXIST when the name is taken; EOPNOTSUPP when the kernel lacks the
     *     kind
     */
    public Link create(LinkSpec spec) {
        LinkSettings settings = spec.link();
        if (settings.namespace().isPresent()) {
            return createElsewhere(spec, settings.namespace().get());
        }
        List<LinkChange> changes;
        if (spec instanceof LinkSpec.Tap tap) {
            changes = TapDevice.create(tap, socket::namespace);
        } else {
            socket.call(LinkMessages.create(spec));
            changes = LinkMessages.afterwards(settings);
        }
        Link created = require(settings.name());
        if (changes.isEmpty()) {
            return created;
        }
        try {
            change(created.index(), changes.toArray(LinkChange[]::new));
            return require(settings.name());
        } catch (NetlinkException e) {
            undo(created.index(), e);
            throw e;
        }
    }

    private Link createElsewhere(LinkSpec spec, NetNs target) {
        if (!LinkMessages.afterwards(spec.link()).isEmpty()) {
            throw new IllegalArgumentException(
                    "set alias and addr_gen_mode of "
                            + spec.link().name()
                            + " from inside its namespace");
        }
        socket.call(LinkMessages.create(spec));
        try (Netlink there = Netlink.open(target)) {
            return there.links().require(spec.link().name());
        }
    }

    private void undo(int index, NetlinkException cause) {
        try {
            delete(index);
        } catch (NetlinkException e) {
            cause.addSuppressed(e);
        }
    }

    /** Empty when there is none of this name. */
    public Optional<Link> get(String name) {
        LinkSettings.checkName(name);
        return one(LinkMessages.get(name));
    }

    /** Empty when there is none of this index. */
    public Optional<Link> get(int index) {
        return one(LinkMessages.get(index));
    }

    private Optional<Link> one(Request request) {
        try {
            return NetlinkSocket.parse(request, socket.call(request), LinkMessages::parse).stream()
                    .findFirst();
        } catch (NetlinkException e) {
            if (e.is(Errno.ENODEV)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * {@return the link of this name}
     *
     * @throws NetlinkException ENODEV when there is none
     */
    public Link require(String name) {
        return get(name)
                .orElseThrow(() ->
                        new NetlinkException(
                                "get link " + name, Errno.of(Errno.ENODEV), null, null));
    }

    /** {@return every link of the namespace, by index} */
    public List<Link> list() {
        return socket.dump(LinkMessages.list(), LinkMessages::parse);
    }

    /** Applies several changes in one message. The kernel stops at the first that it refuses. */
    public void change(int index, LinkChange... changes) {
        socket.call(LinkMessages.change(index, List.of(changes)));
    }

    public void setUp(int index) {
        change(index, new LinkChange.Up(true));
    }

    public void setDown(int index) {
        change(index, new LinkChange.Up(false));
    }

    public void setMtu(int index, int bytes) {
        change(index, new LinkChange.Mtu(bytes));
    }

    public void setName(int index, String name) {
        change(index, new LinkChange.Name(name));
    }

    public void setMac(int index, HardwareAddress address) {
        change(index, new LinkChange.Mac(address));
    }

    /**
     * @param master ifindex of the bridge; 0: none
     */
    public void setMaster(int index, int master) {
        change(index, new LinkChange.Master(master));
    }

    public void setGroup(int index, int group) {
        change(index, new LinkChange.Group(group));
    }

    public void setAlias(int index, String alias) {
        change(index, new LinkChange.Alias(alias));
    }

    /** Lets the kernel give the link an fe80:: address when it comes up, or not. */
    public void setIpv6LinkLocal(int index, boolean generated) {
        change(index, new LinkChange.Ipv6LinkLocal(generated));
    }

    /** Moves the link, which loses its addresses and routes and goes down. */
    public void moveTo(int index, NetNs target) {
        change(index, new LinkChange.Namespace(target));
    }

    /** Deletes it, with a veth's other end. */
    public void delete(int index) {
        socket.call(LinkMessages.delete(index));
    }

    /** Deletes it, with a veth's other end. */
    public void delete(String name) {
        LinkSettings.checkName(name);
        socket.call(LinkMessages.delete(name));
    }

    /**
     * Deletes all links of a group in one request, which costs about as much as deleting one.
     *
     * @param group not 0
     * @throws NetlinkException ENODEV when the group is empty; EOPNOTSUPP, with nothing deleted,
     *     when a member cannot be deleted
     */
    public void deleteGroup(int group) {
        socket.call(LinkMessages.deleteGroup(group));
    }
}
