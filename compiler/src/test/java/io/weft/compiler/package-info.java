/** Tests of the compiler: against recorded verdicts, against the oracle, and by example. */
@NullMarked
package io.weft.compiler;

import org.jspecify.annotations.NullMarked;
