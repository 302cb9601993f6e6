package io.weft.model;

/** One object that a user declared. */
public sealed interface Resource
        permits Namespace,
                Node,
                Pod,
                ServiceCidr,
                Service,
                EndpointSlice,
                NetworkPolicy,
                ClusterNetworkPolicy,
                CiliumNetworkPolicy,
                IpamClaim,
                Expectation {
    Ref ref();

    /** {@return where the object starts} */
    Source source();
}
