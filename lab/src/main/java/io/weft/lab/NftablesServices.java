package io.weft.lab;

import io.weft.kernel.NetNs;
import java.util.ArrayList;
import java.util.List;

/**
 * kube-proxy's mode nftables: one map from address, protocol and port to a chain, there a map from
 * a random number to the chain of an endpoint. One more service: its chains and its element.
 *
 * <p>All are read in several transactions: within one, the kernel binds each anonymous map by a
 * walk through the whole transaction (__nft_set_trans_bind), and 10,000 services would take a
 * minute.
 */
final class NftablesServices implements KubeProxyNode.Rules {
    private static final String TABLE = "ip kube-proxy";
    private static final int SERVICES_AT_ONCE = 1_000;
    private static final String PODS = "10.0.0.0/8";

    @Override
    public String name() {
        return "nftables";
    }

    @Override
    public String version(NetNs node) {
        return Commands.run(node, "nft --version");
    }

    @Override
    public void clear(NetNs node) {
        Commands.run(node, "nft -f -", "add table ip kube-proxy\ndelete table ip kube-proxy\n");
    }

    @Override
    public String load() {
        return "nft -f -";
    }

    @Override
    public List<String> all(int services, String pod) {
        StringBuilder text =
                new StringBuilder(
                        """
                        table ip kube-proxy {
                          set cluster-ips { type ipv4_addr; }
                          map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; }
                          chain mark-for-masquerade { mark set mark or 0x4000; }
                          chain masquerading {
                            mark and 0x4000 == 0 return
                            mark set mark xor 0x4000
                            masquerade fully-random
                          }
                          chain services { ip daddr . meta l4proto . th dport vmap @service-ips; }
                          chain cluster-ips-check { ip daddr @cluster-ips reject; }
                          chain filter-forward {
                            type filter hook forward priority -110
                            ct state new jump cluster-ips-check
                          }
                          chain nat-prerouting {
                            type nat hook prerouting priority -100
                            jump services
                          }
                          chain nat-output { type nat hook output priority -100; jump services; }
                          chain nat-postrouting {
                            type nat hook postrouting priority 100
                            jump masquerading
                          }
                        }
                        """);
        List<String> transactions = new ArrayList<>();
        for (int s = 0; s < services; s++) {
            service(text, s, s == services - 1 ? pod : "");
            if ((s + 1) % SERVICES_AT_ONCE == 0 || s == services - 1) {
                transactions.add(text.toString());
                text.setLength(0);
            }
        }
        return transactions;
    }

    @Override
    public String add() {
        return load();
    }

    @Override
    public String one(int services) {
        StringBuilder text = new StringBuilder();
        service(text, services, "");
        return text.toString();
    }

    /**
     * @param pod whose ports it leads to; empty: to its usual endpoints
     */
    private static void service(StringBuilder text, int s, String pod) {
        String chain = TABLE + " service-" + s;
        StringBuilder choice = new StringBuilder();
        for (int e = 0; e < ServiceWorld.ENDPOINTS; e++) {
            String ip = pod.isEmpty() ? ServiceWorld.endpoint(s, e).toString() : pod;
            int port = pod.isEmpty() ? ServiceWorld.TARGET_PORT : Peer.PORT + e;
            String endpoint = TABLE + " endpoint-" + s + "-" + e;
            text.append("add chain ").append(endpoint).append('\n');
            text.append(
                    "add rule %s ip saddr %s jump mark-for-masquerade\n".formatted(endpoint, ip));
            text.append(
                    "add rule %s meta l4proto tcp dnat to %s:%d\n".formatted(endpoint, ip, port));
            choice.append(e == 0 ? "" : " , ")
                    .append(e)
                    .append(" : goto endpoint-")
                    .append(s)
                    .append('-')
                    .append(e);
        }
        String ip = ServiceWorld.address(s).toString();
        text.append("add chain ").append(chain).append('\n');
        text.append(
                "add rule %s ip daddr %s tcp dport %d ip saddr != %s jump mark-for-masquerade\n"
                        .formatted(chain, ip, ServiceWorld.PORT, PODS));
        text.append(
                "add rule %s numgen random mod %d vmap { %s }\n"
                        .formatted(chain, ServiceWorld.ENDPOINTS, choice));
        text.append("add element %s cluster-ips { %s }\n".formatted(TABLE, ip));
        text.append(
                "add element %s service-ips { %s . tcp . %d : goto service-%d }\n"
                        .formatted(TABLE, ip, ServiceWorld.PORT, s));
    }
}
