package io.weft.flow;

import io.weft.model.Labels;
import io.weft.model.Ref;

/** A pod as it was called when the flow was seen. */
public record NamedPod(Ref ref, Labels labels) {}
