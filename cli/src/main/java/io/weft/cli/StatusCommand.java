package io.weft.cli;

import io.weft.agent.NodeClient;
import io.weft.lab.MachineReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = {
            "Shows a running node: its pods, revision, used and available entries of each kernel",
            "map, drops by workload and reason, flows, and whether the kernel still agrees with the",
            "policy. With --machine: what this machine offers for each technology, without a node."
        },
        footer = {"", "Examples:", "  weft status -o json", "  weft status --machine"})
final class StatusCommand implements Callable<Integer> {
    @Mixin private NodeOption node = new NodeOption();
    @Mixin private OutputOption output = new OutputOption();

    @Option(
            names = "--machine",
            description = {
                "What this machine offers, found out by trying, and the one command that would turn",
                "on what is off. Needs root, changes nothing."
            })
    private boolean machine;

    @Override
    public Integer call() {
        if (machine) {
            return machine();
        }
        Map<String, Object> status;
        try (NodeClient client = node.connect()) {
            status = Replies.object(client.call("Status", Map.of()), "status");
        }
        if (output.json()) {
            Json.print(status);
            return Exit.DONE;
        }
        System.out.printf(
                "node %s: pid %s, revision %s, %s pods, %s services, %s policies%n%n",
                status.get("instance"),
                status.get("pid"),
                status.get("revision"),
                status.get("pods"),
                status.get("services"),
                status.get("policies"));
        Table maps = new Table("MAP", "USED", "AVAILABLE", "");
        for (Map<String, Object> map : Replies.objects(status, "maps")) {
            maps.row(map.get("name"), map.get("used"), map.get("max"), map.get("note"));
        }
        System.out.print(maps);
        Table drops = new Table("DROPPED AT", "DIRECTION", "REASON", "PACKETS", "BYTES");
        for (Map<String, Object> drop : Replies.objects(status, "drops")) {
            drops.row(
                    drop.get("workload"),
                    drop.get("direction"),
                    drop.get("reason"),
                    drop.get("packets"),
                    drop.get("bytes"));
        }
        System.out.println();
        System.out.print(drops.isEmpty() ? "no drops\n" : drops);
        for (Map<String, Object> unseen : Replies.objects(status, "unseen")) {
            System.out.printf(
                    "%nnot under policy: %s, %s, which no program of the node sees%s%n",
                    unseen.get("workload"),
                    unseen.get("attached"),
                    List.of().equals(unseen.get("notEnforced"))
                            ? ""
                            : "; selected by " + unseen.get("notEnforced"));
        }
        Map<String, Object> flows = Replies.object(status, "flows");
        System.out.printf(
                "%nflows: %s seen, %s kept, %s events lost in the kernel%n",
                flows.get("seen"), flows.get("kept"), flows.get("eventsLost"));
        Map<String, Object> dns = Replies.object(status, "dns");
        System.out.printf(
                "services: %s sockets ended whose backend went; DNS: %s%n",
                status.get("socketsEnded"),
                dns.isEmpty()
                        ? "none, another server has port 53"
                        : "answers "
                                + Replies.object(dns, "answers")
                                + ", %s from the cache, %s upstream failures"
                                        .formatted(
                                                dns.get("cacheHits"), dns.get("upstreamFailures")));
        Map<String, Object> check = Replies.object(status, "selfCheck");
        System.out.printf(
                "self-check: %s flows judged again, %s disagreements%s%n",
                check.get("checked"),
                check.get("disagreements"),
                check.containsKey("last") ? "; the last: " + check.get("last") : "");
        if (status.containsKey("cni")) {
            printCni(Replies.object(status, "cni"));
        }
        return Exit.DONE;
    }

    private int machine() {
        MachineReport report = MachineReport.probe();
        if (output.json()) {
            Json.print(
                    report.items().stream()
                            .map(i -> {
                                Map<String, Object> item = new LinkedHashMap<>();
                                item.put("group", i.group());
                                item.put("name", i.name());
                                item.put("state", i.state().name().toLowerCase(Locale.ROOT));
                                item.put("detail", i.detail());
                                item.put("enable", i.enable().orElse(""));
                                return item;
                            })
                            .toList());
            return Exit.DONE;
        }
        Table table = new Table("", "WHAT", "HERE", "TO TURN ON", "DETAIL");
        String group = "";
        for (MachineReport.Item i : report.items()) {
            table.row(
                    i.group().equals(group) ? "" : i.group(),
                    i.name(),
                    i.state().name().toLowerCase(Locale.ROOT),
                    i.enable().orElse(""),
                    i.detail());
            group = i.group();
        }
        System.out.print(table);
        return Exit.DONE;
    }

    private static void printCni(Map<String, Object> cni) {
        System.out.printf(
                "CNI: %s calls answered, %s refused, %s running, %s waiting%n",
                cni.get("answered"), cni.get("refused"), cni.get("running"), cni.get("waiting"));
        Table steps = new Table("CNI STEP", "COUNT", "MEDIAN", "P99", "LONGEST");
        for (Map<String, Object> step : Replies.objects(cni, "steps")) {
            steps.row(
                    step.get("step"),
                    step.get("count"),
                    millis(step.get("medianMicros")),
                    millis(step.get("p99Micros")),
                    millis(step.get("longestMicros")));
        }
        if (!steps.isEmpty()) {
            System.out.println();
            System.out.print(steps);
        }
    }

    private static String millis(@Nullable Object micros) {
        return micros instanceof Number number
                ? String.format(Locale.ROOT, "%.2f ms", number.longValue() / 1000.0)
                : "-";
    }
}
