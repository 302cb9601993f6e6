/**
 * The words of the field as values, the resources that a user writes, and the readers that turn
 * YAML and JSON into them and say where they are wrong.
 *
 * <pre>
 *   YAML, JSON ──ManifestReader──▶ Manifests: resources (Pod, NetworkPolicy, …), each with its
 *                                     │    Source, and warnings
 *                                     │
 *                                     ▼
 *                    Snapshot ──Delta──▶ Snapshot ──Delta──▶ …
 *                        ▲
 *   a world file ──WorldReader──▶ World: a Snapshot, and FlowQueries about it
 * </pre>
 *
 * <p>Reading goes text → {@code Tree} → {@code Field} → value. A {@code Tree} is what YAML or JSON
 * says, with lines; a {@code Field} adds the path and the API server's words for what is wrong; a
 * reader for each kind knows its fields. Problems are collected, and thrown together as one {@link
 * io.weft.model.ManifestException}; no reader answers with half of the input. What is accepted and
 * probably not meant is a warning beside the resources.
 *
 * <p>There are four kinds of policies. {@link io.weft.model.NetworkPolicy} keeps the words of its
 * manifest; {@link io.weft.model.ClusterNetworkPolicy} and the two kinds of {@link
 * io.weft.model.CiliumNetworkPolicy} share {@link io.weft.model.Subject}, {@link
 * io.weft.model.Peer} and {@link io.weft.model.PortMatch}, in which nothing is implicit: a list
 * means what it holds, and an empty one matches nothing. What a kind has and Weft does not support
 * is refused by its field.
 *
 * <p>Everything here is immutable and canonical when made: two values that mean the same are {@code
 * equals}. A {@link io.weft.model.Snapshot} is one state of the world; applying a {@link
 * io.weft.model.Delta} makes the next one and leaves the old one as it was. Defaults of the
 * Kubernetes API server (such as {@code policyTypes}) are filled in by the reader, so the rest of
 * Weft never sees a missing value that means something.
 */
@NullMarked
package io.weft.model;

import org.jspecify.annotations.NullMarked;
