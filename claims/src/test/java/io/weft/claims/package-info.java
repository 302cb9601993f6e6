/** Tests of the claims and of the format of results. */
@NullMarked
package io.weft.claims;

import org.jspecify.annotations.NullMarked;
