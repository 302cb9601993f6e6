package io.weft.agent;

import io.weft.agent.Attachment.Delegated;
import io.weft.cni.CniCommand;
import io.weft.cni.CniEnvironment;
import io.weft.cni.CniException;
import io.weft.cni.CniExec;
import io.weft.cni.CniRequest;
import io.weft.cni.CniResult;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Other plugins that a config has Weft call: one that gives addresses. */
final class Delegates {
    private final CniExec exec;
    private final Set<String> own;

    /**
     * @param own names of plugins that are this agent
     */
    Delegates(CniExec exec, Set<String> own) {
        this.exec = exec;
        this.own = Set.copyOf(own);
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
                exec.add(
                        request.config().ipam().type(),
                        request.environment(),
                        request.config().forIpam(),
                        request.config().version()));
    }

    /** {@return what must be undone later} */
    List<Delegated> of(CniRequest request) {
        if (!giveAddresses(request)) {
            return List.of();
        }
        Map<String, String> variables = request.environment().toVariables(CniCommand.DEL);
        return List.of(
                new Delegated(
                        request.config().ipam().type(),
                        new String(request.config().forIpam(), StandardCharsets.UTF_8),
                        variables.getOrDefault("CNI_ARGS", ""),
                        variables.getOrDefault("CNI_PATH", "")));
    }

    /** Gives back what an ADD took that failed; a failure of this one is not said over that. */
    void giveBack(CniRequest request) {
        try {
            pass(CniCommand.DEL, request);
        } catch (CniException e) {
            // the runtime calls DEL next
        }
    }

    /**
     * Has the other plugins of an attachment undo theirs, without its namespace.
     *
     * @throws CniException of the first one that fails, after all were tried
     */
    void giveBack(Attachment attachment) {
        Optional<CniException> failure = Optional.empty();
        for (Delegated delegated : attachment.delegated()) {
            try {
                exec.call(
                        CniCommand.DEL,
                        delegated.type(),
                        environment(attachment, delegated),
                        delegated.config().getBytes(StandardCharsets.UTF_8));
            } catch (CniException e) {
                failure = failure.or(() -> Optional.of(e));
            }
        }
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    private static CniEnvironment environment(Attachment attachment, Delegated delegated) {
        Map<String, String> variables = new HashMap<>();
        variables.put("CNI_COMMAND", CniCommand.DEL.name());
        variables.put("CNI_CONTAINERID", attachment.id().containerId());
        variables.put("CNI_IFNAME", attachment.id().ifname());
        variables.put("CNI_PATH", delegated.path());
        if (!delegated.args().isEmpty()) {
            variables.put("CNI_ARGS", delegated.args());
        }
        return CniEnvironment.read(variables);
    }

    /** Passes a verb without result on to the plugin that gives addresses, if there is one. */
    void pass(CniCommand verb, CniRequest request) {
        if (giveAddresses(request)) {
            exec.call(
                    verb,
                    request.config().ipam().type(),
                    request.environment(),
                    request.config().forIpam());
        }
    }
}
