package io.weft.kernel.testing;

import io.weft.kernel.Fd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

final class KernelTestExtension
        implements ExecutionCondition, BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace STORE =
            ExtensionContext.Namespace.create(KernelTestExtension.class);

    private static final Pattern NUMBERS = Pattern.compile("[0-9]{1,9}");

    /**
     * What tests and their nodes make: namespaces of tests and pods, and links in the namespace
     * that is a node's machine, which none of the tests' nodes has in this one.
     */
    private static final Pattern OF_A_RUN = Pattern.compile("weft-t-.*|weft\\..*|weft[0-9a-f]{8}");

    /** What a test may not leave behind. */
    private record Footprint(long descriptors, TreeSet<String> namespaces, TreeSet<String> links) {
        static Footprint now() throws Exception {
            return new Footprint(
                    Fd.openCount(), list(Path.of("/run/netns")), list(Path.of("/sys/class/net")));
        }

        private static TreeSet<String> list(Path directory) throws Exception {
            TreeSet<String> names = new TreeSet<>();
            if (Files.isDirectory(directory)) {
                try (Stream<Path> entries = Files.list(directory)) {
                    entries.map(e -> e.getFileName().toString())
                            .filter(name -> !ofAnotherRun(name) && !ofAnotherJvm(name))
                            .forEach(names::add);
                }
            }
            return names;
        }

        /** Whether another run made it, which may be dead: this one's names have its process id. */
        private static boolean ofAnotherRun(String name) {
            return OF_A_RUN.matcher(name).matches()
                    && !name.contains(Long.toString(ProcessHandle.current().pid()));
        }

        /** Whether the name holds the process id of another running JVM: its tests made it. */
        private static boolean ofAnotherJvm(String name) {
            return NUMBERS.matcher(name)
                    .results()
                    .map(match -> Long.parseLong(match.group()))
                    .filter(pid -> pid != ProcessHandle.current().pid())
                    .flatMap(pid -> ProcessHandle.of(pid).stream())
                    .flatMap(process -> process.info().command().stream())
                    .anyMatch(command -> command.endsWith("/java"));
        }
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        boolean root = ProcessHandle.current().info().user().orElse("").equals("root");
        if (root) {
            return ConditionEvaluationResult.enabled("root");
        }
        if ("true".equals(System.getenv("CI"))) {
            throw new IllegalStateException("kernel tests need root, and CI must run them");
        }
        return ConditionEvaluationResult.disabled("needs root to change the kernel");
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        context.getStore(STORE).put(context.getUniqueId(), Footprint.now());
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        Footprint before = context.getStore(STORE).remove(context.getUniqueId(), Footprint.class);
        Footprint after = Footprint.now();
        if (before != null && !before.equals(after)) {
            throw new AssertionError(
                    "leaked: before "
                            + before
                            + ", after "
                            + after
                            + " ("
                            + context.getDisplayName()
                            + ")");
        }
    }
}
