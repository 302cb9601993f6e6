package io.weft.cni;

/**
 * An attachment within one network.
 *
 * @param ifname the interface's name in the container
 */
public record AttachmentId(String containerId, String ifname) {
    @Override
    public String toString() {
        return containerId + "/" + ifname;
    }
}
