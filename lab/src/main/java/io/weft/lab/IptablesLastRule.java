package io.weft.lab;

import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * {@link LastRule} on a node that routes, with iptables chains laid out as kube-router does: a
 * chain for each pod, which accepts what is established and then jumps to a chain for each policy;
 * there a rule that sets a mark, by an ipset of peers, and one that returns what is marked. In the
 * end the pod's chain rejects what has no mark. Comments, and the set of destinations, are left
 * out.
 *
 * <pre>
 *   FORWARD ─▶ KR-FW ─┬─▶ POD-0
 *                     ├─▶ POD-10 ─▶ NP-10-0, NP-10-1, …
 *                     └─▶ …                │
 *                          MARK 0x10000 ◀──┘ set of peers, port
 * </pre>
 *
 * <p>Without ipset, rules name the block of addresses.
 */
final class IptablesLastRule implements LastRule {
    private static final String ALLOWED = "0x10000/0x10000";
    private static final String ACCEPTED = "0x20000/0x20000";
    private static final String CLIENT = "10.78.1.0/28";

    private final Opened opened = new Opened();
    private final NetNs client;
    private final List<Server> servers = new ArrayList<>();
    private final boolean sets = Commands.isInstalled("ipset");
    private final String version;

    private IptablesLastRule(List<Integer> counts) {
        try {
            NetNs node = opened.add(NetNs.createAnonymous());
            version = Commands.run(node, "iptables --version");
            client = opened.add(NetNs.createAnonymous());
            Topology.forward(node);
            Topology.wire(node, client, 1);
            for (int count : counts) {
                int number = servers.size() + 2;
                NetNs server = opened.add(NetNs.createAnonymous());
                Topology.wire(node, server, number);
                servers.add(new Server(count, server, "10.78." + number + ".2"));
            }
            if (sets) {
                Commands.run(node, "ipset restore", ipsets());
            }
            Commands.run(node, "iptables-restore -w", rules());
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /**
     * @throws Commands.ToolException when iptables is missing or refuses
     */
    static IptablesLastRule create(List<Integer> counts) {
        return new IptablesLastRule(counts);
    }

    private static String peer(int count, int i) {
        return i == count - 1 ? CLIENT : Ip.v4(FIRST_PEER + 16 * i) + "/28";
    }

    private String ipsets() {
        StringBuilder script = new StringBuilder();
        for (Server server : servers) {
            for (int i = 0; i < server.policies(); i++) {
                String set = set(server.policies(), i);
                script.append("create ").append(set).append(" hash:net family inet\n");
                script.append("add %s %s\n".formatted(set, peer(server.policies(), i)));
            }
        }
        return script.toString();
    }

    private static String set(int count, int i) {
        return "src-%d-%d".formatted(count, i);
    }

    private String rules() {
        List<String> chains = new ArrayList<>(List.of(":FORWARD DROP [0:0]", ":KR-FW - [0:0]"));
        List<String> rules = new ArrayList<>(List.of("-A FORWARD -j KR-FW"));
        for (Server server : servers) {
            int count = server.policies();
            String pod = "POD-" + count;
            chains.add(":" + pod + " - [0:0]");
            rules.add("-A KR-FW -d %s -j %s".formatted(server.address(), pod));
            rules.add("-A KR-FW -s %s -j %s".formatted(server.address(), pod));
            rules.add("-A %s -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT".formatted(pod));
            for (int i = 0; i < count; i++) {
                String policy = "NP-%d-%d".formatted(count, i);
                String peers =
                        sets
                                ? "-m set --match-set " + set(count, i) + " src"
                                : "-s " + peer(count, i);
                chains.add(":" + policy + " - [0:0]");
                rules.add("-A %s -d %s -j %s".formatted(pod, server.address(), policy));
                rules.add(
                        "-A %s %s -p tcp --dport %d -j MARK --set-xmark %s"
                                .formatted(policy, peers, Peer.PORT, ALLOWED));
                rules.add("-A %s -m mark --mark %s -j RETURN".formatted(policy, ALLOWED));
            }
            if (count > 0) {
                rules.add("-A %s -m mark ! --mark %s -j REJECT".formatted(pod, ALLOWED));
            }
            rules.add("-A %s -j MARK --set-xmark 0x0/0x10000".formatted(pod));
            rules.add("-A %s -j MARK --set-xmark %s".formatted(pod, ACCEPTED));
        }
        rules.add("-A KR-FW -m mark --mark %s -j ACCEPT".formatted(ACCEPTED));
        return "*filter\n%s\n%s\nCOMMIT\n"
                .formatted(String.join("\n", chains), String.join("\n", rules));
    }

    /** {@return which iptables, and how peers are matched} */
    String how() {
        return String.format(
                Locale.ROOT,
                "%s, peers by %s",
                version,
                sets ? "ipset (hash:net)" : "-s, as ipset is not installed here");
    }

    @Override
    public String name() {
        return "iptables";
    }

    @Override
    public NetNs client() {
        return client;
    }

    @Override
    public List<Server> servers() {
        return servers;
    }

    @Override
    public void close() {
        opened.close();
    }
}
