package io.weft.model;

import java.util.List;

/**
 * A recorded world and the questions about it: the file of {@code weft check --world}.
 *
 * @param flows in the order of the file
 * @param warnings what is accepted and probably not meant, by line
 */
public record World(Snapshot snapshot, List<FlowQuery> flows, List<Problem> warnings) {
    public World {
        flows = List.copyOf(flows);
        warnings = List.copyOf(warnings);
    }
}
