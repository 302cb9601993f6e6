package io.weft.lab;

import io.weft.kernel.Errno;
import io.weft.kernel.NetNs;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import io.weft.netlink.NetlinkException;
import java.util.Optional;

/** Which kinds of link a kernel can make: each is tried in a scratch namespace. */
final class LinkKinds {
    private LinkKinds() {}

    /**
     * {@return the kernel's words when it knows no such kind; a kind that only wants more settings
     * than a probe gives it is known}
     */
    static Optional<String> missing(NetNs scratch, String kind) {
        try (Netlink netlink = Netlink.open(scratch)) {
            String name = "weft-probe";
            netlink.links().create(new LinkSpec.Plain(LinkSettings.named(name), kind));
            netlink.links().delete(name);
            return Optional.empty();
        } catch (NetlinkException e) {
            return e.is(Errno.EOPNOTSUPP)
                    ? Optional.of(String.valueOf(e.getMessage()))
                    : Optional.empty();
        }
    }
}
