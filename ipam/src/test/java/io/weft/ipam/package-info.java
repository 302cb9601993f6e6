/** Tests of addresses: examples, and a naive twin. */
@NullMarked
package io.weft.ipam;

import org.jspecify.annotations.NullMarked;
