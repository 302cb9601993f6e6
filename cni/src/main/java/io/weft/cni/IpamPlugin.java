package io.weft.cni;

import java.util.List;

/**
 * What a plugin does that others call for addresses: {@code "ipam": {"type": "weft"}}. The promises
 * are those of {@link CniPlugin}.
 */
public interface IpamPlugin {
    /** {@return addresses, routes and DNS, without interfaces} */
    CniResult ipamAdd(CniRequest request);

    void ipamDelete(CniRequest request);

    /** Fails unless the attachment has its addresses. */
    void ipamCheck(CniRequest request);

    void ipamGc(CniRequest request, List<AttachmentId> valid);

    /** Fails with code 50 when no address is left. */
    void ipamStatus(CniRequest request);
}
