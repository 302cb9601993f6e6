package io.weft.agent;

import io.weft.model.Pod;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds programs before anything is made for a pod that could not run. */
final class Commands {
    private Commands() {}

    /**
     * @param path the value of PATH
     * @throws NodeException naming the container whose program this machine lacks
     */
    static void require(Pod pod, String path) {
        for (Pod.Container container : pod.containers()) {
            String program = container.command().getFirst();
            if (!program.equals("weft") && find(program, path).isEmpty()) {
                throw new NodeException(
                        NodeException.Cause.INPUT,
                        pod.source()
                                + ": "
                                + pod.ref()
                                + ": container "
                                + container.name()
                                + ": program '"
                                + program
                                + "' is not on this machine; pods run the host's own programs");
            }
        }
    }

    private static Optional<Path> find(String program, String path) {
        if (program.contains("/")) {
            return Optional.of(Path.of(program)).filter(Commands::runs);
        }
        for (String directory : path.split(":", -1)) {
            Path candidate = Path.of(directory.isEmpty() ? "." : directory, program);
            if (runs(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    private static boolean runs(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }
}
