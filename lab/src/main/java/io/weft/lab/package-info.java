/**
 * Experiments that measure, on the reader's own machine, what others put into tables.
 *
 * <p>An {@link io.weft.lab.Experiment} sets up every path that it compares at once, measures them
 * in turn (A B C, A B C, …) and reports medians, spread and ratios to one of them, so that a
 * machine whose speed drifts bends all paths alike. Nothing is asserted: a figure is printed next
 * to the bar that it was asked to reach.
 *
 * <p>Traffic runs between namespaces that the experiment made. Client and server are processes of
 * their own ({@link io.weft.lab.Peer}), pinned to one processor: the round trip is then the whole
 * processor time of both ends and the path between them.
 */
@NullMarked
package io.weft.lab;

import org.jspecify.annotations.NullMarked;
