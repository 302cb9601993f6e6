package io.weft.model;

import io.weft.model.LabelSelector.Operator;
import io.weft.model.LabelSelector.Requirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads endpoint selectors of Cilium, whose keys name a source: {@code k8s:app} and {@code any:app}
 * are the label {@code app} of the pod, as is {@code app}; {@code k8s:io.kubernetes.pod.namespace}
 * is the name of its namespace, {@code k8s:io.cilium.k8s.namespace.labels.team} the label {@code
 * team} of its namespace, and {@code reserved:host} an {@link Entity}. A selector that names no
 * namespace means the policy's own (Cilium {@code pkg/k8s/apis/cilium.io/utils}).
 */
final class CiliumSelector {
    private static final String NAMESPACE = "io.kubernetes.pod.namespace";
    private static final String NAMESPACE_LABEL = "io.cilium.k8s.namespace.labels.";
    private static final String POLICY_LABEL = "io.cilium.k8s.policy.";
    private static final String RESERVED = "reserved";

    private final List<Requirement> pods = new ArrayList<>();
    private final List<Requirement> namespaces = new ArrayList<>();
    private final List<Requirement> reserved = new ArrayList<>();

    private CiliumSelector(Field field) {
        for (Requirement r : SelectorReader.requirements(field, CiliumSelector::wrong)) {
            String name = name(r.key());
            if (source(r.key()).equals(RESERVED)) {
                reserved.add(renamed(r, name));
            } else if (name.equals(NAMESPACE)) {
                namespaces.add(renamed(r, Namespace.NAME_LABEL));
            } else if (name.startsWith(NAMESPACE_LABEL)) {
                namespaces.add(renamed(r, name.substring(NAMESPACE_LABEL.length())));
            } else {
                pods.add(renamed(r, name));
            }
        }
    }

    /**
     * {@return whom an endpointSelector selects}
     *
     * @param namespace of the policy; empty for one of the cluster
     */
    static Subject subject(Field field, String namespace) {
        CiliumSelector selector = new CiliumSelector(field);
        if (!selector.reserved.isEmpty()) {
            field.forbidden("reserved labels are peers only; Weft has no such endpoints to judge");
        }
        if (!namespace.isEmpty()) {
            selector.own(field, namespace);
        }
        return new Subject.Pods(
                new LabelSelector(selector.namespaces), new LabelSelector(selector.pods));
    }

    /** A subject is of the policy's own namespace. */
    private void own(Field field, String namespace) {
        Labels name = Labels.EMPTY.with(Namespace.NAME_LABEL, namespace);
        boolean other =
                namespaces.stream()
                        .anyMatch(r -> r.key().equals(Namespace.NAME_LABEL) && !r.matches(name));
        if (other) {
            field.invalid(
                    "names another namespace than the policy's own, "
                            + namespace
                            + "; only a CiliumClusterwideNetworkPolicy judges pods of others");
        }
        namespaces.add(named(namespace));
    }

    /** {@return one item of fromEndpoints or toEndpoints} */
    static Peer peer(Field field, String namespace) {
        CiliumSelector selector = new CiliumSelector(field);
        if (!selector.reserved.isEmpty()) {
            return selector.entity(field);
        }
        if (!namespace.isEmpty() && selector.namespaces.isEmpty()) {
            selector.namespaces.add(named(namespace));
        }
        return new Peer.Pods(
                new LabelSelector(selector.namespaces),
                new LabelSelector(selector.pods),
                field.source());
    }

    private Peer entity(Field field) {
        Requirement only = reserved.getFirst();
        boolean plain =
                switch (only.operator()) {
                    case IN -> only.values().equals(List.of(""));
                    case EXISTS -> true;
                    case NOT_IN, DOES_NOT_EXIST -> false;
                };
        if (!plain || reserved.size() + pods.size() + namespaces.size() > 1) {
            field.forbidden("a reserved label must stand alone, as in reserved:host: \"\"");
        }
        return new Peer.OfEntity(Entity.tryParse(only.key()).orElse(Entity.NONE), field.source());
    }

    private static Requirement named(String namespace) {
        return new Requirement(Namespace.NAME_LABEL, Operator.IN, List.of(namespace));
    }

    private static Requirement renamed(Requirement of, String key) {
        return new Requirement(key, of.operator(), of.values());
    }

    // ---- keys

    private static String source(String key) {
        int colon = key.indexOf(':');
        return colon < 0 ? "any" : key.substring(0, colon);
    }

    private static String name(String key) {
        return key.substring(key.indexOf(':') + 1);
    }

    /** {@return what is wrong with a key} */
    private static Optional<String> wrong(String key) {
        String name = name(key);
        return switch (source(key)) {
            case "any", "k8s" -> {
                if (name.startsWith(POLICY_LABEL)) {
                    yield Optional.of(
                            "clusters and service accounts cannot be selected yet; remove it");
                }
                yield Names.labelKey(
                        name.startsWith(NAMESPACE_LABEL)
                                ? name.substring(NAMESPACE_LABEL.length())
                                : name);
            }
            case RESERVED ->
                    Entity.tryParse(name)
                                    .filter(e -> e != Entity.ALL && e != Entity.CLUSTER)
                                    .isPresent()
                            ? Optional.empty()
                            : Optional.of("no reserved label of Cilium");
            default ->
                    Optional.of(
                            "labels come from k8s or any; write k8s:"
                                    + Tree.shown(name)
                                    + " or "
                                    + Tree.shown(name));
        };
    }
}
