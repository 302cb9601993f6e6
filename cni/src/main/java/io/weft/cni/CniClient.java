package io.weft.cni;

import io.weft.kernel.Errno;
import io.weft.kernel.Fd;
import io.weft.kernel.KernelException;
import io.weft.kernel.Linux;
import io.weft.kernel.UnixSocket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The same as {@code weft-cni.c}, for machines without a C compiler: what a small script starts.
 * Variables and files are those that the C program's head names.
 */
public final class CniClient {
    private static final int MAX_ANSWER = 1 + CniDispatcher.MAX_STDIN;
    private static final int DEFAULT_SECONDS = 60;

    private final Map<String, String> environment;
    private final Path socket;
    private final Tombstones tombstones;

    private CniClient(Map<String, String> environment, String instance) {
        this.environment = environment;
        this.socket =
                Path.of(
                        environment.getOrDefault(
                                "WEFT_CNI_SOCKET", "/run/weft/" + instance + "/cni.sock"));
        this.tombstones =
                new Tombstones(
                        Path.of(
                                environment.getOrDefault(
                                        "WEFT_CNI_TOMBSTONES",
                                        "/var/lib/weft/" + instance + "/tombstones")));
    }

    /**
     * Is the plugin.
     *
     * @param arguments its name: {@code weft}, or {@code weft-INSTANCE}
     */
    public static void main(String[] arguments) {
        CniAnswer answer =
                call(System.getenv(), System.in, arguments.length == 0 ? "weft" : arguments[0]);
        System.out.print(answer.stdout());
        System.out.flush();
        System.err.print(answer.stderr());
        System.exit(answer.exitCode());
    }

    /**
     * {@return what the plugin says}
     *
     * @param name the plugin's: {@code weft-INSTANCE} asks that agent, any other one the default's
     */
    public static CniAnswer call(Map<String, String> environment, InputStream in, String name) {
        String instance = name.startsWith("weft-") ? name.substring("weft-".length()) : "default";
        String verb = environment.getOrDefault("CNI_COMMAND", "");
        if (verb.isEmpty()) {
            return new CniAnswer(0, "", CniDispatcher.about());
        }
        if (verb.equals("VERSION")) {
            return CniAnswer.success(CniDispatcher.versions(CniVersion.LATEST));
        }
        try {
            byte[] stdin = in.readNBytes(CniDispatcher.MAX_STDIN + 1);
            CniVersion version = CniDispatcher.versionOf(stdin);
            try {
                return new CniClient(environment, instance).call(verb, stdin);
            } catch (CniException e) {
                return CniAnswer.error(e, version);
            } catch (KernelException | UncheckedIOException e) {
                int code = verb.equals("STATUS") ? CniCode.UNAVAILABLE : CniCode.TRY_AGAIN;
                return CniAnswer.error(
                        new CniException(
                                code,
                                "Weft's agent: "
                                        + e.getMessage()
                                        + ": start it, or try again later"),
                        version);
            }
        } catch (IOException e) {
            return CniAnswer.error(
                    new CniException(CniCode.IO, "stdin: " + e.getMessage()), CniVersion.LATEST);
        }
    }

    private CniAnswer call(String verb, byte[] stdin) {
        if (stdin.length > CniDispatcher.MAX_STDIN) {
            throw new CniException(CniCode.BAD_JSON, "stdin: a config of more than 1 MiB");
        }
        Map<String, String> variables = new TreeMap<>();
        environment.forEach((name, value) -> {
            if (name.startsWith("CNI_")
                    || List.of("TRACEPARENT", "TRACESTATE", "BAGGAGE").contains(name)) {
                variables.put(name, value);
            }
        });
        Optional<Fd> netns = openNetns(variables);
        try {
            byte[] request = Wire.write(variables, stdin);
            if (request.length - stdin.length > Wire.MAX_VARIABLES) {
                throw new CniException(
                        CniCode.BAD_ENVIRONMENT,
                        "the variables CNI_* are longer than 64 KiB together");
            }
            try {
                return relay(request, netns);
            } catch (KernelException e) {
                // EAGAIN: it is there, but too slow
                if (!verb.equals("DEL") || e.is(Errno.EAGAIN)) {
                    throw e;
                }
                return leave(request, netns);
            }
        } finally {
            netns.ifPresent(Fd::close);
        }
    }

    private CniAnswer leave(byte[] request, Optional<Fd> netns) {
        for (String name : List.of("CNI_CONTAINERID", "CNI_IFNAME")) {
            if (environment.getOrDefault(name, "").isEmpty()) {
                throw new CniException(CniCode.BAD_ENVIRONMENT, name + ": missing, or empty");
            }
        }
        Path file = tombstones.write(request, Instant.now(), ProcessHandle.current().pid());
        try {
            CniAnswer answer = relay(request, netns);
            Files.deleteIfExists(file);
            return answer;
        } catch (KernelException e) {
            return CniAnswer.success("");
        } catch (IOException e) {
            throw new UncheckedIOException("remove " + file, e);
        }
    }

    private static Optional<Fd> openNetns(Map<String, String> variables) {
        String path = variables.getOrDefault("CNI_NETNS", "");
        if (path.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Linux.open(Path.of(path), Linux.O_RDONLY | Linux.SOCK_NONBLOCK));
        } catch (KernelException e) {
            variables.put(CniDispatcher.NETNS_ERROR, Integer.toString(e.errno().code()));
            return Optional.empty();
        }
    }

    private CniAnswer relay(byte[] request, Optional<Fd> netns) {
        try (UnixSocket agent = UnixSocket.connect(socket);
                Arena arena = Arena.ofConfined()) {
            agent.limitWaits(seconds() * 1000L);
            agent.sendAll(arena.allocateFrom(ValueLayout.JAVA_BYTE, request), netns);
            agent.endOutput();
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            MemorySegment buffer = arena.allocate(64 << 10);
            List<Fd> none = new ArrayList<>();
            int n;
            while (answer.size() <= MAX_ANSWER && (n = agent.receiveWaiting(buffer, none)) != 0) {
                none.forEach(Fd::close);
                if (n < 0) {
                    throw new KernelException("wait for the agent at " + socket, -n);
                }
                answer.writeBytes(buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE));
            }
            byte[] whole = answer.toByteArray();
            if (whole.length == 0) {
                throw new KernelException("read the answer of the agent at " + socket, 32);
            }
            return new CniAnswer(
                    whole[0] & 255,
                    new String(whole, 1, whole.length - 1, StandardCharsets.UTF_8),
                    "");
        }
    }

    private int seconds() {
        String given = environment.getOrDefault("WEFT_CNI_TIMEOUT", "");
        return given.matches("[1-9][0-9]{0,2}") ? Integer.parseInt(given) : DEFAULT_SECONDS;
    }
}
