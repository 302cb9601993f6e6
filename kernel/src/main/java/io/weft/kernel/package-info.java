/**
 * The only native access of Weft: system calls through the foreign function API.
 *
 * <p>Three ideas carry the package:
 *
 * <ul>
 *   <li>{@link io.weft.kernel.Linux} is the list of system calls that Weft needs, each with its man
 *       page. A call that fails throws {@link io.weft.kernel.KernelException}, which carries the
 *       operation, the object and the errno.
 *   <li>{@link io.weft.kernel.Fd} owns one descriptor and closes it once. {@link
 *       io.weft.kernel.Fd#openCount()} lets tests prove that nothing leaked.
 *   <li>{@link io.weft.kernel.NetNs} names a network namespace. Work inside one runs on a platform
 *       thread of its own, made for it and gone after it, because setns(2) changes a thread for
 *       good. A socket keeps the namespace that it was made in, so callers open sockets inside and
 *       use them anywhere.
 * </ul>
 *
 * <p>Segments handed to {@link io.weft.kernel.Linux} are native memory of an arena that the caller
 * owns. Integers are in host byte order unless a method says otherwise.
 */
@NullMarked
package io.weft.kernel;

import org.jspecify.annotations.NullMarked;
