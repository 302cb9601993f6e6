package io.weft.model;

import java.util.List;

/**
 * What manifests say.
 *
 * @param resources in written order
 * @param warnings what is accepted and probably not meant, each file in the order of its lines
 */
public record Manifests(List<Resource> resources, List<Problem> warnings) {
    public Manifests {
        resources = List.copyOf(resources);
        warnings = List.copyOf(warnings);
    }
}
