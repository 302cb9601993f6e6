package io.weft.agent;

import io.weft.model.Pod;
import io.weft.model.Resource;
import java.util.List;
import java.util.OptionalLong;

/**
 * What is there already when a node starts. It is in force, as manifests and guests, before the
 * process changes anything that an earlier one left.
 */
record Adoption(List<? extends Resource> manifests, List<Guest> guests) {
    static final Adoption NOTHING = new Adoption(List.of(), List.of());

    /**
     * A guest that an earlier process wired.
     *
     * @param cookie SO_NETNS_COOKIE of its namespace; empty: its sockets are not led to services
     */
    record Guest(Pod pod, Endpoint endpoint, OptionalLong cookie) {}
}
