package io.weft.model;

/**
 * A namespace. Its labels always hold {@value #NAME_LABEL}, as the API server adds it.
 *
 * @param name DNS label
 */
public record Namespace(String name, Labels labels, Source source) implements Resource {
    public static final String NAME_LABEL = "kubernetes.io/metadata.name";

    public Namespace {
        labels = labels.with(NAME_LABEL, name);
    }

    @Override
    public Ref ref() {
        return new Ref(Kind.NAMESPACE, "", name);
    }
}
