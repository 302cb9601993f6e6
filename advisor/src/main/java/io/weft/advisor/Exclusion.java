package io.weft.advisor;

import io.weft.claims.Words;

/**
 * Why an architecture is no candidate.
 *
 * @param constraint the need's field: {@code latency}
 * @param reason with both figures and the source
 * @param relax what the need would have to say instead
 */
public record Exclusion(String constraint, Words reason, Words relax) {}
