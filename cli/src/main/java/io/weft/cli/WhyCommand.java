package io.weft.cli;

import io.weft.agent.Ends;
import io.weft.agent.NodeClient;
import io.weft.agent.OfflineNode;
import io.weft.agent.WhyReport;
import io.weft.compiler.Compilation;
import io.weft.compiler.Query;
import io.weft.model.ManifestReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "why",
        mixinStandardHelpOptions = true,
        description = {
            "Says what decides a flow: the verdict, the rule or the lack of one, file and line.",
            "Asks the running node, or with -f the manifests alone. With --live the kernel's maps are",
            "read back too; when they disagree the exit code is 1. To a service: which backends it leads",
            "to and why, then the verdict to each of them."
        },
        footer = {
            "",
            "Examples:",
            "  weft why frontend backend --port 8080/tcp --live",
            "  weft why intruder backend --port icmp",
            "  weft why frontend service/backend --port 80",
            "  weft why 203.0.113.7 shop/api --port http -f examples/shop"
        })
final class WhyCommand implements Callable<Integer> {
    private static final List<String> PROTOCOLS = List.of("TCP", "UDP", "SCTP", "ICMP");

    @Mixin private NodeOption node = new NodeOption();
    @Mixin private OutputOption output = new OutputOption();

    @Parameters(
            index = "0",
            paramLabel = "FROM",
            description = "Pod, namespace/pod, address, service, node, or host.")
    private String from = "";

    @Parameters(
            index = "1",
            paramLabel = "TO",
            description = "Pod, namespace/pod, address, service or service/NAME, node, or host.")
    private String to = "";

    @Option(
            names = {"-p", "--port"},
            required = true,
            paramLabel = "PORT[/PROTOCOL]",
            description =
                    "Number or name of the port of the destination, pod or service; tcp unless said. icmp: an echo request;"
                            + " 8/icmp: that type.")
    private String port = "";

    @Option(names = "--live", description = "Compare with the kernel's maps.")
    private boolean live;

    @Option(
            names = {"-f", "--filename"},
            paramLabel = "FILE|DIR",
            description = "Judge these manifests, offline; repeatable.")
    private List<Path> files = List.of();

    @Override
    public Integer call() {
        int slash = port.indexOf('/');
        boolean ping = port.equalsIgnoreCase("icmp");
        String number = ping ? "" : slash < 0 ? port : port.substring(0, slash);
        String protocol =
                ping
                        ? "ICMP"
                        : slash < 0 ? "TCP" : port.substring(slash + 1).toUpperCase(Locale.ROOT);
        if (!PROTOCOLS.contains(protocol)) {
            throw new IllegalArgumentException(
                    "protocol '" + protocol + "': one of tcp, udp, sctp, icmp");
        }
        Map<String, Object> answer =
                files.isEmpty() ? ask(number, protocol) : judge(number, protocol);
        if (output.json()) {
            Json.print(answer);
        } else {
            print(Replies.objects(answer, "explanations"));
        }
        return Boolean.TRUE.equals(answer.get("agree")) ? Exit.DONE : Exit.NO;
    }

    private Map<String, Object> ask(String number, String protocol) {
        try (NodeClient client = node.connect()) {
            return client.call(
                    "Why",
                    Map.of(
                            "from", from,
                            "to", to,
                            "protocol", protocol,
                            "port", number,
                            "live", live));
        }
    }

    private Map<String, Object> judge(String number, String protocol) {
        if (live) {
            throw new IllegalArgumentException("--live asks a running node; leave out -f");
        }
        Compilation compilation =
                OfflineNode.compile(new ManifestReader().offline().readAll(files));
        List<Map<String, Object>> explanations = new ArrayList<>();
        for (Query query :
                Ends.queries(
                        compilation.snapshot(),
                        OfflineNode.nodeAddresses(),
                        from,
                        to,
                        protocol,
                        number)) {
            explanations.add(WhyReport.json(compilation, compilation.pass(query)));
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("explanations", explanations);
        answer.put("agree", true);
        return answer;
    }

    /** The first family in full; the other in a line when it says the same. */
    private static void print(List<Map<String, Object>> explanations) {
        for (Map<String, Object> explanation : explanations) {
            Map<String, Object> first = explanations.getFirst();
            if (!explanation.equals(first)
                    && Objects.equals(explanation.get("verdict"), first.get("verdict"))
                    && Objects.equals(explanation.get("rule"), first.get("rule"))) {
                System.out.printf(
                        "%n%s: the same (%s)%n",
                        explanation.get("family"), explanation.get("query"));
            } else {
                System.out.print(explanation.get("text"));
                backends(Replies.objects(explanation, "backends"));
            }
            kernel(Replies.object(explanation, "kernel"));
        }
    }

    /** The first with a verdict and rule in full; others that have the same in a line. */
    private static void backends(List<Map<String, Object>> backends) {
        List<List<@Nullable Object>> told = new ArrayList<>();
        for (Map<String, Object> backend : backends) {
            List<@Nullable Object> verdict =
                    Arrays.asList(backend.get("verdict"), backend.get("rule"));
            if (told.contains(verdict)) {
                System.out.printf(
                        "%n%s: %s, the same (%s)%n",
                        backend.get("endpoint"), backend.get("verdict"), backend.get("query"));
            } else {
                told.add(verdict);
                System.out.printf("%n%s", backend.get("text"));
            }
            kernel(Replies.object(backend, "kernel"));
        }
    }

    private static void kernel(Map<String, Object> kernel) {
        if (kernel.containsKey("service")) {
            System.out.printf(
                    "kernel: %s: %s%n",
                    kernel.get("service"),
                    Boolean.TRUE.equals(kernel.get("agrees"))
                            ? "agrees"
                            : "DISAGREES with the tables");
        } else if (!kernel.isEmpty()) {
            System.out.printf(
                    "kernel: %s at revision %s, identities %s -> %s: %s%n",
                    kernel.get("verdict"),
                    kernel.get("revision"),
                    kernel.get("sourceIdentity"),
                    kernel.get("destinationIdentity"),
                    Boolean.TRUE.equals(kernel.get("agrees"))
                            ? "agrees"
                            : "DISAGREES with the engine");
        }
    }
}
