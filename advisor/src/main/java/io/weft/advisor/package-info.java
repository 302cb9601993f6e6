/**
 * A need to a ranked list of architectures, with reasons, cost, debt and a configuration.
 *
 * <pre>
 *   need.yaml ─NeedReader─▶ Need ─┐
 *   /sys, /proc ─HardwareProbe─▶ Hardware ─┤
 *   Claims, Measurements ─▶ Evidence ──────┼─ Advisor ─▶ Advice ─▶ TextReport, JsonReport,
 *   architectures.yaml ─▶ Catalogue ───────┘                        ApplyReady, TreeDrawing
 * </pre>
 *
 * <p>{@link io.weft.advisor.Constraints} exclude, and say by what; {@link io.weft.advisor.Scoring}
 * gives each candidate that is left a number between 0 and 1 for each {@link
 * io.weft.advisor.Criterion}, with its source; the weighted mean ranks. A figure is taken from what
 * the lab measured on this machine, else from the source document, and always says which. The
 * answer is a function of need, hardware, claims and measurements alone.
 */
@NullMarked
package io.weft.advisor;

import org.jspecify.annotations.NullMarked;
