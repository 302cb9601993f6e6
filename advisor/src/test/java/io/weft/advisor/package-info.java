/** Tests of the advisor. */
@NullMarked
package io.weft.advisor;

import org.jspecify.annotations.NullMarked;
