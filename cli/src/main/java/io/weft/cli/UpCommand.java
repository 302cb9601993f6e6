package io.weft.cli;

import io.weft.agent.Node;
import io.weft.agent.NodeApi;
import io.weft.agent.NodeConfig;
import io.weft.agent.PodStatus;
import io.weft.agent.Reachability;
import io.weft.agent.Reachability.Answer;
import io.weft.agent.Reachability.Tested;
import io.weft.agent.ServiceSettings;
import io.weft.agent.UplinkSetting;
import io.weft.compiler.Compilation;
import io.weft.flow.FlowPrinter;
import io.weft.flow.FlowQuery;
import io.weft.flow.Follower;
import io.weft.model.ManifestReader;
import io.weft.model.Manifests;
import io.weft.model.Prefix;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        description = {
            "Runs a whole node in the foreground with these manifests: each Pod's command as local",
            "processes in a namespace of its own, policy in the kernel, flows on the terminal until",
            "Ctrl-C; then nothing is left behind."
        },
        footer = {
            "",
            "Examples:",
            "  weft up examples/microservice-isolation",
            "  weft up examples/shop --once -o json",
            "  weft up examples/shop --audit",
            "  weft up examples/services --uplink eth0",
            "  weft up examples/services --uplink eth0,xdp=auto"
        })
final class UpCommand implements Callable<Integer> {
    private static final Duration READY_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration FOLLOW_PAUSE = Duration.ofSeconds(1);
    private static final int MATRIX_FLOWS = 1000;
    private static final int FOLLOW_QUEUE = 8192;

    @Mixin private NodeOption node = new NodeOption();
    @Mixin private OutputOption output = new OutputOption();
    @Mixin private ServicePoolOptions services = new ServicePoolOptions();

    @Parameters(arity = "1..*", paramLabel = "DIR|FILE", description = "Manifests.")
    private List<Path> paths = List.of();

    @Option(
            names = "--once",
            description =
                    "Check the expectations, print the connectivity matrix, and end: 0 when all"
                            + " hold, 1 when not.")
    private boolean once;

    @Option(
            names = "--audit",
            description =
                    "Cut nothing: what policy would drop is forwarded and told of as AUDIT. A pod"
                            + " or namespace may say otherwise (annotation weft.io/audit).")
    private boolean audit;

    @Option(
            names = "--pool4",
            paramLabel = "CIDR",
            description = "IPv4 addresses for pods (default: 10.77.0.0/16).")
    private String pool4 = NodeConfig.DEFAULT_POOL4.toString();

    @Option(
            names = "--pool6",
            paramLabel = "CIDR",
            description = "IPv6 addresses for pods (default: fd77::/64).")
    private String pool6 = NodeConfig.DEFAULT_POOL6.toString();

    @Option(
            names = "--cluster-domain",
            paramLabel = "DOMAIN",
            description = "Below it services and pods have names (default: cluster.local).")
    private String clusterDomain = ServiceSettings.DEFAULT_CLUSTER_DOMAIN;

    @Option(
            names = "--uplink",
            paramLabel = "DEV[,xdp=MODE]",
            description = {
                "An interface over which clients outside reach node ports, load balancers and"
                        + " external IPs; may be given more than once (default: none).",
                "With xdp=native its driver looks at what comes in, before there is a buffer of"
                        + " the stack; xdp=auto if it can and tc else; xdp=generic anywhere, for"
                        + " trying out. Drivers may restart the link for it, and give up receive"
                        + " offloads (default: xdp=off)."
            })
    private List<String> uplinks = List.of();

    @Option(
            names = "--masquerade",
            description =
                    "Whoever pods connect to over an uplink sees the node's address; other pods see"
                            + " theirs (default: no).")
    private boolean masquerade;

    @Option(
            names = "--masquerade-except",
            paramLabel = "CIDR",
            description =
                    "With --masquerade: there, too, pods go with their own addresses; may be given"
                            + " more than once.")
    private List<String> except = List.of();

    private Optional<List<Prefix>> masquerade() {
        if (masquerade && uplinks.isEmpty()) {
            throw new IllegalArgumentException(
                    "--masquerade: it is done at uplinks: name one with --uplink");
        }
        if (!masquerade && !except.isEmpty()) {
            throw new IllegalArgumentException("--masquerade-except goes with --masquerade");
        }
        return masquerade
                ? Optional.of(except.stream().map(Prefix::parse).toList())
                : Optional.empty();
    }

    @Override
    public Integer call() throws InterruptedException {
        Manifests read = new ManifestReader().strictReferences().parseAll(paths);
        NodeConfig usual = NodeConfig.of(node.instance, Launcher.command());
        NodeConfig config =
                new NodeConfig(
                                usual.instance(),
                                usual.runDirectory(),
                                usual.pinDirectory(),
                                Prefix.parse(pool4),
                                Prefix.parse(pool6),
                                usual.host(),
                                usual.launcher())
                        .withServices(
                                new ServiceSettings(
                                        services.pools(),
                                        clusterDomain,
                                        uplinks.stream().map(UplinkSetting::parse).toList(),
                                        masquerade()))
                        .withAuditForAll(audit);
        Progress progress = new Progress();
        try (Shutdown shutdown = new Shutdown()) {
            Node running = Node.start(config, "weft up " + paths.getFirst());
            shutdown.closing(running);
            progress.say("node " + config.instance() + ": datapath loaded");
            running.apply(read.resources());
            Compilation compilation = running.state().compilation();
            Stream.concat(read.warnings().stream(), compilation.warnings().stream())
                    .forEach(warning -> System.err.println("warning: " + warning));
            progress.say(
                    running.state().endpoints().size()
                            + " workloads wired, "
                            + compilation.snapshot().countOfPolicies()
                            + " policies in force");
            if (!ready(running, progress)) {
                return Exit.NO;
            }
            NodeApi api = NodeApi.serve(running);
            shutdown.closing(api);
            Reachability reachability = new Reachability(running);
            progress.say(
                    "testing "
                            + running.state().snapshot().expectations().size()
                            + " expectations");
            List<Tested> tested = reachability.expectations();
            Optional<List<Answer>> matrix =
                    once ? reachability.matrix(MATRIX_FLOWS) : Optional.empty();
            boolean ok = tested.stream().allMatch(Tested::ok);
            if (once) {
                if (output.json()) {
                    Json.print(UpReport.json(running.state(), tested, matrix, ok));
                } else {
                    System.out.print(UpReport.text(running.state(), tested, matrix));
                }
                return ok ? Exit.DONE : Exit.NO;
            }
            if (!output.json()) {
                System.out.print(UpReport.text(running.state(), tested, matrix));
            }
            progress.say("flows, until Ctrl-C:");
            follow(running);
            return Exit.DONE;
        }
    }

    private static boolean ready(Node running, Progress progress) {
        boolean ready = true;
        for (PodStatus status : running.awaitReady(READY_TIMEOUT)) {
            if (status.problem().isPresent()) {
                ready = false;
                System.err.printf(
                        "weft: %s is not ready: %s%n", status.pod(), status.problem().get());
            }
        }
        if (ready) {
            progress.say("all workloads are ready");
        }
        return ready;
    }

    private void follow(Node running) throws InterruptedException {
        FlowPrinter printer =
                output.json()
                        ? FlowPrinter.json()
                        : FlowPrinter.compact(ZoneId.systemDefault(), Terminal.colour());
        try (Follower follower = running.flows().follow(FlowQuery.ALL, FOLLOW_QUEUE)) {
            while (true) {
                Optional<Follower.Item> item = follower.next(FOLLOW_PAUSE);
                if (item.isEmpty()) {
                    continue;
                }
                switch (item.get()) {
                    case Follower.Item.Seen(io.weft.flow.Flow flow) ->
                            System.out.println(printer.print(flow));
                    case Follower.Item.Lost(long count) ->
                            System.err.printf(
                                    Locale.ROOT, "weft: %d flows lost: too slow a reader%n", count);
                    case Follower.Item.End() -> {
                        return;
                    }
                }
            }
        }
    }
}
