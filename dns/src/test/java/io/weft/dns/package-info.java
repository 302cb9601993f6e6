/** Tests of the DNS server; those with sockets stay on loopback. */
@NullMarked
package io.weft.dns;

import org.jspecify.annotations.NullMarked;
