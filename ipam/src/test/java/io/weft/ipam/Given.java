package io.weft.ipam;

import io.weft.model.Ip;
import io.weft.model.Prefix;
import java.util.List;

/** What the tests are given. */
final class Given {
    static final Settings SETTINGS = Settings.of("node-a");

    private Given() {}

    static Pool pool(String name, String... subnets) {
        return new Pool(
                name,
                List.of(subnets).stream().map(s -> Range.of(Prefix.parse(s))).toList(),
                List.of());
    }

    static LeaseKey key(int n) {
        return key("c" + n);
    }

    static LeaseKey key(String container) {
        return new LeaseKey(container, "eth0", "pods");
    }

    static Owner pod(String name) {
        return Owner.pod("uid-of-" + name, "shop", name);
    }

    static Request request(int n) {
        return Request.of(key(n), pod("web-" + n), "default");
    }

    static List<Ip> ips(String... texts) {
        return List.of(texts).stream().map(Ip::parse).toList();
    }
}
