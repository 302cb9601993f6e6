package io.weft.cni;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Calls another plugin, as a runtime does: an IPAM plugin, a delegate. */
public final class CniExec {
    private static final String SAFE_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";
    private static final int SHOWN = 500;

    private final Duration limit;

    /**
     * @param limit of one call; the plugin is killed then
     */
    public CniExec(Duration limit) {
        this.limit = limit;
    }

    /**
     * {@return the program of a plugin: the first of that name in the directories}
     *
     * @throws CniException code 7 when the name is a path, or there is none
     */
    public static Path find(String type, List<String> directories) {
        if (type.isEmpty() || type.contains("/") || Set.of(".", "..").contains(type)) {
            throw new CniException(
                    CniCode.BAD_CONFIG,
                    "plugin " + Values.shown(type) + ": must be a plugin's name, not a path");
        }
        return directories.stream()
                .map(directory -> Path.of(directory, type))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst()
                .orElseThrow(() ->
                        new CniException(
                                CniCode.BAD_CONFIG,
                                "plugin '"
                                        + type
                                        + "': not in CNI_PATH: "
                                        + String.join(":", directories)));
    }

    /**
     * Calls ADD.
     *
     * @param type the plugin, found by {@code environment.path()}
     * @param stdin its config; see {@link NetworkConfig#forIpam} and {@link
     *     NetworkConfig#forDelegate}
     * @throws CniException what the plugin said, or code 5 when it said nothing useful
     */
    public CniResult add(
            String type, CniEnvironment environment, byte[] stdin, CniVersion version) {
        Answer answer = call(type, CniCommand.ADD, environment, stdin);
        try {
            return CniResult.parse(answer.stdout(), version);
        } catch (CniException e) {
            throw new CniException(CniCode.IO, "plugin '" + type + "': " + e.text(), e.details());
        }
    }

    /**
     * Calls a verb that has no result.
     *
     * @throws CniException as {@link #add}
     */
    public void call(CniCommand verb, String type, CniEnvironment environment, byte[] stdin) {
        call(type, verb, environment, stdin);
    }

    private record Answer(String stdout) {}

    private Answer call(String type, CniCommand verb, CniEnvironment environment, byte[] stdin) {
        Path program = find(type, environment.path());
        Map<String, String> variables = new HashMap<>(environment.toVariables(verb));
        variables.put(
                "PATH", Optional.ofNullable(System.getenv("PATH")).orElse(SAFE_PATH)); // iptables
        CniProcess.Output output;
        try {
            output = CniProcess.run(List.of(program.toString()), variables, stdin, limit);
        } catch (CniProcess.LateException e) {
            throw new CniException(CniCode.TRY_AGAIN, "plugin '" + type + "': " + e.getMessage());
        } catch (IOException e) {
            throw new CniException(CniCode.IO, "plugin '" + type + "': " + e.getMessage());
        }
        if (output.exitCode() != 0) {
            throw failure(type, output);
        }
        return new Answer(output.stdout());
    }

    /** {@return the error that the plugin printed, or its stderr when that is none} */
    static CniException failure(String type, CniProcess.Output output) {
        return error(output.stdout())
                .map(e ->
                        new CniException(
                                e.code(), "plugin '" + type + "': " + e.text(), e.details()))
                .orElseGet(() ->
                        new CniException(
                                CniCode.IO,
                                "plugin '"
                                        + type
                                        + "' ended with exit code "
                                        + output.exitCode()
                                        + " and without an error on stdout",
                                cut(
                                        output.stderr().isBlank()
                                                ? output.stdout()
                                                : output.stderr())));
    }

    /** {@return the error in {@code stdout}, or nothing when it is none} */
    static Optional<CniException> error(String stdout) {
        try {
            Map<String, Object> json =
                    new TreeMap<>(Json.object(stdout.getBytes(StandardCharsets.UTF_8)));
            Object code = json.getOrDefault("code", 0);
            if (!(code instanceof Integer number) || !json.containsKey("msg")) {
                return Optional.empty();
            }
            return Optional.of(
                    new CniException(
                            number,
                            json.get("msg").toString(),
                            json.getOrDefault("details", "").toString()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String cut(String text) {
        String stripped = text.strip();
        return stripped.length() <= SHOWN ? stripped : stripped.substring(0, SHOWN) + "…";
    }
}
