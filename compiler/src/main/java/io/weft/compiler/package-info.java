/**
 * Turns what is wanted into what the kernel decides by, and explains it.
 *
 * <pre>
 *   Compilation one = Compiler.compile(snapshot, nodeAddresses);
 *   Compilation two = one.next(delta);          // touches only what depends on the delta
 *   two.tables();                               // for the datapath
 *   two.decide(query).allowed();                // the same answer, from the same tables
 *   Explanation.of(two, query).text();          // and why
 * </pre>
 *
 * <p>Pure: no clock, no files, no sockets, no chance. The stages:
 *
 * <ol>
 *   <li>A front end for each kind of policy writes it as <i>statements</i>: subject, direction, and
 *       clauses of (remote, ports, action, precedence, rule).
 *   <li>Addresses that no clause can tell apart share an <i>identity</i>: pods by the labels that
 *       selectors look at, the port names that egress rules use and the blocks that hold them;
 *       other addresses by the blocks alone.
 *   <li>Pods that the same statements select share a <i>group</i>.
 *   <li>A group's clauses become <i>entries</i>, one for each identity and block of ports, such
 *       that the longest match is the right one.
 * </ol>
 *
 * <p>{@link io.weft.compiler.Oracle} answers the same questions straight from the snapshot, slowly
 * and with no code in common; tests hold the two against each other.
 */
@NullMarked
package io.weft.compiler;

import org.jspecify.annotations.NullMarked;
