package io.weft.cni;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Puts the client and its config where runtimes look, each complete or not at all, the config last;
 * and takes exactly that away again. A file that it did not write is never touched.
 */
public final class CniInstaller {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> SOURCES = List.of("weft-cni.c", "weft-bare.h");

    /** Without the C library; on x86-64 alone. */
    private static final List<String> BARE =
            List.of(
                    "-static",
                    "-Os",
                    "-s",
                    "-ffreestanding",
                    "-nostdlib",
                    "-fno-stack-protector",
                    "-fno-asynchronous-unwind-tables",
                    "-fno-tree-loop-distribute-patterns", // or memset would be made of itself
                    "-U_FORTIFY_SOURCE");

    private final Path binDirectory;
    private final Path confDirectory;
    private final String network;
    private final String type;

    /**
     * @param network the network's name, and the config's: {@code 10-NETWORK.conflist}
     * @param instance the agent that is asked; {@code default} makes the plugin {@code weft}, any
     *     other one {@code weft-INSTANCE}
     * @throws IllegalArgumentException when a name is none
     */
    public CniInstaller(Path binDirectory, Path confDirectory, String network, String instance) {
        require("--name", network);
        require("--instance", instance);
        this.binDirectory = binDirectory.toAbsolutePath();
        this.confDirectory = confDirectory.toAbsolutePath();
        this.network = network;
        this.type = instance.equals("default") ? "weft" : "weft-" + instance;
    }

    private static void require(String option, String name) {
        if (!Values.isName(name) || name.length() > 64) {
            throw new IllegalArgumentException(
                    option
                            + ": "
                            + Values.shown(name)
                            + ": must be "
                            + Values.NAME_FORM
                            + ", at most 64");
        }
    }

    /**
     * @param files what was written, the config last
     * @param notes what whoever installs should know
     */
    public record Report(List<Path> files, List<String> notes) {}

    public Path program() {
        return binDirectory.resolve(type);
    }

    public Path config() {
        return confDirectory.resolve("10-" + network + ".conflist");
    }

    private InstallRecord record() {
        return new InstallRecord(binDirectory.resolve("." + type + "." + network + ".installed"));
    }

    private Path cache() {
        return binDirectory.resolve("." + type + ".aot");
    }

    /**
     * Installs, also over what an earlier one installed.
     *
     * @param java starts the class that is named after it, for a machine without a C compiler
     * @throws IllegalStateException naming a file that is there and is not the installer's, before
     *     anything is changed
     */
    public Report install(List<String> java) {
        return install(java, true);
    }

    /** As {@link #install(List)}; with a compiler only if {@code compiling}. */
    Report install(List<String> java, boolean compiling) {
        List<String> notes = new ArrayList<>();
        InstallRecord record = record();
        try {
            List<Path> made = new ArrayList<>();
            makeDirectory(binDirectory, made);
            makeDirectory(confDirectory, made);
            Map<Path, byte[]> files = programs(java, compiling, notes);
            files.put(config(), conflist());
            for (Map.Entry<Path, byte[]> file : files.entrySet()) {
                refuseForeign(record, file.getKey(), file.getValue());
            }
            record.expect(files, made);
            for (Map.Entry<Path, byte[]> file : files.entrySet()) {
                if (file.getKey().equals(program())) {
                    writeProgram(file.getValue());
                } else {
                    AtomicFile.write(file.getKey(), file.getValue(), "rw-r--r--");
                }
            }
            if (!files.containsKey(cache()) && Files.exists(cache()) && record.isOurs(cache())) {
                Files.delete(cache());
            }
            record.keep(files);
            before().ifPresent(notes::add);
            return new Report(List.copyOf(files.keySet()), notes);
        } catch (IOException e) {
            throw new UncheckedIOException("install into " + binDirectory, e);
        }
    }

    private void writeProgram(byte[] bytes) throws IOException {
        Path temporary = AtomicFile.prepare(program(), bytes, "rwxr-xr-x");
        try {
            verify(temporary);
            AtomicFile.rename(temporary, program());
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static void makeDirectory(Path directory, List<Path> made) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
            made.add(directory);
        }
    }

    private static void refuseForeign(InstallRecord record, Path file, byte[] wanted)
            throws IOException {
        if (Files.exists(file)
                && !record.isOurs(file)
                && !InstallRecord.digest(Files.readAllBytes(file))
                        .equals(InstallRecord.digest(wanted))) {
            throw new IllegalStateException(
                    file
                            + " is there, and is not as an install of weft left it: move it away,"
                            + " or choose another --name or --instance");
        }
    }

    /** Removes what {@link #install} wrote and nobody changed since. */
    public Report uninstall() {
        try {
            List<String> notes = new ArrayList<>();
            List<Path> removed = record().remove(List.of(config(), program(), cache()), notes);
            return new Report(removed, notes);
        } catch (IOException e) {
            throw new UncheckedIOException("uninstall from " + binDirectory, e);
        }
    }

    /** {@return what to write before the config, in order} */
    private Map<Path, byte[]> programs(List<String> java, boolean compiling, List<String> notes)
            throws IOException {
        Map<Path, byte[]> files = new LinkedHashMap<>();
        String reason = "not asked for";
        if (compiling) {
            try {
                files.put(program(), compile());
                return files;
            } catch (IOException e) {
                reason = String.valueOf(e.getMessage());
            }
        }
        notes.add(
                "no C client, so each call starts a JVM: "
                        + reason
                        + "; install a C compiler with a static libc (Debian: gcc libc6-dev) and"
                        + " install again");
        Path trained = Files.createTempFile("weft", ".aot");
        try {
            train(java, trained);
            files.put(cache(), Files.readAllBytes(trained));
        } catch (IOException e) {
            notes.add("no start-up cache for it: " + e.getMessage());
        } finally {
            Files.deleteIfExists(trained);
        }
        files.put(program(), script(java, files.containsKey(cache())));
        return files;
    }

    /** The options of the older kind of cache exclude those of the newer. */
    private static List<String> withoutSharing(List<String> java) {
        List<String> command = new ArrayList<>(java);
        command.removeIf(word -> word.startsWith("-Xshare"));
        return command;
    }

    /** Calls once what each call will: what it loads is kept. */
    private static void train(List<String> java, Path cache) throws IOException {
        List<String> command = withoutSharing(java);
        command.add(1, "-XX:AOTCacheOutput=" + cache);
        command.addAll(List.of(CniClient.class.getName(), "weft"));
        CniProcess.Output output =
                CniProcess.run(
                        command,
                        Map.of(
                                "CNI_COMMAND",
                                "ADD",
                                "CNI_NETNS",
                                "/proc/self/ns/net",
                                "WEFT_CNI_SOCKET",
                                cache + ".nobody"),
                        new byte[0],
                        LIMIT);
        if (Files.size(cache) == 0) {
            throw new IOException(output.stdout() + output.stderr());
        }
    }

    /** {@return the client for this machine} */
    static byte[] compile() throws IOException {
        return compile(
                System.getProperty("os.arch").equals("amd64")
                        ? BARE
                        : List.of("-static", "-Os", "-s"));
    }

    static byte[] compile(List<String> flags) throws IOException {
        Path directory = Files.createTempDirectory("weft-cni");
        Path program = directory.resolve("weft");
        try {
            for (String name : SOURCES) {
                write(name, directory.resolve(name));
            }
            List<String> command = new ArrayList<>(List.of("cc", "-Wall", "-Wextra"));
            command.addAll(flags);
            command.addAll(
                    List.of(
                            "-o",
                            program.toString(),
                            directory.resolve(SOURCES.getFirst()).toString()));
            CniProcess.Output output =
                    CniProcess.run(
                            command,
                            Map.of("PATH", String.valueOf(System.getenv("PATH")), "LC_ALL", "C"),
                            new byte[0],
                            LIMIT);
            if (output.exitCode() != 0) {
                throw new IOException("cc failed: " + output.stderr().strip());
            }
            return Files.readAllBytes(program);
        } finally {
            for (String name : SOURCES) {
                Files.deleteIfExists(directory.resolve(name));
            }
            Files.deleteIfExists(program);
            Files.deleteIfExists(directory);
        }
    }

    private static void write(String resource, Path file) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(
                        CniInstaller.class.getResourceAsStream(resource), resource)) {
            Files.write(file, in.readAllBytes());
        }
    }

    private byte[] script(List<String> java, boolean cached) {
        StringBuilder text = new StringBuilder("#!/bin/sh\n# Weft's CNI plugin, in Java.\nexec");
        List<String> command = cached ? withoutSharing(java) : new ArrayList<>(java);
        if (cached) {
            command.addAll(1, List.of("-XX:AOTCache=" + cache(), "-Xlog:aot=off", "-Xlog:cds=off"));
        }
        command.addAll(List.of(CniClient.class.getName(), type));
        for (String word : command) {
            text.append(" '").append(word.replace("'", "'\\''")).append('\'');
        }
        return text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void verify(Path program) throws IOException {
        CniProcess.Output output =
                CniProcess.run(
                        List.of(program.toString()),
                        Map.of("CNI_COMMAND", "VERSION"),
                        new byte[0],
                        LIMIT);
        Map<String, Object> answer =
                output.exitCode() == 0
                        ? Json.object(output.stdout().getBytes(StandardCharsets.UTF_8))
                        : Map.of();
        if (!CniVersion.texts().equals(answer.get("supportedVersions"))) {
            throw new IOException(
                    program
                            + " does not answer VERSION on this machine: "
                            + output.stdout()
                            + output.stderr());
        }
    }

    /** Runtimes before libcni 1.3 know no {@code cniVersions} and take {@code cniVersion}. */
    private byte[] conflist() {
        Map<String, Object> capabilities = new LinkedHashMap<>();
        RuntimeConfig.CAPABILITIES.forEach(c -> capabilities.put(c, true));
        Map<String, Object> plugin = new LinkedHashMap<>();
        plugin.put("type", type);
        plugin.put("capabilities", capabilities);
        Map<String, Object> list = new LinkedHashMap<>();
        list.put("cniVersion", CniVersion.V1_0_0.text());
        list.put("cniVersions", CniVersion.texts());
        list.put("name", network);
        list.put("plugins", List.of(plugin));
        return (Json.text(list) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Runtimes of Kubernetes take the first config by name. */
    private Optional<String> before() throws IOException {
        String own = String.valueOf(config().getFileName());
        try (Stream<Path> files = Files.list(confDirectory)) {
            return files.map(f -> String.valueOf(f.getFileName()))
                    .filter(f ->
                            f.endsWith(".conf") || f.endsWith(".conflist") || f.endsWith(".json"))
                    .filter(f -> f.compareTo(own) < 0)
                    .sorted()
                    .findFirst()
                    .map(f ->
                            f
                                    + " comes before "
                                    + own
                                    + ": runtimes that take the first config take that one");
        }
    }
}
