/**
 * What the source document claims, as data, and the format of what was measured.
 *
 * <pre>
 *   *.yaml ──Claims.load()──▶ Claims: ClaimTable ─ Claim ─▶ metric id
 *                                  │                            │
 *                                  ├─ Milestone, Forecast       │ the same id
 *                                  ▼                            ▼
 *                             reports, advice ◀── Measurement ─ Figure ◀── NAME.json (the lab)
 * </pre>
 *
 * <p>A {@link io.weft.claims.Claim} is one cell of one table, with the words of the document and,
 * where it names a figure, its range and unit. A claim that can be measured names a {@link
 * io.weft.claims.Metric}; a {@link io.weft.claims.Figure} that the lab wrote carries the same id. A
 * figure here is never Weft's own opinion: it is the document's, unchanged. What is added to it,
 * such as how mature a technology is today, names its own source.
 */
@NullMarked
package io.weft.claims;

import org.jspecify.annotations.NullMarked;
