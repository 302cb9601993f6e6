package io.weft.compiler;

import io.weft.model.Labels;
import java.util.List;
import java.util.Map;

/** What all addresses of one identity have in common: no policy can tell them apart. */
sealed interface IdentityClass {
    /** {@return the blocks that hold the address and mean whoever has it, sorted} */
    List<Remote.IpBlock> blocks();

    /**
     * An address of a pod.
     *
     * @param namespaceLabels only keys that some peer selector looks at
     * @param labels likewise
     * @param ports only names that some egress rule refers to
     */
    record OfPod(
            String namespace,
            Labels namespaceLabels,
            Labels labels,
            Map<Ports.Name, Integer> ports,
            List<Remote.IpBlock> blocks)
            implements IdentityClass {}

    /**
     * An address of a node other than this one.
     *
     * @param labels only keys that some peer selector looks at
     */
    record OfNode(Labels labels, List<Remote.IpBlock> blocks) implements IdentityClass {}

    /** Any other address that some block holds. */
    record OfBlocks(List<Remote.IpBlock> blocks) implements IdentityClass {}
}
