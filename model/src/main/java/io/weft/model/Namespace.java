package io.weft.model;

import java.util.List;
import java.util.Optional;

/**
 * A namespace. Its labels always hold {@value #NAME_LABEL}, as the API server adds it.
 *
 * @param name DNS label
 * @param audit whether its pods are in audit mode, where they do not say themselves; see {@link
 *     Pod#audit}. Empty: as the node says
 * @param pools where its pods' addresses come from, where they do not say themselves: the first
 *     that has a free one; empty: as the node says
 */
public record Namespace(
        String name, Labels labels, Optional<Boolean> audit, List<String> pools, Source source)
        implements Resource {
    public static final String NAME_LABEL = "kubernetes.io/metadata.name";

    public Namespace {
        labels = labels.with(NAME_LABEL, name);
        pools = List.copyOf(pools);
    }

    /** Makes one that says nothing of audit mode and addresses. */
    public Namespace(String name, Labels labels, Source source) {
        this(name, labels, Optional.empty(), List.of(), source);
    }

    /** Makes one that says nothing of addresses. */
    public Namespace(String name, Labels labels, Optional<Boolean> audit, Source source) {
        this(name, labels, audit, List.of(), source);
    }

    @Override
    public Ref ref() {
        return new Ref(Kind.NAMESPACE, "", name);
    }
}
