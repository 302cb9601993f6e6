package io.weft.cni;

import io.weft.kernel.Errno;
import io.weft.kernel.KernelException;
import io.weft.kernel.NetNs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Environment and stdin to exit code and stdout, as the specification has it: what every plugin
 * does alike is done here. Never throws.
 */
public final class CniDispatcher {
    /** Bytes of a config. */
    public static final int MAX_STDIN = 1 << 20;

    /** From a client that could not open CNI_NETNS: why, as an errno. */
    static final String NETNS_ERROR = "WEFT_CNI_NETNS_ERROR";

    private final Set<String> names;
    private final CniPlugin plugin;
    private final IpamPlugin ipam;
    private final Consumer<Throwable> bugs;

    /**
     * @param names {@code type} of configs that are for this plugin
     * @param bugs told of exceptions that are no answer; the caller gets code 999
     */
    public CniDispatcher(
            Set<String> names, CniPlugin plugin, IpamPlugin ipam, Consumer<Throwable> bugs) {
        this.names = Set.copyOf(names);
        this.plugin = plugin;
        this.ipam = ipam;
        this.bugs = bugs;
    }

    /** As {@link #prepare}, and runs it. */
    public CniAnswer dispatch(Map<String, String> variables, byte[] stdin, Optional<NetNs> netns) {
        return prepare(variables, stdin, netns).run();
    }

    /**
     * Reads a request. What is wrong with it is said when it runs.
     *
     * @param netns what CNI_NETNS names, opened by the caller of the plugin; the dispatcher does
     *     not close it
     */
    public CniCall prepare(Map<String, String> variables, byte[] stdin, Optional<NetNs> netns) {
        if (variables.getOrDefault("CNI_COMMAND", "").isEmpty()) {
            return CniCall.of(new CniAnswer(0, "", about()));
        }
        try {
            CniEnvironment environment = CniEnvironment.read(variables);
            if (environment.command() == CniCommand.VERSION) {
                return CniCall.of(CniAnswer.success(versions(versionOf(stdin))));
            }
            if (stdin.length > MAX_STDIN) {
                throw new CniException(
                        CniCode.BAD_JSON, "stdin: a config of more than " + MAX_STDIN + " bytes");
            }
            boolean absent = environment.command() == CniCommand.DEL && isBlank(stdin);
            NetworkConfig config =
                    absent
                            ? NetworkConfig.absent()
                            : NetworkConfig.read(stdin, this::isOurs, environment.command());
            CniRequest request = new CniRequest(environment, config, netns);
            requireNetns(request, variables);
            CniVersion answered = config.version();
            return CniCall.of(request, () -> guarded(answered, () -> run(request)));
        } catch (CniException e) {
            return CniCall.of(CniAnswer.error(e, versionOf(stdin)));
        } catch (RuntimeException | Error e) {
            return CniCall.of(bug(e, versionOf(stdin)));
        }
    }

    private boolean isOurs(String type) {
        return names.contains(type);
    }

    private static boolean isBlank(byte[] stdin) {
        for (byte b : stdin) {
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return false;
            }
        }
        return true;
    }

    private CniAnswer run(CniRequest request) {
        NetworkConfig config = request.config();
        boolean asIpam = !isOurs(config.type()) && isOurs(config.ipam().type());
        switch (request.environment().command()) {
            case ADD -> {
                CniResult result = asIpam ? ipam.ipamAdd(request) : plugin.add(request);
                return CniAnswer.success(result.toJson(config.version()));
            }
            case DEL -> {
                if (asIpam) {
                    ipam.ipamDelete(request);
                } else {
                    plugin.delete(request);
                }
            }
            case CHECK -> {
                if (asIpam) {
                    ipam.ipamCheck(request);
                } else {
                    plugin.check(request);
                }
            }
            case GC -> {
                if (asIpam) {
                    ipam.ipamGc(request, config.validAttachments());
                } else {
                    plugin.gc(request, config.validAttachments());
                }
            }
            case STATUS -> {
                if (asIpam) {
                    ipam.ipamStatus(request);
                } else {
                    plugin.status(request);
                }
            }
            case VERSION -> throw new IllegalStateException("VERSION is answered before");
        }
        return CniAnswer.success("");
    }

    private static void requireNetns(CniRequest request, Map<String, String> variables) {
        CniEnvironment environment = request.environment();
        CniCommand command = environment.command();
        if (command != CniCommand.ADD && command != CniCommand.CHECK) {
            return;
        }
        NetNs netns =
                request.netns()
                        .orElseThrow(() ->
                                new CniException(
                                        CniCode.BAD_ENVIRONMENT,
                                        "CNI_NETNS: "
                                                + Values.shown(environment.netns())
                                                + ": must be the path of a network"
                                                + " namespace"
                                                + reason(variables)));
        boolean onHost = request.config().weft().interfaceType() == WeftSettings.InterfaceType.HOST;
        if (!onHost && !environment.netnsOverride()) {
            try (NetNs own = NetNs.current()) {
                if (own.isSame(netns)) {
                    throw new CniException(
                            CniCode.BAD_NETNS,
                            "CNI_NETNS: "
                                    + Values.shown(environment.netns())
                                    + " is the plugin's own namespace: must be the container's"
                                    + " (CNI_NETNS_OVERRIDE=1 allows it)");
                }
            }
        }
    }

    private static String reason(Map<String, String> variables) {
        String errno = variables.getOrDefault(NETNS_ERROR, "");
        return errno.matches("[1-9][0-9]{0,2}") ? ": " + Errno.of(Integer.parseInt(errno)) : "";
    }

    private CniAnswer guarded(CniVersion version, Supplier<CniAnswer> work) {
        try {
            return work.get();
        } catch (CniException e) {
            return CniAnswer.error(e, version);
        } catch (KernelException | UncheckedIOException e) {
            return CniAnswer.error(
                    new CniException(CniCode.IO, String.valueOf(e.getMessage())), version);
        } catch (RuntimeException | Error e) {
            return bug(e, version);
        }
    }

    private CniAnswer bug(Throwable e, CniVersion version) {
        bugs.accept(e);
        return CniAnswer.error(
                new CniException(
                        CniCode.INTERNAL, "this is a bug of Weft, please report it", e.toString()),
                version);
    }

    /** {@return the version to answer in: the config's, when it says one that is spoken} */
    static CniVersion versionOf(byte[] stdin) {
        try {
            Object version = Json.object(stdin).getOrDefault("cniVersion", "");
            return CniVersion.tryParse(version.toString()).orElse(CniVersion.LATEST);
        } catch (IOException e) {
            return CniVersion.LATEST;
        }
    }

    static String versions(CniVersion version) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("cniVersion", version.text());
        json.put("supportedVersions", CniVersion.texts());
        return Json.text(json);
    }

    /** {@return what it says when it is not called by a runtime} */
    static String about() {
        return "Weft CNI plugin\nCNI protocol versions supported: "
                + String.join(", ", CniVersion.texts())
                + "\n";
    }
}
