package io.weft.agent;

import io.weft.cni.CniCode;
import io.weft.cni.CniException;
import io.weft.compiler.Compilation;
import io.weft.model.Labels;
import io.weft.model.Pod;
import io.weft.model.Ref;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Workloads whose traffic no program of the node sees. What a policy says of one would not hold, so
 * none may select it: neither when it comes, nor when manifests change.
 */
final class UnseenWorkloads {
    private static final System.Logger LOG = System.getLogger(UnseenWorkloads.class.getName());

    private final Node node;
    private final Attachments attachments;

    UnseenWorkloads(Node node, Attachments attachments) {
        this.node = node;
        this.attachments = attachments;
    }

    private List<Attachment> all() {
        return attachments.all().stream()
                .filter(attachment -> attachment.kind() == InterfaceKind.MACVLAN)
                .toList();
    }

    /**
     * Has one come that no policy selects; manifests do not change meanwhile.
     *
     * @param record puts it among the attachments
     * @throws CniException when a policy selects it
     */
    synchronized <T> T admit(Attachment attachment, Supplier<T> record) {
        Set<Ref> policies = policies(attachment, node.state().compilation());
        if (!policies.isEmpty()) {
            throw new CniException(
                    CniCode.BAD_CONFIG,
                    "interface: \"macvlan\" is past the programs of the node, and "
                            + attachment.pod()
                            + " is selected by "
                            + policies
                            + ", which would not hold: use \"veth\" or \"bridge\", or have no"
                            + " policy select it");
        }
        return record.get();
    }

    /**
     * Changes manifests, so that no policy selects one of these afterwards; none comes meanwhile.
     *
     * @throws NodeException when a policy would
     */
    synchronized <T> T change(Supplier<ChangePlan> planned, Supplier<T> change) {
        List<Attachment> unseen = all();
        if (!unseen.isEmpty()) {
            ChangePlan plan = planned.get();
            Compilation after = plan.compilation().next(plan.delta());
            for (Attachment attachment : unseen) {
                List<Ref> policies = new ArrayList<>(policies(attachment, after));
                policies.removeAll(policies(attachment, plan.compilation())); // told at the start
                if (!policies.isEmpty()) {
                    throw new NodeException(
                            NodeException.Cause.INPUT,
                            policies
                                    + " would select "
                                    + attachment.pod()
                                    + ", a macvlan, whose traffic no program of the node sees, so"
                                    + " that it would not hold: end that container first, or have"
                                    + " the policy not select it");
                }
            }
        }
        return change.get();
    }

    /** A manifest of the pod adds labels, as for all others. */
    private static Set<Ref> policies(Attachment attachment, Compilation compilation) {
        Pod pod = CniAgent.pod(attachment);
        Pod manifest = compilation.snapshot().pods().get(attachment.pod());
        if (manifest == null) {
            return compilation.policiesOf(pod);
        }
        Map<String, String> labels = new TreeMap<>(pod.labels().asMap());
        labels.putAll(manifest.labels().asMap());
        return compilation.policiesOf(pod.withLabels(Labels.of(labels)));
    }

    /**
     * Says of whom policies do not hold: those of a directory may have changed between two runs.
     */
    void warn() {
        Compilation now = node.state().compilation();
        for (Attachment attachment : all()) {
            Set<Ref> policies = policies(attachment, now);
            if (!policies.isEmpty()) {
                LOG.log(
                        Level.WARNING,
                        attachment.pod()
                                + " is a macvlan, past the programs of the node: "
                                + policies
                                + " select it and do not hold");
            }
        }
    }

    /** {@return each with what selects it, for {@code Status}} */
    List<Map<String, Object>> status() {
        Compilation now = node.state().compilation();
        List<Map<String, Object>> items = new ArrayList<>();
        for (Attachment attachment : all()) {
            Map<String, Object> item = new LinkedHashMap<>();
            item.put("workload", attachment.pod().path());
            item.put("attached", attachment.kind().toString());
            item.put("ips", attachment.ips().stream().map(Object::toString).toList());
            item.put("notEnforced", policies(attachment, now).stream().map(Ref::toString).toList());
            items.add(item);
        }
        return items;
    }
}
