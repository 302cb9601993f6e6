package io.weft.agent;

import io.weft.agent.Attachment.Delegated;
import io.weft.cni.CniCode;
import io.weft.cni.CniCommand;
import io.weft.cni.CniEnvironment;
import io.weft.cni.CniException;
import io.weft.cni.CniExec;
import io.weft.cni.CniRequest;
import io.weft.cni.CniResult;
import io.weft.cni.NetworkConfig;
import io.weft.kernel.NetNs;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;

/** Other plugins that a config has Weft call: one that makes the interface, one for addresses. */
final class Delegates {
    private final CniExec exec;
    private final Set<String> own;
    private final Optional<NetNs> host;

    /**
     * @param own names of plugins that are this agent
     * @param host the namespace that the others run in; empty: that of this process
     */
    Delegates(CniExec exec, Set<String> own, Optional<NetNs> host) {
        this.exec = exec;
        this.own = Set.copyOf(own);
        this.host = host;
    }

    /** {@return whether another plugin gives the addresses} */
    boolean giveAddresses(CniRequest request) {
        String type = request.config().ipam().type();
        return !type.isEmpty() && !own.contains(type);
    }

    /** {@return what the other plugin gives; empty when there is none to ask} */
    Optional<CniResult> addresses(CniRequest request) {
        if (!giveAddresses(request)) {
            return Optional.empty();
        }
        return Optional.of(
                inHost(() ->
                        exec.add(
                                request.config().ipam().type(),
                                request.environment(),
                                request.config().forIpam(),
                                request.config().version())));
    }

    /**
     * Has the plugin in {@code delegate} make the interface.
     *
     * @throws CniException what it said, or that it is this one itself
     */
    CniResult make(CniRequest request) {
        String type = type(request);
        if (own.contains(type)) {
            throw new CniException(
                    CniCode.BAD_CONFIG, "delegate.type: " + type + ": must be another plugin");
        }
        return inHost(() ->
                exec.add(
                        type,
                        request.environment(),
                        request.config().forDelegate(),
                        request.config().version()));
    }

    private static String type(CniRequest request) {
        return String.valueOf(request.config().weft().delegate().orElseThrow().get("type"));
    }

    /** {@return what must be undone later} */
    List<Delegated> of(CniRequest request) {
        NetworkConfig config = request.config();
        if (config.weft().delegate().isPresent()) {
            byte[] stdin =
                    config.prevResult()
                            .map(made -> config.withPrevResult(config.forDelegate(), made))
                            .orElseGet(config::forDelegate);
            return List.of(delegated(request, type(request), stdin));
        }
        return giveAddresses(request)
                ? List.of(delegated(request, config.ipam().type(), config.forIpam()))
                : List.of();
    }

    private static Delegated delegated(CniRequest request, String type, byte[] stdin) {
        Map<String, String> variables = request.environment().toVariables(CniCommand.DEL);
        return new Delegated(
                type,
                new String(stdin, StandardCharsets.UTF_8),
                variables.getOrDefault("CNI_ARGS", ""),
                variables.getOrDefault("CNI_PATH", ""));
    }

    /** Gives back what an ADD took that failed; a failure of this one is not said over that. */
    void giveBack(CniRequest request) {
        try {
            for (Delegated delegated : of(request)) {
                undo(delegated, request.environment());
            }
        } catch (CniException e) {
            // the runtime calls DEL next
        }
    }

    /**
     * Has the other plugins of an attachment undo theirs.
     *
     * @param namespace path of the container's; empty: it is gone, or may be another's by now
     * @throws CniException of the first one that fails, after all were tried
     */
    void giveBack(Attachment attachment, String namespace) {
        Optional<CniException> failure = Optional.empty();
        for (Delegated delegated : attachment.delegated()) {
            try {
                undo(delegated, environment(attachment, delegated, namespace));
            } catch (CniException e) {
                failure = failure.or(() -> Optional.of(e));
            }
        }
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    private void undo(Delegated delegated, CniEnvironment environment) {
        byte[] stdin = delegated.config().getBytes(StandardCharsets.UTF_8);
        inHost(() -> exec.call(CniCommand.DEL, delegated.type(), environment, stdin));
    }

    private static CniEnvironment environment(
            Attachment attachment, Delegated delegated, String namespace) {
        Map<String, String> variables = new HashMap<>();
        variables.put("CNI_COMMAND", CniCommand.DEL.name());
        variables.put("CNI_CONTAINERID", attachment.id().containerId());
        variables.put("CNI_IFNAME", attachment.id().ifname());
        variables.put("CNI_PATH", delegated.path());
        if (!namespace.isEmpty()) {
            variables.put("CNI_NETNS", namespace);
        }
        if (!delegated.args().isEmpty()) {
            variables.put("CNI_ARGS", delegated.args());
        }
        return CniEnvironment.read(variables);
    }

    /** Passes a verb without result on to the plugin that makes or addresses the interface. */
    void pass(CniCommand verb, CniRequest request) {
        NetworkConfig config = request.config();
        if (config.weft().delegate().isPresent()) {
            byte[] stdin = config.forDelegate();
            inHost(() -> exec.call(verb, type(request), request.environment(), stdin));
        } else if (giveAddresses(request)) {
            byte[] stdin = config.forIpam();
            inHost(() -> exec.call(verb, config.ipam().type(), request.environment(), stdin));
        }
    }

    private <T> T inHost(Callable<T> call) {
        if (host.isPresent()) {
            return host.get().call(call);
        }
        try {
            return call.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void inHost(Runnable call) {
        if (host.isPresent()) {
            host.get().run(call);
        } else {
            call.run();
        }
    }
}
