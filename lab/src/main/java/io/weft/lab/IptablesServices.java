package io.weft.lab;

import io.weft.kernel.NetNs;
import java.util.List;
import java.util.Locale;

/**
 * kube-proxy's mode iptables, without comments, as it is with many endpoints:
 *
 * <pre>
 *   KUBE-SERVICES ─┬─▶ KUBE-SVC-0 ─┬─ 1/10 ─▶ KUBE-SEP-0-0: DNAT
 *                  ├─▶ KUBE-SVC-1  ├─ 1/9  ─▶ KUBE-SEP-0-1
 *                  └─▶ …           └─ …
 * </pre>
 *
 * <p>One more service: all of KUBE-SERVICES again, and the chains of that service (iptables-restore
 * --noflush), as kube-proxy has done it since 1.28.
 */
final class IptablesServices implements KubeProxyNode.Rules {
    private static final String PODS = "10.0.0.0/8";

    @Override
    public String name() {
        return "iptables";
    }

    @Override
    public String version(NetNs node) {
        return Commands.run(node, "iptables --version");
    }

    @Override
    public void clear(NetNs node) {
        Commands.run(node, "iptables -w -t nat -F");
        Commands.run(node, "iptables -w -t nat -X");
    }

    @Override
    public String load() {
        return "iptables-restore -w";
    }

    @Override
    public List<String> all(int services, String pod) {
        StringBuilder chains =
                new StringBuilder(
                        """
                        *nat
                        :KUBE-SERVICES - [0:0]
                        :KUBE-POSTROUTING - [0:0]
                        :KUBE-MARK-MASQ - [0:0]
                        """);
        StringBuilder rules =
                new StringBuilder(
                        """
                        -A PREROUTING -j KUBE-SERVICES
                        -A OUTPUT -j KUBE-SERVICES
                        -A POSTROUTING -j KUBE-POSTROUTING
                        -A KUBE-MARK-MASQ -j MARK --or-mark 0x4000
                        -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
                        -A KUBE-POSTROUTING -j MARK --xor-mark 0x4000
                        -A KUBE-POSTROUTING -j MASQUERADE --random-fully
                        """);
        for (int s = 0; s < services; s++) {
            jump(rules, s);
            boolean last = s == services - 1;
            service(chains, rules, s, last ? pod : "");
        }
        return List.of(chains.append(rules).append("COMMIT\n").toString());
    }

    @Override
    public String add() {
        return "iptables-restore -w --noflush --counters";
    }

    @Override
    public String one(int services) {
        StringBuilder chains = new StringBuilder("*nat\n:KUBE-SERVICES - [0:0]\n");
        StringBuilder rules = new StringBuilder();
        for (int s = 0; s <= services; s++) {
            jump(rules, s);
        }
        service(chains, rules, services, "");
        return chains.append(rules).append("COMMIT\n").toString();
    }

    private static void jump(StringBuilder rules, int s) {
        rules.append("-A KUBE-SERVICES -m tcp -p tcp -d ")
                .append(ServiceWorld.address(s))
                .append(" --dport ")
                .append(ServiceWorld.PORT)
                .append(" -j KUBE-SVC-")
                .append(s)
                .append('\n');
    }

    /**
     * @param pod whose ports it leads to; empty: to its usual endpoints
     */
    private static void service(StringBuilder chains, StringBuilder rules, int s, String pod) {
        chains.append(":KUBE-SVC-").append(s).append(" - [0:0]\n");
        rules.append(
                "-A KUBE-SVC-%d -m tcp -p tcp -d %s --dport %d ! -s %s -j KUBE-MARK-MASQ\n"
                        .formatted(s, ServiceWorld.address(s), ServiceWorld.PORT, PODS));
        for (int e = 0; e < ServiceWorld.ENDPOINTS; e++) {
            int left = ServiceWorld.ENDPOINTS - e;
            String ip = pod.isEmpty() ? ServiceWorld.endpoint(s, e).toString() : pod;
            int port = pod.isEmpty() ? ServiceWorld.TARGET_PORT : Peer.PORT + e;
            String endpoint = "KUBE-SEP-" + s + "-" + e;
            chains.append(':').append(endpoint).append(" - [0:0]\n");
            rules.append("-A KUBE-SVC-").append(s);
            if (left > 1) {
                rules.append(
                        String.format(
                                Locale.ROOT,
                                " -m statistic --mode random --probability %.10f",
                                1.0 / left));
            }
            rules.append(" -j ").append(endpoint).append('\n');
            rules.append("-A %s -s %s -j KUBE-MARK-MASQ\n".formatted(endpoint, ip));
            rules.append(
                    "-A %s -m tcp -p tcp -j DNAT --to-destination %s:%d\n"
                            .formatted(endpoint, ip, port));
        }
    }
}
