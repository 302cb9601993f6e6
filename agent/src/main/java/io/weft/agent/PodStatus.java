package io.weft.agent;

import io.weft.model.Ref;
import java.util.Optional;

/**
 * How a pod fares.
 *
 * @param problem why it is not ready; empty when it is
 */
public record PodStatus(Ref pod, Optional<String> problem) {}
