package io.weft.model;

import java.util.List;

/**
 * A recorded world and the questions about it: the file of {@code weft check --world}.
 *
 * @param flows in the order of the file
 */
public record World(Snapshot snapshot, List<FlowQuery> flows) {
    public World {
        flows = List.copyOf(flows);
    }
}
