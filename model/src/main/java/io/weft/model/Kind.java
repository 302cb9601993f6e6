package io.weft.model;

/** The kinds of resources that Weft reads, in the order in which they are applied. */
public enum Kind {
    NAMESPACE("v1", "Namespace", false),
    POD("v1", "Pod", true),
    NETWORK_POLICY("networking.k8s.io/v1", "NetworkPolicy", true),
    EXPECTATION("weft.io/v1alpha1", "Expectation", true);

    private final String apiVersion;
    private final String text;
    private final boolean namespaced;

    Kind(String apiVersion, String text, boolean namespaced) {
        this.apiVersion = apiVersion;
        this.text = text;
        this.namespaced = namespaced;
    }

    public String apiVersion() {
        return apiVersion;
    }

    public boolean namespaced() {
        return namespaced;
    }

    /** {@return as manifests spell it: {@code NetworkPolicy}} */
    @Override
    public String toString() {
        return text;
    }
}
