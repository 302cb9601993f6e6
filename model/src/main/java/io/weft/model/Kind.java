package io.weft.model;

/** The kinds of resources that Weft reads, in the order in which they are applied. */
public enum Kind {
    NAMESPACE("v1", "Namespace", false),
    NODE("v1", "Node", false),
    POD("v1", "Pod", true),
    SERVICE_CIDR("networking.k8s.io/v1", "ServiceCIDR", false),
    SERVICE("v1", "Service", true),
    ENDPOINT_SLICE("discovery.k8s.io/v1", "EndpointSlice", true),
    NETWORK_POLICY("networking.k8s.io/v1", "NetworkPolicy", true),
    CLUSTER_NETWORK_POLICY("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", false),
    CILIUM_NETWORK_POLICY("cilium.io/v2", "CiliumNetworkPolicy", true),
    CILIUM_CLUSTERWIDE_NETWORK_POLICY("cilium.io/v2", "CiliumClusterwideNetworkPolicy", false),
    IPAM_CLAIM("k8s.cni.cncf.io/v1alpha1", "IPAMClaim", true),
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
