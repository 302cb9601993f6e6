/** Tests of the protocol, the client, the server and the suite. */
@NullMarked
package io.weft.cni;

import org.jspecify.annotations.NullMarked;
