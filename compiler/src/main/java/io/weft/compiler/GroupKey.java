package io.weft.compiler;

import io.weft.tables.Direction;
import java.util.List;
import java.util.Map;

/**
 * What pods must have in common to share a group.
 *
 * @param policies that select the pod in this direction, sorted; never empty
 * @param ports for ingress, the pod's own numbers of the names that these policies use; empty for
 *     egress, where the numbers are the other side's
 */
record GroupKey(
        Direction direction, List<Statement.Part> policies, Map<Ports.Name, Integer> ports) {}
