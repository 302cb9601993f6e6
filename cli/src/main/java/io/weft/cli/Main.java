package io.weft.cli;

import io.weft.agent.NodeClient;
import io.weft.agent.NodeException;
import io.weft.bpf.BpfException;
import io.weft.claims.ClaimsException;
import io.weft.compiler.QueryException;
import io.weft.datapath.DatapathException;
import io.weft.flow.FlowFileException;
import io.weft.flow.FlowFilterException;
import io.weft.kernel.KernelException;
import io.weft.model.ManifestException;
import io.weft.netlink.NetlinkException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParseResult;

/** The entry point: finds the subcommand, runs it, turns its failure into a message and a code. */
@Command(
        name = "weft",
        description = "One programmable network for containers and virtual machines on Linux.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = {
            UpCommand.class,
            AgentCommand.class,
            CheckCommand.class,
            WhyCommand.class,
            ApplyCommand.class,
            DiffCommand.class,
            GetCommand.class,
            DeleteCommand.class,
            ObserveCommand.class,
            RecommendCommand.class,
            StatusCommand.class,
            LabCommand.class,
            CniCommand.class,
            AdviseCommand.class,
            HelpCommand.class,
        },
        footer = {
            "",
            "Examples:",
            "  weft up examples/microservice-isolation",
            "  weft check examples/shop",
            "  weft why frontend backend --port 8080/tcp --live",
            "",
            "Exit codes: 0 done; 1 the answer is no or a check failed; 2 wrong usage or bad input;",
            "3 this machine cannot do it; 4 no node answers.",
        })
public final class Main {
    private static final String LOG_FORMAT = "java.util.logging.SimpleFormatter.format";

    private Main() {}

    public static void main(String[] arguments) throws Exception {
        List<String> words = List.of(arguments);
        if (!words.isEmpty() && words.getFirst().equals("workload")) {
            System.exit(Workload.run(words.subList(1, words.size())));
        }
        if (System.getProperty(LOG_FORMAT) == null) {
            System.setProperty(LOG_FORMAT, "weft: %5$s%6$s%n");
        }
        System.exit(run(arguments));
    }

    /** {@return the exit code} */
    static int run(String... arguments) {
        CommandLine command = new CommandLine(new Main());
        command.setCaseInsensitiveEnumValuesAllowed(true);
        command.setUsageHelpAutoWidth(true);
        command.setExecutionExceptionHandler(Main::explain);
        command.getCommandSpec().exitCodeOnInvalidInput(Exit.BAD_INPUT);
        command.setParameterExceptionHandler((e, args) -> {
            System.err.println("weft: " + e.getMessage());
            CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr());
            System.err.println(
                    "Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
            return Exit.BAD_INPUT;
        });
        return command.execute(arguments);
    }

    private static int explain(Exception e, CommandLine command, ParseResult parsed) {
        int code = code(e);
        switch (code) {
            case Exit.BUG -> {
                System.err.println("weft: this is a bug, please report it:");
                e.printStackTrace();
            }
            default ->
                    System.err.println(
                            (e instanceof ManifestException ? "" : "weft: ") + e.getMessage());
        }
        return code;
    }

    private static int code(Exception e) {
        return switch (e) {
            case ManifestException _,
                    ClaimsException _,
                    QueryException _,
                    FlowFileException _,
                    FlowFilterException _,
                    IllegalArgumentException _ ->
                    Exit.BAD_INPUT;
            case NodeClient.UnreachableException _ -> Exit.UNREACHABLE;
            case NodeClient.CallFailedException c ->
                    c.error().equals("Invalid") ? Exit.BAD_INPUT : Exit.NO;
            case NodeException n ->
                    n.cause() == NodeException.Cause.INPUT ? Exit.BAD_INPUT : Exit.MACHINE;
            case KernelException _, BpfException _, NetlinkException _, DatapathException _ ->
                    Exit.MACHINE;
            default -> Exit.BUG;
        };
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"weft " + (version == null ? "(not packaged)" : version)};
        }
    }
}
