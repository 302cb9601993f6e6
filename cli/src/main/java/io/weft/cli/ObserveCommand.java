package io.weft.cli;

import io.weft.agent.NodeClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

@Command(
        name = "observe",
        mixinStandardHelpOptions = true,
        description = {
            "Shows flows of a running node: who talked to whom, the verdict and the rule.",
            "",
            "Filters are named as Hubble's and may repeat: --pod, --from-pod, --to-pod,",
            "--namespace, --ip, --from-ip, --to-ip, --port, --from-port, --to-port, --protocol,",
            "--verdict, --type, --label, --since, --first, --last, --not.",
            "",
            "A connection that the kernel had to forget, because its table of them was full, is",
            "not told of as closed; 'weft status' shows how full it is."
        },
        footer = {
            "",
            "Examples:",
            "  weft observe --last 20",
            "  weft observe -f --verdict DROPPED --to-pod shop/api"
        })
final class ObserveCommand implements Callable<Integer> {
    @Mixin private NodeOption node = new NodeOption();
    @Mixin private OutputOption output = new OutputOption();

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with new flows until Ctrl-C.")
    private boolean follow;

    @Unmatched private List<String> filter = new ArrayList<>();

    @Override
    public Integer call() {
        Map<String, Object> parameters =
                Map.of(
                        "filter",
                        filter,
                        "follow",
                        follow,
                        "format",
                        output.json() ? "json" : "text");
        try (NodeClient client = node.connect()) {
            client.stream(
                    "Observe",
                    parameters,
                    reply -> {
                        if (reply.get("line") instanceof String line) {
                            System.out.println(line);
                        } else if (reply.get("lost") instanceof Number lost) {
                            System.err.println("weft: " + lost + " flows lost: too slow a reader");
                        }
                    });
        }
        return Exit.DONE;
    }
}
