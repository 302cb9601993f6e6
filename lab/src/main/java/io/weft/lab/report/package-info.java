/**
 * The source document's tables beside what the lab measured.
 *
 * <pre>
 *   Claims ──┐
 *            ├──▶ Judge ──▶ Judgement (confirmed, contradicted, not measurable) ──▶ LabReport ──▶ html, md, json
 *   NAME.json┘
 * </pre>
 *
 * <p>Nothing is measured here and nothing estimated: a figure comes from a result file, with its
 * spread and its number of repetitions, or there is none and the reason is said.
 */
@NullMarked
package io.weft.lab.report;

import org.jspecify.annotations.NullMarked;
